/* SPDX-License-Identifier: MIT */
#include "net/redact.h"

#include "model/memory.h"
#include "model/text.h"
#include "net/base64.h"
#include "net/unescape.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
  SECRETS_MAXIMUM = 4,
  ALIGNMENTS = 3,
  FORMS_EACH = ALIGNMENTS + 2,
  FORMS_MAXIMUM = SECRETS_MAXIMUM * FORMS_EACH,
  UNDONE_MAXIMUM = 3, /* escapes of escapes of escapes */
  LETTER_MAXIMUM = 36,
  PLACES_MAXIMUM = 16
};

typedef enum form_kind { FORM_TEXT, FORM_BASE64, FORM_HEX } form_kind;

typedef struct form {
  form_kind kind;
  char *text;
  size_t length;
} form;

struct signet_redaction {
  form forms[FORMS_MAXIMUM];
  size_t count;
  size_t longest;
  uint32_t begins[UINT8_MAX + 1]; /* the forms that a byte may begin, as bits */
};

signet_redaction *signet_redaction_new(void)
{
  return signet_memory_zeroed(1, sizeof(signet_redaction));
}

void signet_redaction_free(signet_redaction *redaction)
{
  if (redaction == NULL)
    return;
  for (size_t i = 0; i < redaction->count; i++) {
    signet_memory_wipe(redaction->forms[i].text, redaction->forms[i].length);
    signet_memory_free(redaction->forms[i].text);
  }
  signet_memory_free(redaction);
}

/* ---- the forms ---- */

/* The alphabet of base64 for URLs has - and _ for + and /; a plus becomes a
 * space where a text is taken for a form's. */
static bool same(form_kind kind, int byte, char expected)
{
  switch (kind) {
  case FORM_BASE64:
    return byte == expected ||
           (expected == '+' && (byte == '-' || byte == ' ')) ||
           (expected == '/' && byte == '_');
  case FORM_HEX:
    return byte == expected ||
           (byte >= 'A' && byte <= 'F' && byte - 'A' + 'a' == expected);
  default:
    return byte == (uint8_t)expected || (expected == ' ' && byte == '+');
  }
}

/* Takes the text over. */
static bool add_form(signet_redaction *redaction, form_kind kind, char *text,
                     size_t length)
{
  size_t longest = kind == FORM_HEX ? length : length * LETTER_MAXIMUM;
  if (text == NULL)
    return false;
  for (int byte = 0; byte <= UINT8_MAX; byte++)
    if (same(kind, byte, text[0]))
      redaction->begins[byte] |= UINT32_C(1) << redaction->count;
  redaction->forms[redaction->count++] = (form){kind, text, length};
  if (longest > redaction->longest)
    redaction->longest = longest;
  return true;
}

/* What base64 makes of it after 0, 1 or 2 bytes of a group of three, without
 * the characters that its neighbours have a say in. */
static bool add_base64(signet_redaction *redaction, const char *secret,
                       size_t length, size_t alignment)
{
  size_t whole = alignment + length;
  size_t first = (8 * alignment + 5) / 6;
  size_t end = 8 * whole / 6;
  char *padded = signet_memory_zeroed(1, whole + 1);
  char *text = signet_memory_zeroed(1, signet_base64_length(whole) + 1);
  if (padded != NULL && text != NULL) {
    memcpy(padded + alignment, secret, length);
    signet_base64_encode(padded, whole, text);
    memmove(text, text + first, end - first);
    signet_memory_wipe(text + end - first,
                       signet_base64_length(whole) - (end - first));
    signet_memory_wipe(padded, whole);
  } else {
    signet_memory_free(text);
    text = NULL;
  }
  signet_memory_free(padded);
  return add_form(redaction, FORM_BASE64, text, end - first);
}

static bool add_hex(signet_redaction *redaction, const char *secret,
                    size_t length)
{
  static const char digits[] = "0123456789abcdef";
  char *text = signet_memory_zeroed(length, 2);
  for (size_t i = 0; text != NULL && i < length; i++) {
    text[2 * i] = digits[(uint8_t)secret[i] >> 4];
    text[2 * i + 1] = digits[(uint8_t)secret[i] & 15];
  }
  return add_form(redaction, FORM_HEX, text, 2 * length);
}

bool signet_redaction_add(signet_redaction *redaction, const char *secret)
{
  size_t length = secret != NULL ? strlen(secret) : 0;
  if (length < SIGNET_REDACT_MINIMUM)
    return true;
  if (redaction->count + FORMS_EACH > FORMS_MAXIMUM)
    return false;
  bool good = add_form(redaction, FORM_TEXT, signet_memory_text(secret, length),
                       length) &&
              add_hex(redaction, secret, length);
  for (size_t a = 0; good && a < ALIGNMENTS; a++)
    good = add_base64(redaction, secret, length, a);
  return good;
}

size_t signet_redaction_longest(const signet_redaction *redaction)
{
  return redaction->longest;
}

/* ---- looking for them ---- */

/* Where in a text the next byte of a form may stand: a backslash can be itself
 * or the beginning of an escape, so that there may be more than one place. */
typedef struct places {
  size_t at[PLACES_MAXIMUM];
  size_t count;
} places;

static void add_place(places *set, size_t at)
{
  for (size_t i = 0; i < set->count; i++)
    if (set->at[i] == at)
      return;
  if (set->count < PLACES_MAXIMUM)
    set->at[set->count++] = at;
}

/* The places behind those letters that begin at @p at and are the byte that is
 * expected, whatever has been undone to read them. */
static void step(places *next, form_kind kind, char expected, const char *text,
                 size_t left, size_t at)
{
  bool plain = at < left && !signet_escape_begins(text[at]);
  for (unsigned times = 0; times <= (plain ? 0 : UNDONE_MAXIMUM); times++) {
    signet_letter letter = signet_unescape(text + at, left - at, times);
    if (letter.used <= LETTER_MAXIMUM && same(kind, letter.byte, expected))
      add_place(next, at + letter.used);
  }
}

/* @return the length of the longest one that begins here, 0: none does */
static size_t match_escaped(const form *wanted, const char *text, size_t left)
{
  places set = {.at = {0}, .count = 1};
  size_t longest = 0;
  for (size_t i = 0; set.count > 0 && i < wanted->length; i++) {
    places next = {.count = 0};
    for (size_t p = 0; p < set.count; p++)
      step(&next, wanted->kind, wanted->text[i], text, left, set.at[p]);
    set = next;
  }
  for (size_t p = 0; p < set.count; p++)
    longest = set.at[p] > longest ? set.at[p] : longest;
  return longest;
}

static size_t match(const form *wanted, const char *text, size_t left)
{
  bool escapes = false;
  size_t i = 0;
  for (; i < left && i < wanted->length; i++) {
    escapes |= signet_escape_begins(text[i]);
    if (!same(wanted->kind, (uint8_t)text[i], wanted->text[i]))
      break;
  }
  if (i == wanted->length)
    return i;
  /* Nobody escapes the digits of hex. */
  return escapes && wanted->kind != FORM_HEX ? match_escaped(wanted, text, left)
                                             : 0;
}

/* The forms that may begin here. */
static uint32_t begin_at(const signet_redaction *redaction, const char *text,
                         size_t left)
{
  uint32_t forms = redaction->begins[(uint8_t)text[0]];
  for (unsigned times = 1;
       signet_escape_begins(text[0]) && times <= UNDONE_MAXIMUM; times++)
    forms |= redaction->begins[signet_unescape(text, left, times).byte];
  return forms;
}

static size_t match_any(const signet_redaction *redaction, const char *text,
                        size_t left)
{
  size_t used = 0;
  uint32_t forms = begin_at(redaction, text, left);
  for (size_t i = 0; forms >> i != 0; i++) {
    size_t own =
        (forms >> i & 1) != 0 ? match(&redaction->forms[i], text, left) : 0;
    used = own > used ? own : used;
  }
  return used;
}

void signet_redact(const signet_redaction *redaction, char *text, size_t length)
{
  size_t hidden_to = 0;
  for (size_t at = 0; at < length; at++) {
    size_t used = match_any(redaction, text + at, length - at);
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
  if (copy == NULL) { /* better no words than the secret */
    snprintf(out, size, "out of memory");
    return;
  }
  signet_redact(redaction, copy, taken);
  signet_text_escape(out, size, copy, taken);
  signet_memory_wipe(copy, taken);
  signet_memory_free(copy);
}
