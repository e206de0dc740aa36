/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_RATE_H
#define SIGNET_NET_RATE_H

#include <stdbool.h>
#include <stdint.h>

/* A token bucket: so many requests per second, with a small burst. The clock is
 * the caller's: nanoseconds that never go back. */
typedef struct signet_rate {
  bool even;         /* one by one, as far as the clock allows */
  double per_second; /* 0: no limit */
  double burst;
  double tokens;
  int64_t filled_ns;
} signet_rate;

/** A full bucket; `even` is set before. */
void signet_rate_init(signet_rate *rate, double per_second, int64_t now_ns);
/** Goes on with another rate. */
void signet_rate_change(signet_rate *rate, double per_second, int64_t now_ns);
/** 0: there is a token; else nanoseconds until there is one. */
int64_t signet_rate_wait(signet_rate *rate, int64_t now_ns);
/** Takes a token that is there. */
void signet_rate_take(signet_rate *rate);

#endif
