/* SPDX-License-Identifier: MIT */
#include "net/pause.h"

#include <stdio.h>

enum {
  NOTICE_MS = 1000,
  /* How long to leave a service alone that is asked too much and does not say,
   * or says to come back at once: twice as long each time, until something else
   * is answered. */
  THROTTLE_MS = 250,
  THROTTLE_MAXIMUM_MS = 30 * 1000
};

static void on_timer(void *user);

void signet_pause_init(signet_pause *pause, signet_loop *loop,
                       void (*over)(void *user), void *user)
{
  *pause = (signet_pause){
      .loop = loop, .over = over, .user = user, .throttle_ms = THROTTLE_MS};
}

int64_t signet_pause_left(const signet_pause *pause)
{
  if (pause->until == 0)
    return 0;
  int64_t left = pause->until - signet_loop_now(pause->loop);
  return left > 0 ? left : 0;
}

static void tell(const signet_pause *pause, int64_t left)
{
  if (pause->notice != NULL)
    pause->notice(pause->notice_user, left, pause->reason);
}

/* The notices come when whole seconds are left, so that a countdown shows each
 * of them once. */
static void schedule(signet_pause *pause, int64_t left)
{
  int64_t wait = left % NOTICE_MS;
  pause->timer = signet_timer_start(pause->loop, wait > 0 ? wait : NOTICE_MS,
                                    on_timer, pause);
}

static void end(signet_pause *pause)
{
  pause->until = 0;
  tell(pause, 0);
  pause->over(pause->user);
}

void signet_pause_end(signet_pause *pause)
{
  signet_timer_cancel(pause->timer);
  pause->timer = NULL;
  if (pause->until != 0)
    end(pause);
}

bool signet_pause_holds(signet_pause *pause)
{
  if (pause->until == 0)
    return false;
  int64_t left = signet_pause_left(pause);
  if (pause->timer == NULL)
    schedule(pause, left); /* there was no memory for it */
  if (pause->timer == NULL && left == 0)
    pause->until = 0;
  return pause->until != 0;
}

static void on_timer(void *user)
{
  signet_pause *pause = user;
  int64_t left = signet_pause_left(pause);
  pause->timer = NULL;
  if (left > 0) {
    schedule(pause, left);
    tell(pause, left);
  } else {
    end(pause);
  }
}

void signet_pause_set(signet_pause *pause, int64_t milliseconds,
                      const char *reason)
{
  int64_t until = signet_loop_now(pause->loop) + milliseconds;
  if (milliseconds <= 0 || until <= pause->until)
    return;
  pause->until = until;
  snprintf(pause->reason, sizeof pause->reason, "%s", reason);
  signet_timer_cancel(pause->timer);
  schedule(pause, milliseconds);
  tell(pause, milliseconds);
}

/* Those that overlap count once. */
static void count_asked(signet_pause *pause, int64_t milliseconds)
{
  int64_t now = signet_loop_now(pause->loop);
  int64_t from = pause->asked_until > now ? pause->asked_until : now;
  if (now + milliseconds <= from)
    return;
  pause->asked_ms += now + milliseconds - from;
  pause->asked_until = now + milliseconds;
}

int64_t signet_pause_asked(const signet_pause *pause)
{
  int64_t left = pause->asked_until - signet_loop_now(pause->loop);
  return pause->asked_ms - (left > 0 ? left : 0);
}

void signet_pause_slept(signet_pause *pause, int64_t slept_ms)
{
  int64_t began = signet_loop_now(pause->loop) - slept_ms;
  int64_t asked = pause->asked_until - began;
  if (asked < 0)
    asked = 0;
  if (asked < slept_ms)
    pause->asked_ms += slept_ms - asked;
}

static void heed_throttle(signet_pause *pause, const signet_pause_reply *reply)
{
  int64_t wait = pause->throttle_ms;
  char reason[80];
  if (reply->began_ms <= pause->throttled_at)
    return;
  pause->throttled_at = signet_loop_now(pause->loop);
  pause->throttle_ms =
      wait < THROTTLE_MAXIMUM_MS / 2 ? wait * 2 : THROTTLE_MAXIMUM_MS;
  snprintf(reason, sizeof reason, "too many requests (HTTP %d)", reply->status);
  signet_pause_set(pause, wait, reason);
}

void signet_pause_heed(signet_pause *pause, const signet_pause_reply *reply)
{
  char reason[80];
  bool throttled = reply->meaning == 429;
  if ((throttled || reply->meaning == 503) && reply->retry_after_ms > 0) {
    snprintf(reason, sizeof reason, "the service asks for a pause (HTTP %d)",
             reply->status);
    count_asked(pause, reply->retry_after_ms);
    signet_pause_set(pause, reply->retry_after_ms, reason);
  } else if (throttled) {
    heed_throttle(pause, reply);
  } else if (reply->status != 0) {
    pause->throttle_ms = THROTTLE_MS;
  }
}

void signet_pause_stop(signet_pause *pause)
{
  signet_timer_cancel(pause->timer);
  pause->timer = NULL;
  pause->until = 0;
}
