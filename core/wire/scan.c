/* SPDX-License-Identifier: MIT */
#include "wire/scan.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef struct scan {
  const char *at;
  const char *end;
  bool nul; /* the last string holds an escaped NUL */
  unsigned depth;
} scan;

static const char nul_escape[] = "u0000";

/* Goes behind the quote that ends the string; a text may end before. */
static void skip_string(scan *from)
{
  from->nul = false;
  while (from->at < from->end && *from->at != '"') {
    if (*from->at++ != '\\' || from->at == from->end)
      continue;
    size_t left = (size_t)(from->end - from->at);
    if (left >= strlen(nul_escape) &&
        memcmp(from->at, nul_escape, strlen(nul_escape)) == 0)
      from->nul = true;
    from->at++;
  }
  if (from->at < from->end)
    from->at++;
}

static bool is_digit(const scan *from)
{
  return from->at < from->end && *from->at >= '0' && *from->at <= '9';
}

static bool take(scan *from, char byte)
{
  bool there = from->at < from->end && *from->at == byte;
  from->at += there;
  return there;
}

/* @return whether there was one at least */
static bool skip_digits(scan *from)
{
  const char *begin = from->at;
  while (is_digit(from))
    from->at++;
  return from->at > begin;
}

/* A point and an exponent, if they are there. @return false: malformed */
static bool skip_fraction(scan *from, bool *fraction)
{
  bool good = true;
  if (take(from, '.')) {
    *fraction = true;
    good = skip_digits(from);
  }
  if (good && (take(from, 'e') || take(from, 'E'))) {
    *fraction = true;
    if (!take(from, '+'))
      take(from, '-');
    good = skip_digits(from);
  }
  return good;
}

static bool fits(const char *digits, const char *end, bool negative)
{
  static const uint64_t lowest = (uint64_t)1 << 63;
  uint64_t magnitude = 0;
  for (; digits < end; digits++)
    if (__builtin_mul_overflow(magnitude, 10u, &magnitude) ||
        __builtin_add_overflow(magnitude, (uint64_t)(*digits - '0'),
                               &magnitude))
      return false;
  return !negative || magnitude <= lowest;
}

static const char *scan_number(scan *from)
{
  bool negative = take(from, '-');
  const char *digits = from->at;
  bool fraction = false;
  bool good = skip_digits(from);
  const char *end = from->at;
  if (!good || (*digits == '0' && end - digits > 1) ||
      !skip_fraction(from, &fraction))
    return "a number is malformed";
  return fraction || fits(digits, end, negative) ? NULL
                                                 : "an integer is too large";
}

/* What stands outside of strings and is no number. */
static const char *scan_byte(scan *from)
{
  switch (*from->at++) {
  case '"':
    skip_string(from);
    return NULL;
  case '\0':
    return "the text holds a NUL byte";
  case '\'':
    return "a string stands in single quotes";
  case 'N':
  case 'I':
  case 'i':
    return "a number is not finite";
  case ':':
    return from->nul ? "a field's name holds a NUL byte" : NULL;
  case '[':
  case '{':
    from->depth++;
    return from->depth > SIGNET_JSON_DEPTH ? SIGNET_JSON_TOO_DEEP : NULL;
  case ']':
  case '}':
    from->depth -= from->depth > 0;
    return NULL;
  default:
    return NULL;
  }
}

static bool begins_word(const scan *from, const char *word)
{
  size_t left = (size_t)(from->end - from->at);
  size_t length = strlen(word);
  return memcmp(from->at, word, left < length ? left : length) == 0;
}

/* A page or a plain sentence is told for what it is, not for a letter in it
 * that would be wrong in JSON. A text may end anywhere. */
static bool begins_json(const char *text, size_t length)
{
  scan from = {text, text + length, false, 0};
  while (from.at < from.end && strchr(" \t\r\n", *from.at) != NULL &&
         *from.at != '\0')
    from.at++;
  if (from.at == from.end || is_digit(&from))
    return true;
  if (*from.at != '\0' && strchr("{[\"-", *from.at) != NULL)
    return true;
  return begins_word(&from, "true") || begins_word(&from, "false") ||
         begins_word(&from, "null");
}

const char *signet_json_scan(const char *text, size_t length)
{
  scan from = {text, text + length, false, 0};
  const char *problem =
      begins_json(text, length) ? NULL : "no JSON begins like this";
  while (from.at < from.end && problem == NULL)
    problem = is_digit(&from) || *from.at == '-' ? scan_number(&from)
                                                 : scan_byte(&from);
  return problem;
}

/* Behind the string that begins at `at`, which is its first letter. */
static size_t end_of_string(const char *text, size_t length, size_t at)
{
  while (at < length && text[at] != '"')
    at += text[at] == '\\' ? 2 : 1;
  return at + 1;
}

static bool is_member(const char *text, size_t length, size_t behind)
{
  while (behind < length && strchr(" \t\r\n", text[behind]) != NULL)
    behind++;
  return behind < length && text[behind] == ':';
}

bool signet_json_repeats(const char *text, size_t length, const char *name)
{
  size_t depth = 0;
  size_t found = 0;
  size_t size = strlen(name);
  for (size_t i = 0; i < length; i++) {
    if (text[i] == '"') {
      size_t behind = end_of_string(text, length, i + 1);
      found += depth == 1 && behind == i + size + 2 && behind <= length &&
               memcmp(text + i + 1, name, size) == 0 &&
               is_member(text, length, behind);
      i = behind - 1;
    } else if (text[i] == '{' || text[i] == '[') {
      depth++;
    } else if (text[i] == '}' || text[i] == ']') {
      depth--;
    }
  }
  return found > 1;
}
