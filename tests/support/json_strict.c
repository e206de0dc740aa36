/* SPDX-License-Identifier: MIT */
#include "json_strict.h"

#include <stdint.h>
#include <string.h>

/* Deeper than anybody reads; a limit, so that the stack is one too. */
enum { DEPTH_MAXIMUM = 1000 };

typedef struct reader {
  const unsigned char *at;
  const unsigned char *end;
  size_t depth;
  json_strict *result;
} reader;

static int peek(const reader *in)
{
  return in->at < in->end ? *in->at : -1;
}

static void skip_spaces(reader *in)
{
  while (peek(in) == ' ' || peek(in) == '\t' || peek(in) == '\n' ||
         peek(in) == '\r')
    in->at++;
}

static int take(reader *in, int byte)
{
  if (peek(in) != byte)
    return 0;
  in->at++;
  return 1;
}

static int take_word(reader *in, const char *word)
{
  size_t length = strlen(word);
  if ((size_t)(in->end - in->at) < length || memcmp(in->at, word, length) != 0)
    return 0;
  in->at += length;
  return 1;
}

static int is_digit(int byte)
{
  return byte >= '0' && byte <= '9';
}

static size_t take_digits(reader *in)
{
  const unsigned char *from = in->at;
  while (is_digit(peek(in)))
    in->at++;
  return (size_t)(in->at - from);
}

static void note_integer(const reader *in, const unsigned char *digits,
                         int negative)
{
  uint64_t value = 0;
  for (; digits < in->at; digits++) {
    uint64_t digit = (uint64_t)(*digits - '0');
    if (value > (UINT64_MAX - digit) / 10) {
      in->result->huge = 1;
      return;
    }
    value = value * 10 + digit;
  }
  if (negative && value > (uint64_t)INT64_MAX + 1)
    in->result->huge = 1;
}

static int take_number(reader *in)
{
  int negative = take(in, '-');
  const unsigned char *digits = in->at;
  size_t count = take_digits(in);
  if (count == 0 && peek(in) != '.')
    return 0;
  if (count == 0 || (count > 1 && digits[0] == '0'))
    in->result->lenient = 1;
  if (peek(in) != '.' && peek(in) != 'e' && peek(in) != 'E')
    note_integer(in, digits, negative);
  if (take(in, '.') && take_digits(in) == 0)
    in->result->lenient = 1;
  if (peek(in) == 'e' || peek(in) == 'E') {
    in->at++;
    if (!take(in, '+'))
      (void)take(in, '-');
    return take_digits(in) > 0;
  }
  return 1;
}

static int take_hex(reader *in, unsigned *value)
{
  *value = 0;
  for (int i = 0; i < 4; i++) {
    int byte = peek(in);
    int digit = is_digit(byte)               ? byte - '0'
                : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
                : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10
                                             : -1;
    if (digit < 0)
      return 0;
    *value = *value * 16 + (unsigned)digit;
    in->at++;
  }
  return 1;
}

static int take_escape(reader *in)
{
  unsigned unit;
  int byte = peek(in);
  in->at++;
  if (byte != 'u')
    return byte > 0 && strchr("\"\\/bfnrt", byte) != NULL;
  if (!take_hex(in, &unit))
    return 0;
  if (unit == 0 || (unit >= 0xDC00 && unit < 0xE000))
    in->result->doubtful = 1;
  if (unit < 0xD800 || unit >= 0xDC00)
    return 1;
  reader ahead = *in;
  unsigned low = 0;
  if (!take_word(&ahead, "\\u") || !take_hex(&ahead, &low) || low < 0xDC00 ||
      low >= 0xE000)
    in->result->doubtful = 1;
  else
    in->at = ahead.at;
  return 1;
}

/* One character of UTF-8 beyond ASCII. */
static int take_character(reader *in)
{
  static const struct {
    unsigned char first, last, low, high;
    int more;
  } rows[] = {
      {0xC2, 0xDF, 0x80, 0xBF, 1}, {0xE0, 0xE0, 0xA0, 0xBF, 2},
      {0xE1, 0xEC, 0x80, 0xBF, 2}, {0xED, 0xED, 0x80, 0x9F, 2},
      {0xEE, 0xEF, 0x80, 0xBF, 2}, {0xF0, 0xF0, 0x90, 0xBF, 3},
      {0xF1, 0xF3, 0x80, 0xBF, 3}, {0xF4, 0xF4, 0x80, 0x8F, 3},
  };
  int first = peek(in);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if (first < rows[i].first || first > rows[i].last)
      continue;
    in->at++;
    if (peek(in) < rows[i].low || peek(in) > rows[i].high)
      return 0;
    in->at++;
    for (int more = rows[i].more - 1; more > 0; more--) {
      if (peek(in) < 0x80 || peek(in) > 0xBF)
        return 0;
      in->at++;
    }
    return 1;
  }
  return 0;
}

static int take_string(reader *in)
{
  if (!take(in, '"'))
    return 0;
  for (;;) {
    int byte = peek(in);
    if (byte == '"') {
      in->at++;
      return 1;
    }
    if (byte <= 0)
      return 0;
    if (byte < ' ')
      in->result->lenient = 1;
    if (byte >= 0x80) {
      if (!take_character(in))
        return 0;
      continue;
    }
    in->at++;
    if (byte == '\\' && !take_escape(in))
      return 0;
  }
}

static int take_value(reader *in);

static int take_members(reader *in, int close, int named)
{
  if (++in->depth > DEPTH_MAXIMUM)
    return 0;
  if (in->depth > in->result->depth)
    in->result->depth = in->depth;
  in->at++;
  skip_spaces(in);
  if (!take(in, close)) {
    do {
      skip_spaces(in);
      if (named && !take_string(in))
        return 0;
      skip_spaces(in);
      if ((named && !take(in, ':')) || !take_value(in))
        return 0;
      skip_spaces(in);
    } while (take(in, ','));
    if (!take(in, close))
      return 0;
  }
  in->depth--;
  return 1;
}

static int take_value(reader *in)
{
  skip_spaces(in);
  switch (peek(in)) {
  case '{':
    return take_members(in, '}', 1);
  case '[':
    return take_members(in, ']', 0);
  case '"':
    return take_string(in);
  case 't':
    return take_word(in, "true");
  case 'f':
    return take_word(in, "false");
  case 'n':
    return take_word(in, "null");
  default:
    return take_number(in);
  }
}

json_strict json_strict_check(const char *text, size_t length)
{
  json_strict result = {0};
  const unsigned char *bytes = (const unsigned char *)text;
  reader in = {bytes, bytes + length, 0, &result};
  if (!take_value(&in))
    return result;
  skip_spaces(&in);
  result.valid = in.at == in.end;
  return result;
}
