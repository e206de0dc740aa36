/* SPDX-License-Identifier: MIT */
/* The token bucket, in a time of its own. */
#include "net/rate.h"

#include <criterion/criterion.h>

TestSuite(rate, .timeout = 60);

static const int64_t SECOND = 1000000000, MILLISECOND = 1000000;

/* When each of @p count tokens could be taken, in nanoseconds, by someone who
 * takes every one as soon as it is there. */
static void take_all(signet_rate *rate, int64_t *times, size_t count)
{
  int64_t now = 0;
  for (size_t i = 0; i < count; i++) {
    int64_t wait = signet_rate_wait(rate, now);
    cr_assert_geq(wait, 0);
    now += wait;
    cr_assert_eq(signet_rate_wait(rate, now), 0, "one wait is enough");
    signet_rate_take(rate);
    times[i] = now;
  }
}

Test(rate, none_or_nonsense_is_no_limit)
{
  static const double rates[] = {0, -1};
  for (size_t i = 0; i < 2; i++) {
    signet_rate rate = {0};
    signet_rate_init(&rate, rates[i], 0);
    for (int k = 0; k < 10000; k++) {
      cr_assert_eq(signet_rate_wait(&rate, 0), 0);
      signet_rate_take(&rate);
    }
    signet_rate_change(&rate, 10, SECOND); /* nothing is owed */
    cr_assert_leq(signet_rate_wait(&rate, SECOND), 101 * MILLISECOND);
  }
}

/* Whatever second one looks at. */
Test(rate, no_second_exceeds_the_rate_and_the_burst)
{
  enum { TAKEN = 4000 };
  static const double rates[] = {0.5, 1, 7, 10, 200, 5000};
  static int64_t times[TAKEN];
  for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
    signet_rate rate = {0};
    signet_rate_init(&rate, rates[i], 0);
    take_all(&rate, times, TAKEN);
    size_t first = 0;
    for (size_t last = 0; last < TAKEN; last++) {
      while (times[last] - times[first] >= SECOND)
        first++;
      cr_assert_leq((double)(last - first + 1), rates[i] + rate.burst + 1e-6,
                    "%zu in a second at %g/s", last - first + 1, rates[i]);
    }
    double all = (double)times[TAKEN - 1] / (double)SECOND;
    cr_expect_geq((double)TAKEN / all, rates[i] * 0.99, "%g/s of %g/s",
                  (double)TAKEN / all, rates[i]);
  }
}

Test(rate, idle_time_is_not_saved_up)
{
  signet_rate rate = {0};
  int taken = 0;
  signet_rate_init(&rate, 1000, 0);
  for (; signet_rate_wait(&rate, 0) == 0; taken++)
    signet_rate_take(&rate);
  cr_expect_eq(taken, 22, "%d at once", taken);
  for (taken = 0; signet_rate_wait(&rate, 3600 * SECOND) == 0; taken++)
    signet_rate_take(&rate);
  cr_expect_eq(taken, 22, "%d at once", taken);
}

/* Two are never nearer to each other than they should be, however late the one
 * before was. */
Test(rate, evenly_makes_up_for_nothing)
{
  signet_rate rate = {.even = true};
  int64_t now = 0;
  signet_rate_init(&rate, 50, now);
  for (int i = 0; i < 20; i++) {
    cr_assert_eq(signet_rate_wait(&rate, now), 0);
    signet_rate_take(&rate);
    int64_t wait = signet_rate_wait(&rate, now);
    cr_expect(wait >= 20 * MILLISECOND && wait <= 20 * MILLISECOND + 100,
              "%lld", (long long)wait);
    now += wait + i * MILLISECOND;
  }
}

Test(rate, it_can_change_at_any_time)
{
  signet_rate rate = {0};
  signet_rate_init(&rate, 1000, 0);
  signet_rate_change(&rate, 2, 0);
  cr_expect_eq(signet_rate_wait(&rate, 0), 0, "one token of the burst is left");
  signet_rate_take(&rate);
  int64_t wait = signet_rate_wait(&rate, 0);
  cr_expect(wait >= 498 * MILLISECOND && wait <= 501 * MILLISECOND, "%lld",
            (long long)wait);
  signet_rate_change(&rate, 20, 0);
  cr_expect_leq(signet_rate_wait(&rate, 0), 51 * MILLISECOND);
  signet_rate_change(&rate, 0, 0);
  cr_expect_eq(signet_rate_wait(&rate, 0), 0);
}
