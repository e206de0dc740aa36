/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_TIMEOUTS_H
#define SIGNET_NET_TIMEOUTS_H

/* The time limits of one transfer. libcurl keeps the first two, and ends a
 * transfer with one and the same code for both. The speed is looked at here,
 * once a second: libcurl would set a timer anew for every piece that comes. */

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct signet_timeouts {
  int64_t connect_ms;   /* resolve, connect and TLS */
  int64_t total_ms;     /* all of it */
  size_t low_speed;     /* bytes per second, 0: no limit … */
  int64_t low_speed_ms; /* … that may be missed for so long */
} signet_timeouts;

/** How fast one transfer has been. */
typedef struct signet_speed {
  int64_t bytes;   /* that had come and gone … */
  int64_t seen_ns; /* … when it was looked at last */
  int64_t fast_ns; /* when it was fast enough last, or began */
} signet_speed;

/** Sets them on a handle. */
void signet_timeouts_set(const signet_timeouts *timeouts, CURL *easy);

/** Which limit a transfer ran into that ended with CURLE_OPERATION_TIMEDOUT, by
 * the setting's name, and what had come. @param head  bytes of the reply's
 * headers, in whole lines; libcurl counts those of a proxy's, too */
void signet_timeouts_explain(const signet_timeouts *timeouts, CURL *easy,
                             size_t head, char *out, size_t size);

/** How often to look at the speed, in milliseconds; 0: never. */
int64_t signet_timeouts_look_ms(const signet_timeouts *timeouts);
void signet_speed_begin(signet_speed *speed, int64_t now_ns);
/** Looks at a transfer's speed. @return whether it has been too slow for too
 * long */
bool signet_speed_look(signet_speed *speed, const signet_timeouts *timeouts,
                       CURL *easy, int64_t now_ns);
/** The sentence about that. */
void signet_speed_explain(const signet_timeouts *timeouts, char *out,
                          size_t size);

#endif
