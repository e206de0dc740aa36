/* SPDX-License-Identifier: MIT */
#include "wire/scan.h"

#include <string.h>

/* Goes on to the string's end; most of a list is inside of strings, so this
 * leaves the looking to memchr. @return bytes used */
static size_t skip_string(signet_json_scan *scan, const char *text,
                          size_t length)
{
  size_t i = 0;
  while (i < length && scan->in_string) {
    if (scan->escaped) {
      scan->escaped = false;
      i++;
      continue;
    }
    const char *quote = memchr(text + i, '"', length - i);
    size_t end = quote != NULL ? (size_t)(quote - text) : length;
    const char *escape = memchr(text + i, '\\', end - i);
    scan->escaped = escape != NULL;
    scan->in_string = escape != NULL || quote == NULL;
    i = escape != NULL ? (size_t)(escape - text) + 1
                       : end + (quote != NULL ? 1 : 0);
  }
  return i;
}

static bool is_digit(char byte)
{
  return byte >= '0' && byte <= '9';
}

/* Whether the byte belongs to the number before it; takes it in. */
static bool continue_number(signet_json_scan *scan, char byte)
{
  if (is_digit(byte)) {
    uint64_t digit = (uint64_t)(byte - '0');
    if (__builtin_mul_overflow(scan->magnitude, 10u, &scan->magnitude) ||
        __builtin_add_overflow(scan->magnitude, digit, &scan->magnitude))
      scan->overflow = true;
    return true;
  }
  bool marks = byte == '.' || byte == 'e' || byte == 'E';
  scan->fraction = scan->fraction || marks;
  return marks || (scan->fraction && (byte == '+' || byte == '-'));
}

const char *signet_json_scan_finish(signet_json_scan *scan)
{
  static const uint64_t lowest = (uint64_t)1 << 63;
  bool fits =
      scan->fraction ||
      (!scan->overflow && (!scan->negative || scan->magnitude <= lowest));
  bool in_number = scan->in_number;
  *scan = (signet_json_scan){.in_string = scan->in_string};
  return in_number && !fits ? "an integer is too large" : NULL;
}

static const char *begin_token(signet_json_scan *scan, char byte)
{
  if (byte == '\0')
    return "the text holds a NUL byte";
  if (byte == '\'')
    return "a string stands in single quotes";
  if (byte == 'N' || byte == 'I' || byte == 'i')
    return "a number is not finite";
  scan->in_string = byte == '"';
  scan->negative = byte == '-';
  scan->in_number = scan->negative || is_digit(byte);
  if (is_digit(byte))
    continue_number(scan, byte);
  return NULL;
}

const char *signet_json_scan_feed(signet_json_scan *scan, const char *text,
                                  size_t length)
{
  const char *problem = NULL;
  for (size_t i = 0; i < length && problem == NULL;) {
    if (scan->in_string) {
      i += skip_string(scan, text + i, length - i);
      continue;
    }
    char byte = text[i++];
    if (scan->in_number) {
      if (continue_number(scan, byte))
        continue;
      problem = signet_json_scan_finish(scan);
    }
    if (problem == NULL)
      problem = begin_token(scan, byte);
  }
  return problem;
}
