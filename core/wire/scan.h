/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WIRE_SCAN_H
#define SIGNET_WIRE_SCAN_H

/*
 * Looks for what json-c takes although it must not be taken: an integer that
 * no 64 bits hold, which it silently turns into the nearest one that they do;
 * a NUL byte, at which it stops reading; strings in single quotes; NaN and
 * Infinity. The text may come in pieces that are cut anywhere.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** State between two pieces of one text; zero it to begin. */
typedef struct signet_json_scan {
  uint64_t magnitude;
  bool in_string;
  bool escaped;
  bool in_number;
  bool negative;
  bool fraction; /* a point or an exponent: no integer */
  bool overflow;
} signet_json_scan;

/** @return NULL: nothing found; else a sentence (static text) */
const char *signet_json_scan_feed(signet_json_scan *scan, const char *text,
                                  size_t length);
/** The same for a number at the very end. */
const char *signet_json_scan_finish(signet_json_scan *scan);

#endif
