/* SPDX-License-Identifier: MIT */
#include "model/text.h"

#include <stdio.h>
#include <string.h>

/* What may follow a lead byte: how many bytes, and the bounds of the first of
 * them, which exclude overlong forms, surrogates and what lies past U+10FFFF
 * (Unicode 15, table 3-7). */
static bool begin(signet_utf8 *state, uint8_t lead)
{
  if (lead < 0x80)
    return true;
  state->low = 0x80;
  state->high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    state->missing = 1;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    state->missing = 2;
    if (lead == 0xE0)
      state->low = 0xA0;
    if (lead == 0xED)
      state->high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    state->missing = 3;
    if (lead == 0xF0)
      state->low = 0x90;
    if (lead == 0xF4)
      state->high = 0x8F;
  } else {
    return false;
  }
  return true;
}

static size_t ascii_run(const char *text, size_t length)
{
  size_t i = 0;
  for (; i + 8 <= length; i += 8) {
    uint64_t word;
    memcpy(&word, text + i, sizeof word);
    if (word & UINT64_C(0x8080808080808080))
      break;
  }
  while (i < length && (uint8_t)text[i] < 0x80)
    i++;
  return i;
}

bool signet_utf8_check(signet_utf8 *state, const char *text, size_t length)
{
  for (size_t i = 0; i < length;) {
    if (state->missing == 0) {
      i += ascii_run(text + i, length - i);
      if (i == length)
        break;
      if (!begin(state, (uint8_t)text[i++]))
        return false;
      continue;
    }
    uint8_t byte = (uint8_t)text[i++];
    if (byte < state->low || byte > state->high)
      return false;
    state->missing--;
    state->low = 0x80;
    state->high = 0xBF;
  }
  return true;
}

bool signet_utf8_complete(const signet_utf8 *state)
{
  return state->missing == 0;
}

bool signet_utf8_valid(const char *text, size_t length)
{
  signet_utf8 state = {0};
  return signet_utf8_check(&state, text, length) &&
         signet_utf8_complete(&state);
}

size_t signet_utf8_next(const char *text, size_t length, uint32_t *character)
{
  if (length == 0)
    return 0;
  uint8_t lead = (uint8_t)text[0];
  *character = lead;
  if (lead < 0x80)
    return 1;
  signet_utf8 state = {0};
  if (!begin(&state, lead) || state.missing >= length) {
    *character = UINT32_MAX;
    return 1;
  }
  size_t size = (size_t)state.missing + 1;
  if (!signet_utf8_check(&state, text + 1, size - 1)) {
    *character = UINT32_MAX;
    return 1;
  }
  uint32_t value = lead & (0x7Fu >> size);
  for (size_t i = 1; i < size; i++)
    value = value << 6 | ((uint8_t)text[i] & 0x3Fu);
  *character = value;
  return size;
}

/* Characters that change what a terminal or a reader sees of the others:
 * controls, zero width and bidirectional marks, line separators. */
static bool is_shown(uint32_t character)
{
  if (character == UINT32_MAX) /* a byte that is no UTF-8 */
    return false;
  if (character < 0x20 || (character >= 0x7F && character <= 0x9F))
    return false;
  if (character >= 0x200B && character <= 0x200F)
    return false;
  if (character >= 0x2028 && character <= 0x202E)
    return false;
  if (character >= 0x2060 && character <= 0x206F)
    return false;
  return character != 0x061C && character != 0xFEFF && character != 0xAD;
}

static size_t escape_one(char *out, size_t size, uint32_t character,
                         uint8_t byte)
{
  int length;
  if (character == '\n')
    length = snprintf(out, size, "\\n");
  else if (character == '\t')
    length = snprintf(out, size, "\\t");
  else if (character == '\r')
    length = snprintf(out, size, "\\r");
  else if (character == UINT32_MAX || character < 0x80)
    length = snprintf(out, size, "\\x%02X", byte);
  else
    length = snprintf(out, size, "\\u{%X}", (unsigned)character);
  return (size_t)length;
}

size_t signet_text_escape(char *out, size_t size, const char *text,
                          size_t length)
{
  size_t written = 0;
  while (size > 0 && length > 0) {
    uint32_t character;
    size_t used = signet_utf8_next(text, length, &character);
    char escaped[16];
    const char *piece = text;
    size_t piece_length = used;
    if (!is_shown(character)) {
      piece_length =
          escape_one(escaped, sizeof escaped, character, (uint8_t)text[0]);
      piece = escaped;
    }
    if (piece_length > size - 1 - written)
      break;
    memcpy(out + written, piece, piece_length);
    written += piece_length;
    text += used;
    length -= used;
  }
  if (size > 0)
    out[written] = '\0';
  return written;
}

static bool is_word_byte(char byte)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789_"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return (unsigned char)byte >= 0x80 ||
         memchr(plain, byte, sizeof plain - 1) != NULL;
}

bool signet_text_is_word(const char *text, size_t length, size_t at,
                         size_t size)
{
  return (at == 0 || !is_word_byte(text[at - 1])) &&
         (at + size == length || !is_word_byte(text[at + size]));
}
