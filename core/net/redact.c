/* SPDX-License-Identifier: MIT */
#include "net/redact.h"

#include "model/memory.h"
#include "model/text.h"
#include "net/base64.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { SECRETS_MAXIMUM = 4, ALIGNMENTS = 3, LONGEST_ESCAPE = 6 };

typedef struct hidden {
  char *text;
  size_t length;
  /* What base64 makes of it after 0, 1 or 2 bytes of a group of three, without
   * the characters that its neighbours have a say in. */
  char *base64[ALIGNMENTS];
} hidden;

struct signet_redaction {
  hidden secrets[SECRETS_MAXIMUM];
  size_t count;
  size_t longest;
  bool begins[256]; /* bytes with which some form of some secret begins */
};

signet_redaction *signet_redaction_new(void)
{
  return signet_memory_zeroed(1, sizeof(signet_redaction));
}

static void wipe(char *text)
{
  if (text != NULL)
    signet_memory_wipe(text, strlen(text));
  signet_memory_free(text);
}

void signet_redaction_free(signet_redaction *redaction)
{
  if (redaction == NULL)
    return;
  for (size_t i = 0; i < redaction->count; i++) {
    wipe(redaction->secrets[i].text);
    for (size_t a = 0; a < ALIGNMENTS; a++)
      wipe(redaction->secrets[i].base64[a]);
  }
  signet_memory_free(redaction);
}

/* ---- the forms ---- */

static bool encode_aligned(hidden *secret, size_t alignment)
{
  size_t whole = alignment + secret->length;
  size_t first = (8 * alignment + 5) / 6;
  size_t end = 8 * whole / 6;
  char *padded = signet_memory_zeroed(1, whole + 1);
  char *text = signet_memory_zeroed(1, signet_base64_length(whole) + 1);
  if (padded != NULL && text != NULL) {
    memcpy(padded + alignment, secret->text, secret->length);
    signet_base64_encode(padded, whole, text);
    memmove(text, text + first, end - first);
    memset(text + end - first, 0, signet_base64_length(whole) - (end - first));
    signet_memory_wipe(padded, whole);
  }
  bool good = padded != NULL && text != NULL;
  signet_memory_free(padded);
  secret->base64[alignment] = text;
  return good;
}

/* Both cases, both alphabets: a byte too many only costs time. */
static void note_begin(signet_redaction *redaction, char byte)
{
  static const char hex[] = "0123456789abcdefABCDEF";
  for (size_t i = 0; hex[i] != '\0'; i++)
    redaction->begins[(uint8_t)hex[i]] = true;
  redaction->begins[(uint8_t)byte] = true;
  redaction->begins['%'] = true;
  redaction->begins['\\'] = true;
  redaction->begins['+'] = true;
  redaction->begins['/'] = true;
  redaction->begins['-'] = true;
  redaction->begins['_'] = true;
}

bool signet_redaction_add(signet_redaction *redaction, const char *secret)
{
  size_t length = secret != NULL ? strlen(secret) : 0;
  if (length < SIGNET_REDACT_MINIMUM)
    return true;
  if (redaction->count == SECRETS_MAXIMUM)
    return false;
  hidden *entry = &redaction->secrets[redaction->count];
  entry->text = signet_memory_text(secret, length);
  entry->length = length;
  if (entry->text == NULL)
    return false;
  redaction->count++;
  note_begin(redaction, secret[0]);
  for (size_t a = 0; a < ALIGNMENTS; a++) {
    if (!encode_aligned(entry, a))
      return false;
    note_begin(redaction, entry->base64[a][0]);
  }
  if (length * LONGEST_ESCAPE > redaction->longest)
    redaction->longest = length * LONGEST_ESCAPE;
  return true;
}

size_t signet_redaction_longest(const signet_redaction *redaction)
{
  return redaction->longest;
}

/* ---- looking for them ---- */

static int hex_digit(char byte)
{
  if (byte >= '0' && byte <= '9')
    return byte - '0';
  if (byte >= 'a' && byte <= 'f')
    return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F')
    return byte - 'A' + 10;
  return -1;
}

static bool is_hex(const char *text, size_t left, char byte)
{
  return left >= 2 && hex_digit(text[0]) == (uint8_t)byte >> 4 &&
         hex_digit(text[1]) == ((uint8_t)byte & 15);
}

/* One byte in an escaped form: %XX, \uXXXX, a backslash before it, a plus for a
 * space. @return its length, 0: there is none */
static size_t escaped(const char *text, size_t left, char byte)
{
  if (left >= 3 && text[0] == '%' && is_hex(text + 1, left - 1, byte))
    return 3;
  if (left >= 6 && memcmp(text, "\\u00", 4) == 0 &&
      is_hex(text + 4, left - 4, byte))
    return 6;
  if (left >= 2 && text[0] == '\\' && text[1] == byte)
    return 2;
  return byte == ' ' && text[0] == '+' ? 1 : 0;
}

static size_t match_text(const hidden *secret, const char *text, size_t left)
{
  size_t used = 0;
  if (left >= secret->length && memcmp(text, secret->text, secret->length) == 0)
    return secret->length;
  for (size_t i = 0; i < secret->length; i++) {
    if (used == left)
      return 0;
    size_t more = escaped(text + used, left - used, secret->text[i]);
    if (more == 0 && text[used] != secret->text[i])
      return 0;
    used += more > 0 ? more : 1;
  }
  return used;
}

static size_t match_hex(const hidden *secret, const char *text, size_t left)
{
  for (size_t i = 0; i < secret->length; i++) {
    if (2 * i >= left || !is_hex(text + 2 * i, left - 2 * i, secret->text[i]))
      return 0;
  }
  return 2 * secret->length;
}

/* The alphabet for URLs has - and _ for + and /. */
static bool same_base64(char one, char other)
{
  if (one == '-')
    one = '+';
  if (one == '_')
    one = '/';
  return one == other;
}

static size_t match_base64(const char *pattern, const char *text, size_t left)
{
  size_t i = 0;
  while (i < left && pattern[i] != '\0' && same_base64(text[i], pattern[i]))
    i++;
  return pattern[i] == '\0' ? i : 0;
}

static size_t longer(size_t one, size_t other)
{
  return one > other ? one : other;
}

static size_t match(const hidden *secret, const char *text, size_t left)
{
  size_t used =
      longer(match_text(secret, text, left), match_hex(secret, text, left));
  for (size_t a = 0; a < ALIGNMENTS; a++)
    used = longer(used, match_base64(secret->base64[a], text, left));
  return used;
}

void signet_redact(const signet_redaction *redaction, char *text, size_t length)
{
  size_t hidden_to = 0;
  for (size_t at = 0; at < length; at++) {
    size_t used = 0;
    for (size_t i = 0;
         redaction->begins[(uint8_t)text[at]] && i < redaction->count; i++)
      used =
          longer(used, match(&redaction->secrets[i], text + at, length - at));
    if (at + used > hidden_to)
      hidden_to = at + used;
    if (at < hidden_to)
      text[at] = '*';
  }
}

void signet_redact_escape(const signet_redaction *redaction, char *out,
                          size_t size, const char *text, size_t length)
{
  size_t enough = size + redaction->longest;
  size_t taken = length < enough ? length : enough;
  char *copy = signet_memory_text(text, taken);
  out[0] = '\0';
  if (copy == NULL)
    return;
  signet_redact(redaction, copy, taken);
  signet_text_escape(out, size, copy, taken);
  signet_memory_wipe(copy, taken);
  signet_memory_free(copy);
}
