/* SPDX-License-Identifier: MIT */
#include "account/watch_plan.h"

#include "account/account.h"

/* The longest pause between lists for reviews is 30 times the first one. */
enum { INTERVAL_GROWTH = 30 };

/* A search for what was created begins with short pauses: its script waits. */
enum { SEARCH_MS = 1000, SEARCH_GROWTH = 3 };

/* Lists take at most so much of a processor, a hundredth while nothing happens
 * and a tenth while reviews are decided: of a hundred thousand entries they
 * come less often than of a hundred. */
enum { IDLE_SHARE = 100, BUSY_SHARE = 10 };

static void limit_interval(signet_watch *watch)
{
  int64_t longest = watch->account->settings.poll_interval_ms * INTERVAL_GROWTH;
  if (watch->interval_ms > longest)
    watch->interval_ms = longest;
}

int64_t signet_watch_least_interval(const signet_watch *watch)
{
  int64_t poll_ms = watch->account->settings.poll_interval_ms;
  int64_t longest = poll_ms * INTERVAL_GROWTH;
  int64_t cost_ms = watch->cost_ms * BUSY_SHARE;
  if (cost_ms > longest)
    return longest;
  return cost_ms > poll_ms ? cost_ms : poll_ms;
}

void signet_watch_plan_review(signet_watch *watch)
{
  if (watch->reviews == 0) {
    watch->interval_ms = watch->account->settings.poll_interval_ms;
    return;
  }
  if (!watch->review_turn)
    return;
  if (watch->interval_ms < watch->cost_ms * IDLE_SHARE)
    watch->interval_ms = watch->cost_ms * IDLE_SHARE;
  limit_interval(watch);
  watch->review_due =
      signet_loop_now(watch->account->loop) + watch->interval_ms;
  watch->interval_ms += (watch->interval_ms + 1) / 2;
  limit_interval(watch);
}

static int64_t first_search_ms(const signet_watch *watch)
{
  int64_t poll_ms = watch->account->settings.poll_interval_ms;
  return poll_ms < SEARCH_MS ? poll_ms : SEARCH_MS;
}

void signet_watch_plan_first_search(signet_watch *watch)
{
  watch->search_failures = 0;
  watch->search_ms = first_search_ms(watch);
  watch->search_due = signet_loop_now(watch->account->loop);
}

void signet_watch_plan_next_search(signet_watch *watch)
{
  int64_t longest = first_search_ms(watch) * SEARCH_GROWTH;
  watch->search_successes = watch->account->retry.successes;
  watch->search_due = signet_loop_now(watch->account->loop) + watch->search_ms;
  watch->search_ms += (watch->search_ms + 1) / 2;
  if (watch->search_ms > longest)
    watch->search_ms = longest;
}

void signet_watch_plan_search(signet_watch *watch)
{
  if (watch->search_failures == 0 ||
      watch->search_successes != watch->account->retry.successes)
    signet_watch_plan_first_search(watch);
}
