/* SPDX-License-Identifier: MIT */
#include "net/backlog.h"

#include <string.h>

bool signet_exchange_writes(const signet_exchange *exchange)
{
  return strcmp(exchange->method, "GET") != 0;
}

/* A probe is the only one that may go, and goes before all; what is urgent goes
 * before the rest. */
static void add_first(signet_backlog *backlog, signet_exchange *exchange)
{
  int list = signet_exchange_writes(exchange);
  signet_exchange *first = backlog->lists[list].first;
  exchange->order = 0;
  exchange->previous = NULL;
  exchange->next = first;
  if (first != NULL)
    first->previous = exchange;
  else
    backlog->lists[list].last = exchange;
  backlog->lists[list].first = exchange;
}

static void add_last(signet_backlog *backlog, signet_exchange *exchange)
{
  int list = signet_exchange_writes(exchange);
  signet_exchange *last = backlog->lists[list].last;
  exchange->order = ++backlog->added;
  exchange->next = NULL;
  exchange->previous = last;
  if (last != NULL)
    last->next = exchange;
  else
    backlog->lists[list].first = exchange;
  backlog->lists[list].last = exchange;
}

void signet_backlog_add(signet_backlog *backlog, signet_exchange *exchange)
{
  exchange->state = SIGNET_EXCHANGE_QUEUED;
  if (exchange->probe || exchange->urgent)
    add_first(backlog, exchange);
  else
    add_last(backlog, exchange);
}

void signet_backlog_remove(signet_backlog *backlog, signet_exchange *exchange)
{
  int list = signet_exchange_writes(exchange);
  exchange->state = SIGNET_EXCHANGE_IDLE;
  if (exchange->previous != NULL)
    exchange->previous->next = exchange->next;
  else
    backlog->lists[list].first = exchange->next;
  if (exchange->next != NULL)
    exchange->next->previous = exchange->previous;
  else
    backlog->lists[list].last = exchange->previous;
}

bool signet_backlog_is_empty(const signet_backlog *backlog)
{
  return backlog->lists[0].first == NULL && backlog->lists[1].first == NULL;
}

void signet_backlog_heads(const signet_backlog *backlog,
                          signet_exchange *heads[2])
{
  signet_exchange *read = backlog->lists[0].first;
  signet_exchange *write = backlog->lists[1].first;
  bool write_first =
      read == NULL || (write != NULL && write->order < read->order);
  heads[0] = write_first ? write : read;
  heads[1] = write_first ? read : write;
}
