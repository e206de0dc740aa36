/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_TIMER_H
#define SIGNET_NET_TIMER_H

/* A binary heap of timers, the earliest first. */

#include "signet/loop.h"

typedef struct signet_timers {
  signet_timer **heap;
  size_t count;
  size_t capacity;
  uint64_t started; /* orders timers of the same millisecond */
} signet_timers;

/** @param due  milliseconds of the loop's clock. NULL: out of memory */
signet_timer *signet_timers_add(signet_timers *timers, int64_t due,
                                signet_timer_fn function, void *user);
/** When the earliest is due; -1: there is none. */
int64_t signet_timers_next(const signet_timers *timers);
/** Takes the earliest out if it is due at @p now and was added before
 * `started` was @p end, and tells what to call. @return false: none is due */
bool signet_timers_take(signet_timers *timers, int64_t now, uint64_t end,
                        signet_timer_fn *function, void **user);
void signet_timers_free(signet_timers *timers);

#endif
