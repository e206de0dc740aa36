/* SPDX-License-Identifier: MIT */
/* How a rate grows while nothing is refused, and how requests keep to it. */
#include "net/limit.h"

enum { FEW_AT_ONCE = 10 };

const double signet_limit_least = 0.5;

static const double NS = 1e-9;
/* How much of it a next run asks for, which sends them evenly, where those of a
 * second are counted. */
static const double SAFE_TAUGHT = 0.98;
/* How fast it grows while nobody knows where it is: by so much a second. */
static const double QUICKLY = 1.1, EVENLY = 2.5;
/* Before that it asks whether the service counts what comes in a second: then
 * so many times the first guess is refused within so many seconds. */
static const double PROBE = 1.15, PROBE_SECONDS = 2.2;
/* Requests are sent so much faster where those of a second are counted, and so
 * many of the ones that a pause held up are made up for at once. */
static const double HASTE = 1.25, MADE_UP = 0.9;
/* A search that nothing ends was for no limit. */
static const double NO_LIMIT = 100;
/* A little more is tried when nothing was refused for so long; for many times
 * as long as being refused costs. */
static const double HOLD_SECONDS = 20, HOLD_TIMES = 40;
static const double LEAST_HOLD = 10, LONGEST_HOLD = 120;
/* In this time it comes back to where it was refused by chance. */
static const double BACK_SECONDS = 20;

static double least_of(double a, double b)
{
  return a < b ? a : b;
}

static double most_of(double a, double b)
{
  return a > b ? a : b;
}

signet_limit_kind signet_limit_kind_of(const signet_limit *limit)
{
  if (limit->counts.burst < FEW_AT_ONCE && !limit->counts.counted)
    return SIGNET_LIMIT_EVEN;
  return limit->counts.bucket ? SIGNET_LIMIT_BUCKET : SIGNET_LIMIT_SECOND;
}

static bool is_even(const signet_limit *limit)
{
  return signet_limit_kind_of(limit) == SIGNET_LIMIT_EVEN;
}

static bool counts_seconds(const signet_limit *limit)
{
  return signet_limit_kind_of(limit) == SIGNET_LIMIT_SECOND;
}

static bool is_search(const signet_limit *limit)
{
  return limit->stage == SIGNET_LIMIT_SEARCH;
}

void signet_limit_clear(signet_limit *limit)
{
  limit->stage = SIGNET_LIMIT_NONE;
  {
    limit->stage = SIGNET_LIMIT_NONE;
    limit->per_second = 0;
  }
}

void signet_limit_put(signet_limit *limit, double ceiling, double per_second)
{
  limit->ceiling = most_of(ceiling, signet_limit_least);
  limit->per_second = most_of(per_second, signet_limit_least);
  limit->base = limit->per_second;
  limit->past.age = 0;
  if (limit->stage == SIGNET_LIMIT_TRY)
    limit->stage = SIGNET_LIMIT_HOLD;
  limit->taught = false;
  limit->past.noted = 0;
  limit->past.earlier[0] = limit->per_second;
  limit->past.earlier[1] = limit->per_second;
}

void signet_limit_set(signet_limit *limit, double per_second)
{
  limit->counts.burst = 1;
  limit->cost = HOLD_SECONDS / HOLD_TIMES;
  limit->soon = 0;
  limit->stage = SIGNET_LIMIT_HOLD;
  limit->counts.bucket = false;
  limit->counts.counted = false;
  limit->step = 1;
  limit->sure = 0;
  signet_limit_put(limit, per_second / signet_limit_below_refused, per_second);
  limit->taught = true;
}

/* Not what is only tried; and what came down to the least was lowered by
 * something else than a rate. */
double signet_limit_known(const signet_limit *limit)
{
  double rate = is_search(limit) ? limit->per_second : limit->base;
  if (!is_search(limit) && counts_seconds(limit))
    rate = most_of(rate, limit->ceiling * SAFE_TAUGHT);
  if (limit->per_second <= signet_limit_least || rate <= signet_limit_least ||
      (is_search(limit) && limit->counts.guessed))
    return 0;
  return rate;
}

/* ---- how requests are sent ---- */

unsigned signet_limit_made_up(const signet_limit *limit, double seconds)
{
  double missed = limit->per_second * least_of(seconds, 1);
  if (is_even(limit))
    return 0;
  return (unsigned)(MADE_UP * least_of(limit->counts.burst, missed));
}

double signet_limit_spacing(const signet_limit *limit)
{
  bool hastens = counts_seconds(limit) && !is_search(limit) &&
                 limit->per_second < SIGNET_STARTS;
  return limit->per_second * (hastens ? HASTE : 1);
}

int64_t signet_limit_wait(const signet_limit *limit, double per_second,
                          int64_t now_ns)
{
  double most = least_of(per_second, SIGNET_STARTS);
  unsigned count = (unsigned)most;
  count += count < most; /* upwards; ceil() would want another library */
  if (count == 0 || count >= SIGNET_STARTS || !counts_seconds(limit) ||
      signet_starts_known(&limit->starts) < count)
    return 0;
  int64_t next = signet_starts_last(&limit->starts, count) +
                 (int64_t)(count / per_second / NS);
  return next > now_ns ? next - now_ns : 0;
}

/* ---- growing ---- */

static double hold(const signet_limit *limit)
{
  double seconds = HOLD_SECONDS;
  if (is_even(limit))
    seconds =
        least_of(most_of(limit->cost * HOLD_TIMES, LEAST_HOLD), LONGEST_HOLD);
  return seconds * (double)(1U << limit->sure);
}

static void search(signet_limit *limit, double seconds)
{
  double speed = is_even(limit) ? EVENLY : QUICKLY;
  double most = 2 / limit->per_second; /* at a step, after whatever delay */
  limit->past.age += seconds;
  if (!is_even(limit) && limit->past.age < PROBE_SECONDS)
    limit->per_second = limit->base * PROBE;
  else
    limit->per_second *= 1 + least_of(seconds, most) * speed;
  if (limit->per_second > limit->ceiling * NO_LIMIT) {
    limit->stage = SIGNET_LIMIT_NONE;
    limit->per_second = 0;
  }
}

/* Beyond the ceiling the slower the nearer. */
static void try_more(signet_limit *limit, double from)
{
  double over = limit->past.age - hold(limit);
  double up = 1 + 0.01 * over * over;
  limit->per_second = from * up;
  limit->stage = SIGNET_LIMIT_TRY;
  if (up > 2)
    limit->stage = SIGNET_LIMIT_SEARCH;
}

/* In steps through what nobody knows, then gently: what was refused once may
 * have come unevenly only. */
static void grow_evenly(signet_limit *limit, double seconds)
{
  double top = limit->ceiling * signet_limit_below_refused;
  if (limit->past.age <= 0 && limit->step > 1 && limit->per_second < top) {
    double step = least_of(limit->step, 1 + seconds * EVENLY);
    limit->per_second = least_of(limit->per_second * step, top);
    limit->base = limit->per_second;
    return;
  }
  limit->past.age += seconds;
  if (limit->past.age > hold(limit))
    try_more(limit, most_of(top, limit->base));
  else if (top > limit->base)
    limit->per_second =
        limit->base +
        (top - limit->base) * least_of(limit->past.age / BACK_SECONDS, 1);
}

static void grow(signet_limit *limit, double seconds)
{
  limit->past.age += seconds;
  if (limit->past.age > hold(limit))
    try_more(limit, limit->ceiling);
  else
    limit->per_second = limit->ceiling *
                        (signet_limit_safe + (1 - signet_limit_safe) *
                                                 limit->past.age / hold(limit));
}

void signet_limit_grow(signet_limit *limit, double seconds)
{
  if (is_search(limit))
    search(limit, seconds);
  else if (is_even(limit))
    grow_evenly(limit, seconds);
  else
    grow(limit, seconds);
  if (limit->past.age - limit->past.noted >= 1) {
    limit->past.noted = limit->past.age;
    limit->past.earlier[1] = limit->past.earlier[0];
    limit->past.earlier[0] = limit->per_second;
  }
}
