/* SPDX-License-Identifier: MIT */
/* Services that allow so much: how near to it a job comes, without being told.
 */
#include "paced_service.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

TestSuite(limit, .timeout = 60);

static const int64_t SECOND = 1000000000;

static const int latencies[] = {1, 20, 200};
static const unsigned concurrencies[] = {16, 64};
static const int waits[] = {-1, 1};

/* Runs against the service in every way; the goodput is @p share of what it
 * allows at least, and few requests are refused. */
static void expect_goodput(service_model service, double share)
{
  for (size_t i = 0; i < 3 * 2 * 2; i++) {
    char what[96];
    signet_learned learned;
    unsigned concurrency = concurrencies[i / 3 % 2];
    service.latency_ms = latencies[i % 3];
    service.retry_after = waits[i / 6];
    snprintf(what, sizeof what, "limiter %d, %d ms, %u at once, wait %d",
             (int)service.limiter, service.latency_ms, concurrency,
             service.retry_after);
    begin(&service, concurrency);
    go_on_for(60);
    cr_expect_geq(accepted_a_second(), service.rate * share, "%s: %.1f/s", what,
                  accepted_a_second());
    cr_expect_lt(at.refused, at.sent / 10, "%s: %zu of %zu refused", what,
                 at.refused, at.sent);
    cr_expect_leq(at.worst, 3, "%s: one was refused %u times", what, at.worst);
    signet_pacer_learned(&at.pacer, &learned);
    begin(&service, concurrency);
    signet_pacer_teach(&at.pacer, &learned, at.now);
    go_on_for(40);
    cr_expect_geq(accepted_a_second(), service.rate * 0.85, "%s, again: %.1f/s",
                  what, accepted_a_second());
    cr_expect_lt(at.refused, at.sent / 30, "%s, again: %zu of %zu refused",
                 what, at.refused, at.sent);
  }
}

Test(limit, fifty_a_second_from_a_bucket)
{
  expect_goodput(
      (service_model){.limiter = LIMIT_BUCKET, .rate = 50, .burst = 50}, 0.95);
}

Test(limit, fifty_in_each_second)
{
  expect_goodput((service_model){.limiter = LIMIT_FIXED, .rate = 50}, 0.86);
}

Test(limit, fifty_in_any_second)
{
  expect_goodput((service_model){.limiter = LIMIT_SLIDING, .rate = 50}, 0.9);
}

Test(limit, a_bucket_that_bears_small_bursts_only)
{
  expect_goodput(
      (service_model){.limiter = LIMIT_BUCKET, .rate = 50, .burst = 10}, 0.86);
}

Test(limit, a_bucket_of_half_a_second)
{
  expect_goodput(
      (service_model){.limiter = LIMIT_BUCKET, .rate = 50, .burst = 25}, 0.85);
}

/* However short the job is and whenever in the service's second it begins: what
 * was held up by a pause is made up for after it. */
Test(limit, a_job_of_half_a_minute)
{
  static const limiter limiters[] = {LIMIT_FIXED, LIMIT_SLIDING};
  static const double rates[] = {5, 50, 300};
  for (size_t i = 0; i < 2 * 3 * 2; i++) {
    service_model service = {.limiter = limiters[i % 2],
                             .rate = rates[i / 2 % 3],
                             .latency_ms = 20,
                             .retry_after = waits[i / 6]};
    double sum = 0;
    for (int64_t phase = 0; phase < 10; phase++) {
      begin(&service, 16);
      begin_at(at.now + phase * SECOND / 10);
      go_on_for(30);
      sum += accepted_a_second() / 10;
      cr_expect_geq(accepted_a_second(), service.rate * 0.65,
                    "limiter %d, %.0f/s, wait %d, phase %d: %.1f/s",
                    (int)service.limiter, service.rate, service.retry_after,
                    (int)phase, accepted_a_second());
    }
    cr_expect_geq(sum, service.rate * (service.rate < 10 ? 0.85 : 0.9),
                  "limiter %d, %.0f/s, wait %d: %.1f/s", (int)service.limiter,
                  service.rate, service.retry_after, sum);
  }
}

/* What refuses two at once: they have to come evenly, which a search can only
 * find out by being refused now and then. */
static void expect_evenly(service_model service, double first, double second)
{
  signet_learned learned;
  for (int i = 0; i < 4; i++) {
    service.latency_ms = latencies[i / 2];
    service.retry_after = waits[i % 2];
    begin(&service, 16);
    go_on_for(40);
    cr_expect_geq(accepted_a_second(), service.rate * first,
                  "%.0f/s, burst %.0f, %d ms, wait %d: %.1f/s", service.rate,
                  service.burst, service.latency_ms, service.retry_after,
                  accepted_a_second());
    signet_pacer_learned(&at.pacer, &learned);
    begin(&service, 16);
    signet_pacer_teach(&at.pacer, &learned, at.now);
    go_on_for(40);
    cr_expect_geq(accepted_a_second(), service.rate * second,
                  "%.0f/s, burst %.0f, %d ms, wait %d, again: %.1f/s",
                  service.rate, service.burst, service.latency_ms,
                  service.retry_after, accepted_a_second());
  }
}

Test(limit, one_by_one)
{
  expect_evenly(
      (service_model){
          .limiter = LIMIT_BUCKET, .rate = 50, .burst = 1, .late_us = 300},
      0.9, 0.9);
}

Test(limit, a_few_at_once)
{
  expect_evenly(
      (service_model){
          .limiter = LIMIT_BUCKET, .rate = 50, .burst = 3, .late_us = 300},
      0.89, 0.9);
  expect_evenly(
      (service_model){
          .limiter = LIMIT_BUCKET, .rate = 50, .burst = 5, .late_us = 300},
      0.9, 0.9);
}

Test(limit, one_by_one_and_slow)
{
  expect_evenly(
      (service_model){
          .limiter = LIMIT_BUCKET, .rate = 5, .burst = 1, .late_us = 300},
      0.8, 0.9);
}

Test(limit, a_few_at_once_and_fast)
{
  expect_evenly(
      (service_model){
          .limiter = LIMIT_BUCKET, .rate = 500, .burst = 5, .late_us = 300},
      0.9, 0.9);
}

Test(limit, slow_and_fast_services)
{
  static const double rates[] = {2, 10, 300};
  for (size_t i = 0; i < 3; i++) {
    service_model service = {.limiter = LIMIT_BUCKET,
                             .rate = rates[i],
                             .burst = rates[i],
                             .latency_ms = 5,
                             .retry_after = 1};
    begin(&service, 16);
    go_on_for(120);
    cr_expect_geq(accepted_a_second(), rates[i] * 0.9, "%.1f of %.0f/s",
                  accepted_a_second(), rates[i]);
    cr_expect_leq(at.worst, 4);
  }
}

/* Three hundred a minute, with one Retry-After of a minute: what matters is
 * that all are used in every minute. */
Test(limit, so_many_a_minute)
{
  service_model service = {.limiter = LIMIT_BUCKET,
                           .rate = 5,
                           .burst = 300,
                           .latency_ms = 20,
                           .retry_after = 60};
  begin(&service, 16);
  go_on_for(1200);
  cr_expect_geq(accepted_a_second(), 5 * 0.9, "%.2f/s", accepted_a_second());
}

Test(limit, a_limit_that_rises_or_falls_is_found)
{
  service_model service = {.limiter = LIMIT_BUCKET,
                           .rate = 50,
                           .burst = 50,
                           .latency_ms = 20,
                           .retry_after = 1,
                           .changes_at = 60};
  static const double changes[] = {500, 10};
  for (size_t i = 0; i < 2; i++) {
    service.changes_to = changes[i];
    begin(&service, 16);
    go_on_for(360);
    size_t before = at.accepted;
    go_on_for(60);
    double rate = (double)(at.accepted - before) / 60;
    cr_expect_geq(rate, changes[i] * 0.85, "%.1f of %.0f/s", rate, changes[i]);
  }
}

/* What refuses all shows no rate, however long it lasts and whatever its pauses
 * are: afterwards all is as it was. */
Test(limit, an_incident_teaches_no_rate)
{
  service_model service = {
      .limiter = LIMIT_NONE, .latency_ms = 20, .refuses = {3, 23}};
  for (size_t i = 0; i < 2; i++) {
    signet_learned learned;
    service.retry_after = waits[i];
    begin(&service, 16);
    go_on_for(3);
    double before = accepted_a_second();
    go_on_for(32);
    size_t accepted = at.accepted;
    go_on_for(10);
    double after = (double)(at.accepted - accepted) / 10;
    cr_expect_geq(after, before * 0.9, "%.0f/s, then %.0f/s", before, after);
    signet_pacer_learned(&at.pacer, &learned);
    cr_expect(learned.rate <= 0 || learned.rate >= before, "%.1f/s is kept",
              learned.rate);
  }
}

/* One in twenty is refused, however slowly they come: to go slower helps
 * nobody, and a job must not come to a halt by it. */
Test(limit, refusals_by_chance)
{
  static const struct {
    int wait;
    double least; /* a second, in the second half of a minute */
  } cases[] = {{-1, 60}, {0, 300}, {1, 15}};
  for (size_t i = 0; i < 3; i++) {
    service_model service = {.limiter = LIMIT_NONE,
                             .latency_ms = 20,
                             .retry_after = cases[i].wait,
                             .denying = 20};
    begin(&service, 16);
    go_on_for(30);
    size_t before = at.accepted;
    go_on_for(30);
    double rate = (double)(at.accepted - before) / 30;
    cr_expect_geq(rate, cases[i].least, "wait %d: %.1f/s", cases[i].wait, rate);
    cr_expect_leq(at.worst, 4, "one was refused %u times", at.worst);
  }
}

/* What was in vain for a while is of use again when there is a limit. */
Test(limit, a_limit_after_refusals_by_chance)
{
  service_model service = {
      .limiter = LIMIT_NONE, .latency_ms = 20, .retry_after = 1, .denying = 20};
  begin(&service, 16);
  go_on_for(40);
  cr_assert(at.pacer.limit.gain.vain);
  at.service = (service_model){.limiter = LIMIT_BUCKET,
                               .rate = 10,
                               .burst = 1,
                               .latency_ms = 20,
                               .retry_after = 1,
                               .late_us = 300};
  go_on_for(60);
  cr_expect_not(at.pacer.limit.gain.vain);
  size_t before = at.accepted;
  go_on_for(60);
  double rate = (double)(at.accepted - before) / 60;
  cr_expect_geq(rate, 10 * 0.75, "%.1f/s", rate);
}

/* A request that comes too near to the one before, at once after a pause, tells
 * little: the next run isn't slow for it. */
Test(limit, one_that_comes_unevenly_costs_little)
{
  service_model service = {.limiter = LIMIT_BUCKET,
                           .rate = 50,
                           .burst = 1,
                           .latency_ms = 1,
                           .retry_after = 1,
                           .refuses = {0.015, 0.03}};
  const signet_learned learned = {.rate = 48};
  begin(&service, 16);
  signet_pacer_teach(&at.pacer, &learned, at.now);
  go_on_for(20);
  cr_expect_geq(at.refused, 1);
  cr_expect_geq(accepted_a_second(), 42, "%.1f/s", accepted_a_second());
}

/* Less than one in two seconds was nobody's limit. */
Test(limit, hardly_any_is_neither_kept_nor_believed)
{
  service_model service = {.limiter = LIMIT_BUCKET,
                           .rate = 0.1,
                           .burst = 1,
                           .latency_ms = 20,
                           .retry_after = 1};
  signet_learned learned;
  begin(&service, 16);
  go_on_for(600);
  signet_pacer_learned(&at.pacer, &learned);
  cr_expect_leq(learned.rate, 0);
  static const double rates[] = {0.001, 0.01, 0.5};
  service = (service_model){.limiter = LIMIT_NONE, .latency_ms = 20};
  for (size_t i = 0; i < 3; i++) {
    learned.rate = rates[i];
    begin(&service, 16);
    signet_pacer_teach(&at.pacer, &learned, at.now);
    go_on_for(2);
    cr_expect_eq(at.most_in_flight, 16);
  }
}

/* What was found once and is wrong now holds nothing up for long. */
Test(limit, a_rate_of_an_earlier_run_is_tried_anew)
{
  service_model service = {.limiter = LIMIT_NONE, .latency_ms = 20};
  const signet_learned learned = {.rate = 1};
  begin(&service, 16);
  signet_pacer_teach(&at.pacer, &learned, at.now);
  go_on_for(45);
  at.accepted = 0;
  at.began = at.now;
  go_on_for(5);
  cr_expect_geq(accepted_a_second(), 16 / 0.0205 * 0.9);
}

Test(limit, a_rate_that_is_given_counts_more_than_one_of_an_earlier_run)
{
  static const double rates[] = {5, 40};
  service_model service = {.limiter = LIMIT_NONE, .latency_ms = 20};
  const signet_pacer_options options = {
      .concurrency = 16, .rate = 20, .pace = SIGNET_PACE_NORMAL};
  for (size_t i = 0; i < 2; i++) {
    signet_learned learned = {.rate = rates[i]};
    begin(&service, 16);
    signet_pacer_init(&at.pacer, &options, at.now);
    signet_pacer_teach(&at.pacer, &learned, at.now);
    go_on_for(10);
    cr_expect_float_eq(accepted_a_second(), 20, 1);
    /* What this run did not come near of is still known to the next one. */
    signet_pacer_learned(&at.pacer, &learned);
    cr_expect_float_eq(learned.rate, i == 0 ? 0 : 40, 1e-9);
  }
}

/* What is not asked for proves nothing: a job that sends little must not come
 * to believe that the service allows much. */
Test(limit, an_idle_job_learns_nothing)
{
  service_model service = {.limiter = LIMIT_BUCKET,
                           .rate = 50,
                           .burst = 50,
                           .latency_ms = 20,
                           .retry_after = 1};
  signet_learned learned;
  begin(&service, 16);
  go_on_for(60);
  double before = at.pacer.limit.per_second;
  for (int i = 0; i < 3000; i++) { /* ten a second, for five minutes */
    at.now += SECOND / 10;
    cr_assert_eq(signet_pacer_wait(&at.pacer, true, at.now), 0);
    start();
    while (at.count > 0)
      end_one(0);
  }
  cr_expect_float_eq(at.pacer.limit.per_second, before, before * 0.01);
  signet_pacer_learned(&at.pacer, &learned);
  cr_expect_float_eq(learned.rate, 50, 10);
}
