/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_MODEL_TEXT_H
#define SIGNET_MODEL_TEXT_H

/* UTF-8: validation that survives being cut anywhere, and escaping. */

#include "model/visibility.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** State between two pieces of one text; zero it to begin. */
typedef struct signet_utf8 {
  uint8_t missing; /* continuation bytes still to come */
  uint8_t low;     /* bounds of the next one */
  uint8_t high;
} signet_utf8;

/** @return false: these bytes can't go on from what came before */
bool signet_utf8_check(signet_utf8 *state, const char *text, size_t length);
/** Whether a text that passed so far is complete. */
bool signet_utf8_complete(const signet_utf8 *state);
/** One whole text. */
SIGNET_INTERNAL bool signet_utf8_valid(const char *text, size_t length);
/** Decodes one character of valid or invalid UTF-8; an invalid byte gives
 * UINT32_MAX and length 1. @return bytes used, 0 at the end */
size_t signet_utf8_next(const char *text, size_t length, uint32_t *character);

/** Whether the @p size bytes at @p at stand by themselves: no ASCII letter,
 * digit or _ and no byte of another script touches them. */
bool signet_text_is_word(const char *text, size_t length, size_t at,
                         size_t size);

/**
 * Writes @p text so that it can be shown: control characters, bidirectional
 * controls, line separators and invalid bytes become \n, \t, \xNN or \u{N}.
 * Cut at a character boundary when @p size is too small; always ends with NUL.
 * @return bytes written, the NUL not counted
 */
SIGNET_INTERNAL size_t signet_text_escape(char *out, size_t size,
                                          const char *text, size_t length);

#endif
