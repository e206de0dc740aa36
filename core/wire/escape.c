/* SPDX-License-Identifier: MIT */
#include "wire/escape.h"

#include <stdint.h>
#include <string.h>

enum { REPLACEMENT = 0xFFFD };

/* The four hexadecimal digits at @p text. @return false: they aren't there */
static bool read_unit(const char *text, const char *end, uint32_t *unit)
{
  *unit = 0;
  if (end - text < 4)
    return false;
  for (int i = 0; i < 4; i++) {
    char byte = text[i];
    uint32_t digit;
    if (byte >= '0' && byte <= '9')
      digit = (uint32_t)(byte - '0');
    else if (byte >= 'a' && byte <= 'f')
      digit = (uint32_t)(byte - 'a') + 10;
    else if (byte >= 'A' && byte <= 'F')
      digit = (uint32_t)(byte - 'A') + 10;
    else
      return false;
    *unit = *unit << 4 | digit;
  }
  return true;
}

static bool is_high(uint32_t unit)
{
  return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low(uint32_t unit)
{
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

static char *write_character(char *to, uint32_t character)
{
  if (character < 0x80) {
    *to++ = (char)character;
  } else if (character < 0x800) {
    *to++ = (char)(0xC0 | character >> 6);
    *to++ = (char)(0x80 | (character & 0x3F));
  } else if (character < 0x10000) {
    *to++ = (char)(0xE0 | character >> 12);
    *to++ = (char)(0x80 | (character >> 6 & 0x3F));
    *to++ = (char)(0x80 | (character & 0x3F));
  } else {
    *to++ = (char)(0xF0 | character >> 18);
    *to++ = (char)(0x80 | (character >> 12 & 0x3F));
    *to++ = (char)(0x80 | (character >> 6 & 0x3F));
    *to++ = (char)(0x80 | (character & 0x3F));
  }
  return to;
}

/* \uXXXX, or two of them that make one character; @p from is behind the u.
 * @return where it ends, NULL: malformed */
static const char *read_character(const char *from, const char *end,
                                  uint32_t *character)
{
  uint32_t low;
  if (!read_unit(from, end, character))
    return NULL;
  from += 4;
  if (is_high(*character) && end - from >= 6 && from[0] == '\\' &&
      from[1] == 'u' && read_unit(from + 2, end, &low) && is_low(low)) {
    *character = 0x10000 + ((*character & 0x3FF) << 10) + (low & 0x3FF);
    return from + 6;
  }
  if (is_high(*character) || is_low(*character))
    *character = REPLACEMENT;
  return from;
}

/* The byte that a letter behind a backslash means; 0: none. */
static char simple_escape(char letter)
{
  switch (letter) {
  case 'b':
    return '\b';
  case 'f':
    return '\f';
  case 'n':
    return '\n';
  case 'r':
    return '\r';
  case 't':
    return '\t';
  case '"':
  case '\\':
  case '/':
    return letter;
  default:
    return '\0';
  }
}

bool signet_json_unescape(char *text, size_t *length)
{
  const char *from = text;
  const char *end = text + *length;
  char *to = text;
  while (from < end) {
    const char *escape = memchr(from, '\\', (size_t)(end - from));
    size_t plain = (size_t)((escape != NULL ? escape : end) - from);
    memmove(to, from, plain);
    to += plain;
    from += plain;
    if (escape == NULL)
      break;
    if (end - from < 2)
      return false;
    uint32_t character = (uint8_t)simple_escape(from[1]);
    if (from[1] == 'u')
      from = read_character(from + 2, end, &character);
    else
      from = character != 0 ? from + 2 : NULL;
    if (from == NULL)
      return false;
    to = write_character(to, character);
  }
  *length = (size_t)(to - text);
  return true;
}
