/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_BACKLOG_H
#define SIGNET_NET_BACKLOG_H

/* Exchanges that wait for their turn, in the order in which they came; reads
 * and writes apart, so that those whose rate is used up don't hold up the
 * others. */

#include "net/http.h"

typedef struct signet_backlog {
  struct {
    signet_exchange *first;
    signet_exchange *last;
  } lists[2]; /* reads, writes */
  uint64_t added;
} signet_backlog;

void signet_backlog_add(signet_backlog *backlog, signet_exchange *exchange);
void signet_backlog_remove(signet_backlog *backlog, signet_exchange *exchange);
bool signet_backlog_is_empty(const signet_backlog *backlog);
/** The first read and the first write, the older one first, NULL where there is
 * none. */
void signet_backlog_heads(const signet_backlog *backlog,
                          signet_exchange *heads[2]);
/** Whether the exchange is a write. */
bool signet_exchange_writes(const signet_exchange *exchange);

#endif
