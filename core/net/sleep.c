/* SPDX-License-Identifier: MIT */
#include "net/sleep.h"

#include "net/loop_state.h"

#include "model/clock.h"

/* A shorter sleep breaks no connection. */
enum { SHORTEST_MS = 2000 };

void signet_sleep_init(signet_sleep *sleep)
{
  *sleep = (signet_sleep){.slept_ms = signet_clock_slept_ms()};
}

int64_t signet_sleep_look(signet_sleep *sleep)
{
  int64_t slept_ms = signet_clock_slept_ms();
  int64_t more = slept_ms - sleep->slept_ms;
  sleep->slept_ms = slept_ms;
  return more >= SHORTEST_MS ? more : 0;
}

void signet_sleep_tell(signet_sleep *sleep, int64_t slept_ms)
{
  signet_sleeper *next;
  for (signet_sleeper *one = sleep->first; one != NULL; one = next) {
    next = one->next;
    one->woken(one->user, slept_ms);
  }
  if (sleep->function != NULL)
    sleep->function(sleep->user, slept_ms);
}

void signet_sleep_listen(signet_sleep *sleep, signet_sleeper *sleeper)
{
  sleeper->previous = NULL;
  sleeper->next = sleep->first;
  if (sleeper->next != NULL)
    sleeper->next->previous = sleeper;
  sleep->first = sleeper;
}

void signet_sleep_unlisten(signet_sleep *sleep, signet_sleeper *sleeper)
{
  if (sleeper->previous != NULL)
    sleeper->previous->next = sleeper->next;
  else
    sleep->first = sleeper->next;
  if (sleeper->next != NULL)
    sleeper->next->previous = sleeper->previous;
}

/* ---- of a loop ---- */

void signet_loop_on_sleep(signet_loop *loop, signet_sleep_fn function,
                          void *user)
{
  loop->sleep.function = function;
  loop->sleep.user = user;
}

void signet_loop_add_sleeper(signet_loop *loop, signet_sleeper *sleeper)
{
  signet_sleep_listen(&loop->sleep, sleeper);
}

void signet_loop_drop_sleeper(signet_loop *loop, signet_sleeper *sleeper)
{
  signet_sleep_unlisten(&loop->sleep, sleeper);
}
