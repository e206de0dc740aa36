/* SPDX-License-Identifier: MIT */
/* What a refusal tells, by requests whose times are known. */
#include "net/refusal.h"

#include <criterion/criterion.h>

#include <string.h>

static const int64_t SECOND = 1000000000, MS = 1000000;

static signet_starts starts;

static void clear(void)
{
  memset(&starts, 0, sizeof starts);
}

TestSuite(starts, .init = clear, .timeout = 30);
TestSuite(refusal, .init = clear, .timeout = 30);

/* `count` requests, `apart` from one another. @return when the next is due */
static int64_t send(int64_t from, size_t count, int64_t apart)
{
  for (size_t i = 0; i < count; i++)
    signet_starts_add(&starts, from + (int64_t)i * apart);
  return from + (int64_t)count * apart;
}

Test(starts, nothing_is_known_at_first)
{
  cr_expect_eq(signet_starts_known(&starts), 0);
  cr_expect_eq(signet_starts_accepted(&starts, 0, INT64_MAX), 0);
}

Test(starts, those_between_two_times_are_counted)
{
  send(SECOND, 10, 100 * MS);
  cr_expect_eq(signet_starts_known(&starts), 10);
  cr_expect_eq(signet_starts_last(&starts, 1), 1900 * MS);
  cr_expect_eq(signet_starts_last(&starts, 10), SECOND);
  cr_expect_eq(signet_starts_accepted(&starts, SECOND, 1900 * MS), 10);
  cr_expect_eq(signet_starts_accepted(&starts, SECOND + 1, 1900 * MS - 1), 8);
}

Test(starts, a_refused_one_does_not_count_and_of_equal_times_each_is_one)
{
  send(SECOND, 4, 0);
  signet_starts_refuse(&starts, SECOND);
  signet_starts_refuse(&starts, SECOND);
  signet_starts_refuse(&starts, SECOND + 1); /* there is none */
  cr_expect_eq(signet_starts_accepted(&starts, SECOND, SECOND), 2);
}

Test(starts, the_oldest_are_forgotten)
{
  send(SECOND, SIGNET_STARTS, MS);
  signet_starts_refuse(&starts, SECOND);
  send(10 * SECOND, 6, MS);
  cr_expect_eq(signet_starts_known(&starts), SIGNET_STARTS);
  cr_expect_eq(signet_starts_last(&starts, SIGNET_STARTS), SECOND + 6 * MS);
  cr_expect_eq(signet_starts_last(&starts, 6), 10 * SECOND);
  cr_expect_eq(signet_starts_accepted(&starts, 0, INT64_MAX), SIGNET_STARTS);
}

Test(refusal, a_bucket_is_measured_by_what_it_accepted_and_what_not)
{
  /* 10 at once and then one each 20 ms; after a second one too many. */
  send(SECOND, 10, 0);
  int64_t refused = send(SECOND + 20 * MS, 50, 20 * MS) - 15 * MS;
  signet_starts_add(&starts, refused);
  signet_starts_refuse(&starts, refused);
  const signet_refusal refusal = {.resumed_ns = SECOND, .refused_ns = refused};
  signet_bracket found = signet_refusal_bucket(&refusal, &starts, 10);
  cr_expect_float_eq(found.accepted, 50, 0.01, "%f", found.accepted);
  cr_expect_float_eq(found.refused, 51 / 1.005, 0.01, "%f", found.refused);
  cr_expect_float_eq(signet_refusal_after(&refusal), 1.005, 1e-9);
  cr_expect_eq(signet_refusal_accepted(&refusal, &starts), 60);
  cr_expect_eq(signet_refusal_rate(&refusal, &starts), 50);
}

Test(refusal, what_was_accepted_since_the_last_one_is_what_it_was_filled_with)
{
  send(SECOND, 20, 0);
  signet_starts_add(&starts, SECOND + MS);
  signet_starts_refuse(&starts, SECOND + MS);
  send(2 * SECOND + MS, 100, 10 * MS);
  const signet_refusal refusal = {.earlier_ns = SECOND + MS,
                                  .resumed_ns = 2 * SECOND + MS,
                                  .refused_ns = 3 * SECOND + MS};
  signet_bracket found = signet_refusal_refill(&refusal, &starts);
  cr_expect_float_eq(found.accepted, 99 / 2.0, 1e-9, "%f", found.accepted);
  cr_expect_float_eq(found.refused, 101 / 2.0, 1e-9, "%f", found.refused);
}

Test(refusal, what_is_not_remembered_tells_nothing)
{
  send(SECOND, 5, MS);
  signet_refusal refusal = {.resumed_ns = SECOND, .refused_ns = 2 * SECOND};
  cr_expect_eq(signet_refusal_refill(&refusal, &starts).refused, 0);
  cr_expect(signet_refusal_is_whole(&refusal, &starts));
  send(2 * SECOND, SIGNET_STARTS, MS / 10);
  refusal.earlier_ns = SECOND + 2 * MS;
  refusal.refused_ns = 3 * SECOND;
  cr_expect_eq(signet_refusal_refill(&refusal, &starts).refused, 0);
  cr_expect_not(signet_refusal_is_whole(&refusal, &starts));
}

Test(refusal, more_a_second_than_are_remembered_is_a_rate)
{
  int64_t end = send(SECOND, 2 * SIGNET_STARTS, MS / 10);
  const signet_refusal refusal = {.resumed_ns = SECOND, .refused_ns = end};
  cr_expect_float_eq(signet_refusal_rate(&refusal, &starts), 10000, 1);
}
