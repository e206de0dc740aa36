/* SPDX-License-Identifier: MIT */
/* The clocks, and what they show of a machine that slept. */
#include "model/clock.h"

#include "moved_clock.h"

#include <criterion/criterion.h>

#include <time.h>

TestSuite(clock);

Test(clock, boot_time_never_goes_back)
{
  int64_t last = signet_clock_boot_ns();
  cr_expect_gt(last, 0);
  for (int i = 0; i < 10000; i++) {
    int64_t now = signet_clock_boot_ns();
    cr_assert_geq(now, last);
    last = now;
  }
}

Test(clock, unix_time_is_the_systems)
{
  int64_t before = (int64_t)time(NULL);
  int64_t ms = signet_clock_unix_ms(), us = signet_clock_unix_us();
  cr_expect_geq(ms / 1000, before);
  cr_expect_geq(us / 1000, ms);
  cr_expect_leq(us / 1000000, (int64_t)time(NULL) + 1);
}

Test(clock, boot_time_counts_sleep)
{
  enum { HOUR_MS = 3600 * 1000 };
  int64_t boot = signet_clock_boot_ms(), slept = signet_clock_slept_ms();
  moved_clock_sleep(HOUR_MS);
  cr_expect_geq(signet_clock_boot_ms(), boot + HOUR_MS);
  cr_expect_geq(signet_clock_slept_ms(), slept + HOUR_MS);
}

Test(clock, a_pause_is_no_sleep)
{
  int64_t boot = signet_clock_boot_ns(), slept = signet_clock_slept_ms();
  int64_t busy = signet_clock_processor_ns();
  signet_clock_pause(20);
  cr_expect_geq(signet_clock_boot_ns(), boot + 20 * INT64_C(1000000));
  cr_expect_lt(signet_clock_slept_ms(), slept + 20);
  cr_expect_geq(signet_clock_processor_ns(), busy);
}
