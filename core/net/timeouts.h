/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_TIMEOUTS_H
#define SIGNET_NET_TIMEOUTS_H

/* The time limits of one transfer. libcurl keeps them, and ends a transfer with
 * one and the same code for all three. */

#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>

typedef struct signet_timeouts {
  int64_t connect_ms;   /* resolve, connect and TLS */
  int64_t total_ms;     /* all of it */
  size_t low_speed;     /* bytes per second, 0: no limit … */
  int64_t low_speed_ms; /* … that may be missed for so long; whole seconds */
} signet_timeouts;

/** Sets them on a handle. */
void signet_timeouts_set(const signet_timeouts *timeouts, CURL *easy);

/** Which limit a transfer ran into that ended with CURLE_OPERATION_TIMEDOUT, by
 * the setting's name. */
void signet_timeouts_explain(const signet_timeouts *timeouts, CURL *easy,
                             char *out, size_t size);

#endif
