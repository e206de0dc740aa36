/* SPDX-License-Identifier: MIT */
/* The pacer against simulated services, in a time of its own: nothing here
 * depends on how fast the machine is. */
#include "net/pacer.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

TestSuite(pacer, .timeout = 60);

static const int64_t SECOND = 1000000000, MILLISECOND = 1000000;

enum { IN_FLIGHT = 256, STARTED = 200000 };

typedef enum limiter {
  LIMIT_NONE,
  LIMIT_FIXED,   /* so many in each second of the clock */
  LIMIT_SLIDING, /* so many in any second */
  LIMIT_BUCKET   /* a token bucket */
} limiter;

typedef struct service {
  limiter limiter;
  double rate;
  double burst;      /* of the bucket */
  int retry_after;   /* seconds; -1: it does not say */
  int latency_ms;    /* of each request */
  unsigned overload; /* requests at once from which on it takes longer; 0:
                        none */
  unsigned failing;  /* every so many-th is answered 500; 0: none */
  int late_us;       /* requests come at random up to so much later */
  double refuses[2]; /* from when to when all are refused, in seconds */
  double changes_at; /* seconds after which */
  double changes_to; /* it allows so many; 0: it never changes */
} service_model;

typedef struct request {
  int64_t began;
  int64_t ends;
  int status;
  unsigned refused; /* how often it was before */
} request;

/* A run of a job that never lacks work. */
typedef struct run {
  signet_pacer pacer;
  service_model service;
  int64_t now;
  int64_t began;
  int64_t paused_until;
  request in_flight[IN_FLIGHT];
  size_t count;
  size_t most_in_flight;
  unsigned again[STARTED]; /* refused ones that wait for their next turn */
  size_t again_count;
  int64_t started[STARTED]; /* when accepted ones began */
  size_t accepted;
  size_t sent;
  size_t refused;
  unsigned worst; /* how often one request was refused */
  double tokens;
  int64_t filled;
  int64_t throttle; /* the last pause without a Retry-After */
  unsigned random;
} run;

static run at;

static void begin(const service_model *service, unsigned concurrency)
{
  const signet_pacer_options options = {.concurrency = concurrency,
                                        .pace = SIGNET_PACE_NORMAL};
  memset(&at, 0, sizeof at);
  at.service = *service;
  at.now = 7 * SECOND + 400 * MILLISECOND;
  at.began = at.now;
  at.filled = at.now;
  at.tokens = service->burst;
  signet_pacer_init(&at.pacer, &options, at.now);
}

/* ---- the service ---- */

static double allowed(void)
{
  const service_model *service = &at.service;
  bool changed = service->changes_to > 0 &&
                 (double)(at.now - at.began) / 1e9 >= service->changes_at;
  return changed ? service->changes_to : service->rate;
}

static size_t accepted_since(int64_t when)
{
  size_t count = 0;
  while (count < at.accepted && at.started[at.accepted - 1 - count] >= when)
    count++;
  return count;
}

static bool has_token(void)
{
  at.tokens += (double)(at.now - at.filled) / 1e9 * allowed();
  at.filled = at.now;
  if (at.tokens > at.service.burst)
    at.tokens = at.service.burst;
  if (at.tokens < 1)
    return false;
  at.tokens -= 1;
  return true;
}

static double seconds_gone(void)
{
  return (double)(at.now - at.began) / 1e9;
}

static bool accepts(void)
{
  if (seconds_gone() >= at.service.refuses[0] &&
      seconds_gone() < at.service.refuses[1])
    return false;
  switch (at.service.limiter) {
  case LIMIT_FIXED:
    return (double)accepted_since(at.now / SECOND * SECOND) < allowed();
  case LIMIT_SLIDING:
    return (double)accepted_since(at.now - SECOND + 1) < allowed();
  case LIMIT_BUCKET:
    return has_token();
  default:
    return true;
  }
}

static int64_t latency(void)
{
  int64_t time = at.service.latency_ms * MILLISECOND;
  if (at.service.overload > 0 && at.count > at.service.overload)
    time *= (int64_t)(at.count / at.service.overload * 20);
  return time + (int64_t)(at.sent % 7) * MILLISECOND / 10;
}

/* ---- the job ---- */

static void start(void)
{
  request one = {.began = at.now, .status = 200};
  signet_pacer_start(&at.pacer, true, at.now);
  if (at.again_count > 0)
    one.refused = at.again[--at.again_count];
  at.sent++;
  if (!accepts()) {
    one.status = 429;
  } else {
    cr_assert_lt(at.accepted, STARTED);
    at.started[at.accepted++] = at.now;
    if (at.service.failing > 0 && at.sent % at.service.failing == 0)
      one.status = 500;
  }
  cr_assert_lt(at.count, IN_FLIGHT);
  at.in_flight[at.count++] = one;
  at.in_flight[at.count - 1].ends = at.now + latency();
  if (at.count > at.most_in_flight)
    at.most_in_flight = at.count;
}

static int64_t lateness(void)
{
  at.random = at.random * 1103515245 + 12345;
  return at.service.late_us == 0
             ? 0
             : (int)(at.random / 65536 % 32768) % at.service.late_us *
                   (MILLISECOND / 1000);
}

/* Starts what may start. @return when to look again */
static int64_t start_all(int64_t end)
{
  while (at.now >= at.paused_until) {
    int64_t wait = signet_pacer_wait(&at.pacer, true, at.now);
    if (wait < 0)
      return end;
    if (wait > 0)
      return at.now + wait + lateness();
    start();
  }
  return at.paused_until;
}

static void refuse(request *one)
{
  int64_t wait = at.service.retry_after * SECOND;
  if (wait < 0 && at.now >= at.paused_until)
    at.throttle = at.throttle == 0 ? SECOND / 4 : 2 * at.throttle;
  if (wait < 0)
    wait = at.throttle;
  at.refused++;
  if (++one->refused > at.worst)
    at.worst = one->refused;
  at.again[at.again_count++] = one->refused;
  if (at.now + wait > at.paused_until)
    at.paused_until = at.now + wait;
}

static void end_one(size_t index)
{
  request one = at.in_flight[index];
  at.in_flight[index] = at.in_flight[--at.count];
  const signet_pacer_reply reply = {.began_ns = one.began,
                                    .status = one.status,
                                    .write = true,
                                    .ordinary = true};
  signet_pacer_end(&at.pacer, &reply, at.now);
  if (one.status == 429)
    refuse(&one);
  else
    at.throttle = 0;
}

static void go_on_for(double seconds)
{
  int64_t end = at.now + (int64_t)(seconds * 1e9);
  while (at.now < end) {
    int64_t next = start_all(end);
    size_t first = at.count;
    for (size_t i = 0; i < at.count; i++)
      if (at.in_flight[i].ends <= next &&
          (first == at.count ||
           at.in_flight[i].ends < at.in_flight[first].ends))
        first = i;
    at.now = first < at.count ? at.in_flight[first].ends : next;
    if (first < at.count)
      end_one(first);
  }
}

static double accepted_a_second(void)
{
  return (double)at.accepted / ((double)(at.now - at.began) / 1e9);
}

/* ---- a service that allows so much ---- */

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

Test(pacer, fifty_a_second_from_a_bucket)
{
  expect_goodput(
      (service_model){.limiter = LIMIT_BUCKET, .rate = 50, .burst = 50}, 0.95);
}

Test(pacer, fifty_in_each_second)
{
  expect_goodput((service_model){.limiter = LIMIT_FIXED, .rate = 50}, 0.86);
}

Test(pacer, fifty_in_any_second)
{
  expect_goodput((service_model){.limiter = LIMIT_SLIDING, .rate = 50}, 0.9);
}

Test(pacer, a_bucket_that_bears_small_bursts_only)
{
  expect_goodput(
      (service_model){.limiter = LIMIT_BUCKET, .rate = 50, .burst = 10}, 0.83);
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

Test(pacer, one_by_one)
{
  expect_evenly(
      (service_model){
          .limiter = LIMIT_BUCKET, .rate = 50, .burst = 1, .late_us = 300},
      0.9, 0.9);
}

Test(pacer, a_few_at_once)
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

Test(pacer, one_by_one_and_slow)
{
  expect_evenly(
      (service_model){
          .limiter = LIMIT_BUCKET, .rate = 5, .burst = 1, .late_us = 300},
      0.8, 0.9);
}

Test(pacer, a_few_at_once_and_fast)
{
  expect_evenly(
      (service_model){
          .limiter = LIMIT_BUCKET, .rate = 500, .burst = 5, .late_us = 300},
      0.9, 0.9);
}

Test(pacer, slow_and_fast_services)
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
Test(pacer, so_many_a_minute)
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

Test(pacer, a_limit_that_rises_or_falls_is_found)
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
Test(pacer, an_incident_teaches_no_rate)
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

/* A request that comes too near to the one before, at once after a pause, tells
 * little: the next run isn't slow for it. */
Test(pacer, one_that_comes_unevenly_costs_little)
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
Test(pacer, hardly_any_is_neither_kept_nor_believed)
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
Test(pacer, a_rate_of_an_earlier_run_is_tried_anew)
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

Test(pacer, a_rate_that_is_given_counts_more_than_one_of_an_earlier_run)
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
Test(pacer, an_idle_job_learns_nothing)
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
    cr_assert_eq(signet_pacer_wait(&at.pacer, true, at.now), 0);
    start();
    at.now += SECOND / 10;
    while (at.count > 0)
      end_one(0);
  }
  cr_expect_float_eq(at.pacer.limit.per_second, before, before * 0.01);
  signet_pacer_learned(&at.pacer, &learned);
  cr_expect_float_eq(learned.rate, 50, 10);
}

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
    const signet_learned learned = {rates[i], 4000000000U};
    begin(&service, 16);
    signet_pacer_teach(&at.pacer, &learned, at.now);
    go_on_for(2);
    cr_expect_eq(at.most_in_flight, 16);
  }
  const signet_learned none = {0.0 / 0.0, 0};
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
  cr_expect_float_eq(pacer.limit.age, 4, 1e-9);
}
