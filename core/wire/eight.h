/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WIRE_EIGHT_H
#define SIGNET_WIRE_EIGHT_H

/* Looking at eight bytes of text at once. */

#include <stdint.h>
#include <string.h>

/** A word of which each byte is @p byte. */
#define SIGNET_EIGHT(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline uint64_t signet_eight_read(const char *text)
{
  uint64_t word;
  memcpy(&word, text, sizeof word);
  return word;
}

/** High bits where a byte of the word is less than @p limit (at most 0x80);
 * behind such a one, higher up in the word, they may be wrong. */
static inline uint64_t signet_eight_less(uint64_t word, uint8_t limit)
{
  return (word - SIGNET_EIGHT(limit)) & ~word & SIGNET_EIGHT(0x80);
}

/** The same where a byte is @p byte. */
static inline uint64_t signet_eight_equal(uint64_t word, char byte)
{
  return signet_eight_less(word ^ SIGNET_EIGHT((uint8_t)byte), 1);
}

#endif
