/* SPDX-License-Identifier: MIT */
#include "net/rate.h"

/* What comes late is made up for: 20 ms keep high rates exact, and two more
 * milliseconds low ones. */
static const double burst_seconds = 0.02, late_seconds = 0.002;
/* Where requests are to come evenly, up to this rate nothing is made up for:
 * the distance between two is long against what a timer is late. */
static const double even_rate = 100, even_seconds = 0.0025;

static double burst_of(const signet_rate *rate)
{
  double per_second = rate->per_second;
  if (rate->even)
    return per_second > even_rate ? 1 + (per_second - even_rate) * even_seconds
                                  : 1;
  double burst = per_second * burst_seconds;
  return (burst < 1 ? 1 : burst) + per_second * late_seconds;
}

static void set(signet_rate *rate, double per_second)
{
  rate->per_second = per_second > 0 ? per_second : 0;
  rate->burst = burst_of(rate);
}

static void fill(signet_rate *rate, int64_t now_ns)
{
  double seconds = (double)(now_ns - rate->filled_ns) / 1e9;
  rate->filled_ns = now_ns;
  rate->tokens += seconds * rate->per_second;
  if (rate->tokens > rate->burst)
    rate->tokens = rate->burst;
}

void signet_rate_init(signet_rate *rate, double per_second, int64_t now_ns)
{
  set(rate, per_second);
  rate->tokens = rate->burst;
  rate->filled_ns = now_ns;
}

void signet_rate_change(signet_rate *rate, double per_second, int64_t now_ns)
{
  fill(rate, now_ns);
  set(rate, per_second);
  if (rate->tokens > rate->burst)
    rate->tokens = rate->burst;
}

int64_t signet_rate_wait(signet_rate *rate, int64_t now_ns)
{
  if (rate->per_second <= 0)
    return 0;
  fill(rate, now_ns);
  if (rate->tokens >= 1)
    return 0;
  return 1 + (int64_t)((1 - rate->tokens) / rate->per_second * 1e9);
}

void signet_rate_take(signet_rate *rate)
{
  if (rate->per_second > 0)
    rate->tokens -= 1;
}
