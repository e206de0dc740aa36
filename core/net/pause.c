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

static void heed_429(signet_pause *pause, int64_t began_ms)
{
  int64_t wait = pause->throttle_ms;
  if (began_ms <= pause->throttled_at)
    return;
  pause->throttled_at = signet_loop_now(pause->loop);
  pause->throttle_ms =
      wait < THROTTLE_MAXIMUM_MS / 2 ? wait * 2 : THROTTLE_MAXIMUM_MS;
  signet_pause_set(pause, wait, "too many requests (HTTP 429)");
}

void signet_pause_heed(signet_pause *pause, int status, int64_t retry_after_ms,
                       int64_t began_ms)
{
  char reason[80];
  if (retry_after_ms > 0) {
    snprintf(reason, sizeof reason, "the service asks for a pause (HTTP %d)",
             status);
    signet_pause_set(pause, retry_after_ms, reason);
  } else if (status == 429) {
    heed_429(pause, began_ms);
  } else if (status != 0) {
    pause->throttle_ms = THROTTLE_MS;
  }
}

void signet_pause_stop(signet_pause *pause)
{
  signet_timer_cancel(pause->timer);
  pause->timer = NULL;
  pause->until = 0;
}
