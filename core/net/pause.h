/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_PAUSE_H
#define SIGNET_NET_PAUSE_H

/*
 * A pause: until it is over, no exchange of the account is started. Whoever
 * listens hears of it at its beginning, every second, and at its end, so that a
 * countdown can be shown.
 */

#include "signet/loop.h"

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
  int64_t throttled_at; /* when the last 429 paused it that gave no time */
  int64_t throttle_ms;  /* for how long the next one will */
  int64_t asked_until;  /* end of the longest that the service asked for */
  int64_t asked_ms;     /* of all that it asked for together */
  char reason[160];
} signet_pause;

void signet_pause_init(signet_pause *pause, signet_loop *loop,
                       void (*over)(void *user), void *user);
/** Lengthens the pause to @p milliseconds from now, or begins it; one that
 * lasts longer already stays as it is. */
void signet_pause_set(signet_pause *pause, int64_t milliseconds,
                      const char *reason);
/** A reply, as far as pauses go. */
typedef struct signet_pause_reply {
  int status;             /* of HTTP; 0: there was none */
  int meaning;            /* the status that it amounts to */
  int64_t retry_after_ms; /* -1: it does not say; 0, "at once", says no more */
  int64_t began_ms;       /* when its request left: of those that left together
                             one counts */
} signet_pause_reply;

/** Pauses where a reply asks for it: one of 429, or of 503 that says when to
 * come back. */
void signet_pause_heed(signet_pause *pause, const signet_pause_reply *reply);
/** Milliseconds of pauses that the service asked for and that have passed, and
 * of sleep. */
int64_t signet_pause_asked(const signet_pause *pause);
/** The machine slept until now; of what the service asked for as well. */
void signet_pause_slept(signet_pause *pause, int64_t slept_ms);
/** Milliseconds left; 0: there is no pause. */
int64_t signet_pause_left(const signet_pause *pause);
/** Whether nothing may be started now. Where `timer` is NULL although it holds,
 * memory ran out and the caller has to look again. */
bool signet_pause_holds(signet_pause *pause);
/** Ends it before its time. */
void signet_pause_end(signet_pause *pause);
/** Ends it without a word. */
void signet_pause_stop(signet_pause *pause);

#endif
