/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_STARTS_H
#define SIGNET_NET_STARTS_H

/* When the last requests started, and which of them the service refused. */

#include <stdbool.h>
#include <stdint.h>

enum { SIGNET_STARTS = 4096 };

typedef struct signet_starts {
  int64_t ns[SIGNET_STARTS];
  bool refused[SIGNET_STARTS];
  unsigned count; /* of all that ever started */
} signet_starts;

/** How many are remembered. */
unsigned signet_starts_known(const signet_starts *starts);
/** When the @p nth last one started, from 1; it is remembered. */
int64_t signet_starts_last(const signet_starts *starts, unsigned nth);

/** One starts now. */
void signet_starts_add(signet_starts *starts, int64_t now_ns);
/** One that started at @p began_ns was not accepted. */
void signet_starts_refuse(signet_starts *starts, int64_t began_ns);

/** How many were accepted of those that started from @p from_ns to @p to_ns,
 * both included, as far as they are remembered. */
unsigned signet_starts_accepted(const signet_starts *starts, int64_t from_ns,
                                int64_t to_ns);

#endif
