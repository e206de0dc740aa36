/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_ALARM_H
#define SIGNET_NET_ALARM_H

/* Times that milliseconds are too coarse for. */

#include "signet/loop.h"

/** A function to be called at a time that a timer's milliseconds are too coarse
 * for; a descriptor, so that who waits for the loop's own comes in time, too.
 * Embedded in its owner. */
typedef struct signet_alarm {
  void (*function)(void *user);
  void *user;
  int descriptor; /* 0: there is none yet */
  struct signet_alarm *next;
} signet_alarm;

/** Sets @p alarm, whose function and user are set, to @p delay_ns from now,
 * more than 0; it rings once. False: the system has no descriptor for it. */
bool signet_alarm_set(signet_loop *loop, signet_alarm *alarm, int64_t delay_ns);
/** Ends it, whether or not it was ever set. */
void signet_alarm_end(signet_loop *loop, signet_alarm *alarm);

/** Whether the descriptor is an alarm's, which then rings: it may end itself.
 */
bool signet_alarm_ring(const signet_loop *loop, int descriptor);

#endif
