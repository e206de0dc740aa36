/* SPDX-License-Identifier: MIT */
/* Requests at once, the pace, rates that were given, and single replies. */
#include "paced_service.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

TestSuite(pacer, .timeout = 60);

static const int64_t SECOND = 1000000000;

/* ---- requests at once ---- */

Test(pacer, many_at_once_are_reached_in_a_few_round_trips)
{
  service_model service = {.limiter = LIMIT_NONE, .latency_ms = 50};
  begin(&service, 64);
  go_on_for(0.04);
  cr_expect_eq(at.count, 8);
  go_on_for(0.16); /* four round trips */
  cr_expect_eq(at.count, 64);
  go_on_for(10);
  cr_expect_eq(at.most_in_flight, 64);
  cr_expect_geq(accepted_a_second(), 64 / 0.0505 * 0.97);
}

Test(pacer, it_never_exceeds_the_concurrency)
{
  service_model service = {.limiter = LIMIT_NONE, .latency_ms = 5};
  static const unsigned limits[] = {1, 2, 5, 8, 100};
  for (size_t i = 0; i < 5; i++) {
    begin(&service, limits[i]);
    go_on_for(3);
    cr_expect_eq(at.most_in_flight, limits[i]);
  }
}

Test(pacer, failures_shrink_the_window_and_it_recovers)
{
  service_model service = {
      .limiter = LIMIT_NONE, .latency_ms = 20, .failing = 1};
  begin(&service, 64);
  go_on_for(2);
  cr_expect_lt(at.count, 3, "%zu at once while all fail", at.count);
  at.service.failing = 0;
  go_on_for(5);
  cr_expect_geq(at.count, 63);
}

Test(pacer, a_failure_now_and_then_shrinks_nothing)
{
  service_model service = {
      .limiter = LIMIT_NONE, .latency_ms = 20, .failing = 25};
  begin(&service, 64);
  go_on_for(10);
  cr_expect_geq(at.count, 63);
}

Test(pacer, a_service_that_becomes_slow_gets_less)
{
  service_model service = {
      .limiter = LIMIT_NONE, .latency_ms = 30, .overload = 16};
  begin(&service, 64);
  int few = 0;
  for (int i = 0; i < 600; i++) {
    go_on_for(0.1);
    few += at.count <= 24;
    cr_assert_geq(at.count, 8);
  }
  cr_expect_geq(few, 400, "%d of 600 times", few);
}

/* ---- the pace ---- */

Test(pacer, gently_is_a_quarter_at_once_and_half_of_a_rate)
{
  service_model service = {.limiter = LIMIT_NONE, .latency_ms = 50};
  begin(&service, 64);
  signet_pacer_change(&at.pacer, SIGNET_PACE_GENTLE, at.now);
  go_on_for(5);
  cr_expect_eq(at.most_in_flight, 16);
  signet_pacer_change(&at.pacer, SIGNET_PACE_NORMAL, at.now);
  go_on_for(5);
  cr_expect_eq(at.most_in_flight, 64);
  const signet_pacer_options options = {
      .concurrency = 16, .write_rate = 100, .pace = SIGNET_PACE_GENTLE};
  begin(&service, 16);
  signet_pacer_init(&at.pacer, &options, at.now);
  go_on_for(10);
  cr_expect_float_eq(accepted_a_second(), 50, 1);
  at.accepted = 0;
  at.began = at.now;
  signet_pacer_change(&at.pacer, SIGNET_PACE_NORMAL, at.now);
  go_on_for(10);
  cr_expect_float_eq(accepted_a_second(), 100, 2);
}

Test(pacer, fast_begins_with_all)
{
  service_model service = {.limiter = LIMIT_NONE, .latency_ms = 50};
  const signet_pacer_options options = {.concurrency = 64,
                                        .pace = SIGNET_PACE_FAST};
  begin(&service, 64);
  signet_pacer_init(&at.pacer, &options, at.now);
  go_on_for(0.01);
  cr_expect_eq(at.count, 64);
}

Test(pacer, fast_takes_all_at_once_whenever_it_comes)
{
  service_model service = {.limiter = LIMIT_NONE, .latency_ms = 50};
  begin(&service, 64);
  go_on_for(0.01);
  cr_expect_eq(at.count, 8);
  signet_pacer_change(&at.pacer, SIGNET_PACE_FAST, at.now);
  go_on_for(0.01);
  cr_expect_eq(at.count, 64);
}

Test(pacer, gently_is_half_of_what_was_found_out_too)
{
  service_model service = {.limiter = LIMIT_NONE, .latency_ms = 5};
  const signet_learned learned = {.rate = 100};
  begin(&service, 16);
  signet_pacer_teach(&at.pacer, &learned, at.now);
  signet_pacer_change(&at.pacer, SIGNET_PACE_GENTLE, at.now);
  go_on_for(5);
  cr_expect_leq(accepted_a_second(), 51);
  cr_expect_geq(accepted_a_second(), 46);
}

Test(pacer, one_at_a_time_is_the_least)
{
  service_model service = {.limiter = LIMIT_NONE, .latency_ms = 5};
  begin(&service, 2);
  signet_pacer_change(&at.pacer, SIGNET_PACE_GENTLE, at.now);
  go_on_for(1);
  cr_expect_eq(at.most_in_flight, 1);
}

/* ---- rates that were given ---- */

/* When requests may start by these rates alone, every third one a read. */
static void start_by_rates(const signet_pacer_options *options, bool write,
                           size_t count, int64_t *times)
{
  signet_pacer pacer;
  int64_t now = 0;
  const signet_pacer_reply done = {
      .status = 200, .write = write, .ordinary = true};
  signet_pacer_init(&pacer, options, now);
  for (size_t i = 0; i < count; i++) {
    int64_t wait = signet_pacer_wait(&pacer, write, now);
    cr_assert_geq(wait, 0);
    now += wait;
    signet_pacer_start(&pacer, write, now);
    signet_pacer_end(&pacer, &done, now);
    times[i] = now;
  }
}

Test(pacer, no_second_exceeds_a_rate_and_its_burst)
{
  enum { COUNT = 1000 };
  static int64_t times[COUNT];
  static const struct {
    signet_pacer_options options;
    bool write;
    double most;
  } cases[] = {
      {{16, 20, 0, 0, SIGNET_PACE_NORMAL}, false, 20},
      {{16, 20, 0, 0, SIGNET_PACE_FAST}, true, 20},
      {{16, 0, 30, 10, SIGNET_PACE_NORMAL}, false, 30},
      {{16, 0, 30, 10, SIGNET_PACE_NORMAL}, true, 10},
      {{16, 20, 100, 100, SIGNET_PACE_NORMAL}, true, 20},
      {{16, 20, 0, 0, SIGNET_PACE_GENTLE}, true, 10},
      {{16, 200, 0, 0, SIGNET_PACE_NORMAL}, true, 200},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    start_by_rates(&cases[i].options, cases[i].write, COUNT, times);
    double burst = cases[i].most / 50 > 1 ? cases[i].most / 50 : 1;
    size_t first = 0;
    for (size_t last = 0; last < COUNT; last++) {
      while (times[last] - times[first] >= SECOND)
        first++;
      cr_assert_leq((double)(last - first + 1), cases[i].most + burst + 1e-6);
    }
    cr_expect_geq((double)COUNT / ((double)times[COUNT - 1] / 1e9),
                  cases[i].most * 0.97);
  }
}

Test(pacer, reads_do_not_wait_for_writes)
{
  const signet_pacer_options options = {
      .concurrency = 16, .write_rate = 0.1, .pace = SIGNET_PACE_NORMAL};
  signet_pacer pacer;
  signet_pacer_init(&pacer, &options, 0);
  signet_pacer_start(&pacer, true, 0);
  cr_expect_gt(signet_pacer_wait(&pacer, true, 0), 9 * SECOND);
  cr_expect_eq(signet_pacer_wait(&pacer, false, 0), 0);
}

/* ---- what is kept ---- */

Test(pacer, what_was_learned)
{
  service_model service = {.limiter = LIMIT_NONE, .latency_ms = 20};
  signet_learned learned;
  begin(&service, 16);
  go_on_for(5);
  signet_pacer_learned(&at.pacer, &learned);
  cr_expect_eq(learned.concurrency, 0);
  cr_expect(learned.rate >= 0 && learned.rate <= 0);
  at.service.failing = 1;
  go_on_for(1);
  signet_pacer_learned(&at.pacer, &learned);
  cr_expect(learned.concurrency >= 1 && learned.concurrency < 16);
}

Test(pacer, nonsense_is_not_learned)
{
  static const double rates[] = {-1, 0, 1e300, -0.0};
  service_model service = {.limiter = LIMIT_NONE, .latency_ms = 20};
  for (size_t i = 0; i < 4; i++) {
    const signet_learned learned = {.rate = rates[i],
                                    .concurrency = 4000000000U};
    begin(&service, 16);
    signet_pacer_teach(&at.pacer, &learned, at.now);
    go_on_for(2);
    cr_expect_eq(at.most_in_flight, 16);
  }
  const signet_learned none = {.rate = 0.0 / 0.0};
  begin(&service, 16);
  signet_pacer_teach(&at.pacer, &none, at.now);
  go_on_for(2);
  cr_expect_eq(at.most_in_flight, 16);
}

/* ---- single replies ---- */

static signet_pacer_reply reply_at(int status, int64_t began_ns)
{
  return (signet_pacer_reply){
      .began_ns = began_ns, .status = status, .ordinary = true};
}

enum { SECOND_NS = 1000000000 };

/* A reply to what began long ago counts for that time, or not at all. */
Test(pacer, late_replies_do_not_count_as_new_ones)
{
  const signet_pacer_options options = {.concurrency = 4,
                                        .pace = SIGNET_PACE_NORMAL};
  signet_pacer pacer;
  signet_learned learned;
  int64_t now = INT64_C(1000) * SECOND_NS;
  signet_pacer_init(&pacer, &options, now);
  for (int i = 0; i < 3; i++)
    signet_pacer_start(&pacer, false, now);
  signet_pacer_reply fresh = reply_at(200, now);
  signet_pacer_reply late = reply_at(200, now - INT64_C(900) * SECOND_NS);
  signet_pacer_reply refused = reply_at(429, now + 1);
  signet_pacer_end(&pacer, &fresh, now);
  signet_pacer_end(&pacer, &late, now);
  signet_pacer_end(&pacer, &refused, now + 2);
  cr_expect_geq(signet_pacer_wait(&pacer, false, now + 3), 0);
  signet_pacer_learned(&pacer, &learned);
  cr_expect_gt(learned.rate, 0);
  cr_expect_lt(learned.rate, 1000);
}

/* A second 429 of the same moment tells nothing new. */
Test(pacer, refusals_of_one_moment_are_one)
{
  const signet_pacer_options options = {.concurrency = 4,
                                        .pace = SIGNET_PACE_NORMAL};
  signet_pacer pacer;
  signet_learned first;
  signet_learned second;
  int64_t now = INT64_C(1000) * SECOND_NS;
  signet_pacer_init(&pacer, &options, now);
  for (int i = 0; i < 3; i++)
    signet_pacer_start(&pacer, false, now);
  signet_pacer_reply refused = reply_at(429, now + 10);
  signet_pacer_end(&pacer, &refused, now + 20);
  refused.began_ns = now + 30;
  signet_pacer_end(&pacer, &refused, now + 40); /* nothing went out since */
  signet_pacer_wait(&pacer, false, now + 50);
  signet_pacer_learned(&pacer, &first);
  refused.began_ns = now + 15; /* it left before the first was refused */
  signet_pacer_end(&pacer, &refused, now + 60);
  signet_pacer_wait(&pacer, false, now + 70);
  signet_pacer_learned(&pacer, &second);
  cr_expect_float_eq(second.rate, first.rate, 1e-9, "%g %g", second.rate,
                     first.rate);
}

Test(pacer, a_rate_of_next_to_nothing_is_none)
{
  const signet_pacer_options options = {.concurrency = 4,
                                        .pace = SIGNET_PACE_NORMAL};
  const signet_learned learned = {.rate = 1e-9, .concurrency = 0};
  signet_pacer pacer;
  signet_learned kept;
  signet_pacer_init(&pacer, &options, SECOND_NS);
  signet_pacer_teach(&pacer, &learned, SECOND_NS);
  signet_pacer_learned(&pacer, &kept);
  cr_expect_leq(kept.rate, 0);
}

/* Once failures have shrunk the window, fast doesn't open it again by itself.
 */
Test(pacer, fast_does_not_forget_what_failed)
{
  service_model service = {.limiter = LIMIT_NONE, .latency_ms = 20};
  signet_learned learned;
  begin(&service, 16);
  at.service.failing = 1;
  go_on_for(2);
  signet_pacer_change(&at.pacer, SIGNET_PACE_FAST, at.now);
  signet_pacer_learned(&at.pacer, &learned);
  cr_expect(learned.concurrency >= 1 && learned.concurrency < 16);
}

/* What was found out grows while it holds back, each time by no longer than
 * twice what lies between two requests at the lowest rate. */
Test(pacer, a_long_wait_is_no_reason_to_hurry)
{
  const signet_pacer_options options = {.concurrency = 4,
                                        .pace = SIGNET_PACE_NORMAL};
  const signet_learned known = {.rate = 10, .concurrency = 0};
  signet_pacer pacer;
  signet_learned learned;
  int64_t now = SECOND_NS;
  signet_pacer_init(&pacer, &options, now);
  signet_pacer_teach(&pacer, &known, now);
  while (signet_pacer_wait(&pacer, false, now) == 0) {
    signet_pacer_start(&pacer, false, now);
    signet_pacer_end(&pacer, NULL, now);
  }
  signet_pacer_start(&pacer, false, now + INT64_C(3600) * SECOND_NS);
  signet_pacer_learned(&pacer, &learned);
  cr_expect_float_eq(learned.rate, 10, 1e-9);
  cr_expect_float_eq(pacer.limit.past.age, 4, 1e-9);
}
