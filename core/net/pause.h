/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_PAUSE_H
#define SIGNET_NET_PAUSE_H

/*
 * A pause: until it is over, no exchange of the account is started. Whoever
 * listens hears of it at its beginning, every second, and at its end, so that a
 * countdown can be shown.
 */

#include "net/loop_internal.h"

/** @param milliseconds  left; 0: the pause is over. @param reason  borrowed */
typedef void (*signet_pause_notice)(void *user, int64_t milliseconds,
                                    const char *reason);

typedef struct signet_pause {
  signet_loop *loop;
  void (*over)(void *user); /* what is to go on afterwards */
  void *user;
  signet_pause_notice notice; /* NULL: nobody listens */
  void *notice_user;
  int64_t until; /* in the loop's time; 0: there is no pause */
  signet_timer *timer;
  char reason[160];
} signet_pause;

void signet_pause_init(signet_pause *pause, signet_loop *loop,
                       void (*over)(void *user), void *user);
/** Lengthens the pause to @p milliseconds from now, or begins it; one that
 * lasts longer already stays as it is. */
void signet_pause_set(signet_pause *pause, int64_t milliseconds,
                      const char *reason);
/** Milliseconds left; 0: there is no pause. */
int64_t signet_pause_left(const signet_pause *pause);
/** Whether nothing may be started now. Where `timer` is NULL although it holds,
 * memory ran out and the caller has to look again. */
bool signet_pause_holds(signet_pause *pause);
/** Ends it without a word. */
void signet_pause_stop(signet_pause *pause);

#endif
