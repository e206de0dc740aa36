/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_NOTICE_H
#define SIGNET_NET_NOTICE_H

/* What reaches the loop from other threads and from signal handlers. */

#include "signet/loop.h"

#include <stdatomic.h>

/** What another thread can tell the loop: a function to be called from a step,
 * once for any number of times that it was told. Embedded in its owner. */
typedef struct signet_notice {
  void (*function)(void *user);
  void *user;
  struct signet_notice *next;
  struct signet_notice *previous;
  atomic_bool told;
} signet_notice;

/** Lets @p notice, whose function and user are set, be told. */
void signet_loop_listen(signet_loop *loop, signet_notice *notice);
/** Ends that; no thread may tell it any more. */
void signet_loop_unlisten(signet_loop *loop, signet_notice *notice);
/** Tells the loop, from any thread. */
void signet_loop_tell(signet_loop *loop, signet_notice *notice);

/** Calls those that were told; each may end itself, but no other. */
void signet_notices_run(signet_loop *loop);
/** Whether one was told that was not called yet. */
bool signet_notices_told(const signet_loop *loop);

#endif
