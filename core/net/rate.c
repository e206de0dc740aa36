/* SPDX-License-Identifier: MIT */
#include "net/rate.h"

#include <time.h>

/* Timers count milliseconds: a burst of 20 ms keeps high rates exact. */
static const double burst_seconds = 0.02;

static int64_t now_ns(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void signet_rate_init(signet_rate *rate, double per_second)
{
  rate->per_second = per_second > 0 ? per_second : 0;
  rate->burst = rate->per_second * burst_seconds;
  if (rate->burst < 1)
    rate->burst = 1;
  rate->tokens = rate->burst;
  rate->filled_ns = now_ns();
}

int64_t signet_rate_take(signet_rate *rate)
{
  if (rate->per_second <= 0)
    return 0;
  int64_t now = now_ns();
  double seconds = (double)(now - rate->filled_ns) / 1e9;
  rate->filled_ns = now;
  rate->tokens += seconds * rate->per_second;
  if (rate->tokens > rate->burst)
    rate->tokens = rate->burst;
  if (rate->tokens >= 1) {
    rate->tokens -= 1;
    return 0;
  }
  return 1 + (int64_t)((1 - rate->tokens) / rate->per_second * 1000);
}
