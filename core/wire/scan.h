/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WIRE_SCAN_H
#define SIGNET_WIRE_SCAN_H

#include "wire/json.h"

#include <stddef.h>

/**
 * Looks for what json-c takes although it must not be taken: an integer that
 * no 64 bits hold, which it silently turns into the nearest one that they do;
 * a NUL byte, at which it stops reading, and one in a field's name, which it
 * cuts there; strings in single quotes; NaN and Infinity; numbers that lack
 * digits, as 5. and -.5, or have a zero too many, as 007. And for more levels
 * than SIGNET_JSON_DEPTH, which json-c counts differently for a value and for
 * an empty array. A text that is none from its first letter on is told as such.
 * @return NULL: nothing found; else a sentence (static text)
 */
const char *signet_json_scan(const char *text, size_t length);

/** Whether an object that is the whole text has a member of that name more than
 * once; json-c keeps the last one. The text was parsed before. */
bool signet_json_repeats(const char *text, size_t length, const char *name);

#endif
