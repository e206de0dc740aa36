/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_SLEEP_H
#define SIGNET_NET_SLEEP_H

/* Noticing that the machine slept: the part of the time since it was started
 * that it slept has grown. */

#include "signet/loop.h"

#include <stdint.h>

/** What is to be done after a sleep. Embedded in its owner. */
typedef struct signet_sleeper {
  void (*woken)(void *user, int64_t slept_ms);
  void *user;
  struct signet_sleeper *next;
  struct signet_sleeper *previous;
} signet_sleeper;

/** The sleep of a loop. */
typedef struct signet_sleep {
  int64_t slept_ms; /* by the machine, up to when it was looked last */
  signet_sleeper *first;
  signet_sleep_fn function; /* who is told; NULL: nobody */
  void *user;
} signet_sleep;

void signet_sleep_init(signet_sleep *sleep);
/** How long the machine has slept since this was asked last; 0: it was awake,
 * but for moments. */
int64_t signet_sleep_look(signet_sleep *sleep);
/** Calls everybody who listens; each may end itself, but no other. */
void signet_sleep_tell(signet_sleep *sleep, int64_t slept_ms);
void signet_sleep_listen(signet_sleep *sleep, signet_sleeper *sleeper);
void signet_sleep_unlisten(signet_sleep *sleep, signet_sleeper *sleeper);

/** Lets @p sleeper, whose function and user are set, hear when the machine has
 * slept. */
void signet_loop_add_sleeper(signet_loop *loop, signet_sleeper *sleeper);
/** Ends that. */
void signet_loop_drop_sleeper(signet_loop *loop, signet_sleeper *sleeper);

#endif
