/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_RATE_H
#define SIGNET_NET_RATE_H

#include <stdint.h>

/* A token bucket: so many requests per second, evenly, with a small burst. */
typedef struct signet_rate {
  double per_second; /* 0: no limit */
  double burst;
  double tokens;
  int64_t filled_ns;
} signet_rate;

void signet_rate_init(signet_rate *rate, double per_second);
/** Takes a token. @return 0: taken; else milliseconds until one is there */
int64_t signet_rate_take(signet_rate *rate);

#endif
