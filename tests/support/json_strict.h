/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_TESTS_JSON_STRICT_H
#define SIGNET_TESTS_JSON_STRICT_H

/* A second opinion on what JSON is: RFC 8259 and valid UTF-8, by hand and
 * without a library. What the letter forbids but some readers take stands in
 * `lenient`: control characters in strings, zeros before a number, no digit on
 * one side of its point. */

#include <stddef.h>

typedef struct json_strict {
  int valid;
  int lenient;  /* valid only if one isn't strict about it */
  size_t depth; /* of arrays and objects within each other */
  int huge;     /* an integer that no 64 bits hold */
  int doubtful; /* half a surrogate pair, NUL: valid, but no text to some */
} json_strict;

json_strict json_strict_check(const char *text, size_t length);

#endif
