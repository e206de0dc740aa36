/* SPDX-License-Identifier: MIT */
#include "paced_service.h"

#include <criterion/criterion.h>

#include <string.h>

static const int64_t SECOND = 1000000000, MILLISECOND = 1000000;

run at;

void begin(const service_model *service, unsigned concurrency)
{
  memset(&at, 0, sizeof at);
  at.service = *service;
  at.concurrency = concurrency;
  at.tokens = service->burst;
  begin_at(7 * SECOND + 400 * MILLISECOND);
}

void begin_at(int64_t now_ns)
{
  const signet_pacer_options options = {.concurrency = at.concurrency,
                                        .pace = SIGNET_PACE_NORMAL};
  at.now = now_ns;
  at.began = now_ns;
  at.filled = now_ns;
  signet_pacer_init(&at.pacer, &options, now_ns);
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
  if (at.service.denying > 0 && at.sent % at.service.denying == 0)
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

void start(void)
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

void end_one(size_t index)
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

void go_on_for(double seconds)
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

double accepted_a_second(void)
{
  return (double)at.accepted / ((double)(at.now - at.began) / 1e9);
}
