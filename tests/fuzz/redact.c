/* SPDX-License-Identifier: MIT */
/* Secrets in any text, in any of their forms: none is left, the text keeps its
 * length, and looking again finds nothing more. The first byte chooses the
 * secret. Bytes below 32 stand for forms of it, all others for themselves. What
 * comes before a form may be read as an escape with it: a character that no
 * escape has stands between them. */
#include "net/redact.h"
#include "fuzz.h"
#include "net/base64.h"

#include <ctype.h>
#include <string.h>

enum { TEXT = 4096, FORM = 512 };

static const char *const secrets[] = {
    "w0nderful-Secret_17", "p4ss/w\"rd+\\x \xc3\xa9%", "a%41\\n&amp;/",
    "\\\\\\\\x", "dg8rgnqe?7fenl61b>x5"};
enum { SECRETS = sizeof secrets / sizeof secrets[0] };

static signet_redaction *redactions[SECRETS];

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  (void)count, (void)arguments;
  for (size_t i = 0; i < SECRETS; i++) {
    redactions[i] = signet_redaction_new();
    FUZZ_REQUIRE(redactions[i] != NULL &&
                 signet_redaction_add(redactions[i], secrets[i]));
  }
  return 0;
}

/* ---- forms ---- */

/* Every byte, or those that have to be, by `format`. */
static void escape(char *out, const char *text, bool all, const char *format)
{
  for (; *text != '\0'; text++)
    if (all || !isalnum((unsigned char)*text))
      out += sprintf(out, format, (unsigned char)*text);
    else
      *out++ = *text;
  *out = '\0';
}

/* The characters that the secret alone decides, of key:secret in base64. */
static void encode(char *out, const char *secret, unsigned shift)
{
  char pair[64];
  char whole[128];
  snprintf(pair, sizeof pair, "%.*s%s", (int)shift, "key:", secret);
  signet_base64_encode(pair, strlen(pair), whole);
  size_t first = (shift * 8 + 5) / 6;
  size_t last = strlen(pair) * 8 / 6;
  snprintf(out, FORM, "%.*s", (int)(last - first), whole + first);
}

static void write_form(char *out, const char *secret, unsigned form)
{
  static const struct {
    const char *format;
    bool all;
  } escapes[] = {{"%%%02X", true},    {"%%%02x", false}, {"%%25%02X", false},
                 {"\\x%02x", true},   {"&#%u;", true},   {"&#x%x;", false},
                 {"%%5Cx%02x", true}, {"%02x", true},    {"%02X", true},
                 {"%%2525%02X", true}};
  enum { ESCAPES = sizeof escapes / sizeof escapes[0] };
  char base64[FORM];
  if (form == 0) {
    strcpy(out, secret);
  } else if (form <= ESCAPES) {
    escape(out, secret, escapes[form - 1].all, escapes[form - 1].format);
  } else {
    encode(base64, secret, form % 5);
    if (form % 2 == 0)
      strcpy(out, base64);
    else
      escape(out, base64, false, form % 3 == 0 ? "%%%02X" : "\\%c");
  }
}

/* ---- */

typedef struct places {
  size_t begin[TEXT];
  size_t end[TEXT];
  size_t count;
} places;

static size_t write_text(char *text, const char *secret, const uint8_t *data,
                         size_t size, places *found)
{
  char form[FORM];
  size_t length = 0;
  found->count = 0;
  for (size_t i = 0; i < size && length + FORM + 2 < TEXT; i++) {
    if (data[i] >= 32) {
      text[length++] = (char)data[i];
      continue;
    }
    write_form(form, secret, data[i]);
    text[length++] = '\n';
    found->begin[found->count] = length;
    memcpy(text + length, form, strlen(form));
    length += strlen(form);
    found->end[found->count++] = length;
    text[length++] = '\n';
  }
  return length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static char text[TEXT];
  static char again[TEXT];
  static places found;
  if (size < 1)
    return 0;
  const char *secret = secrets[data[0] % SECRETS];
  const signet_redaction *redaction = redactions[data[0] % SECRETS];
  size_t length = write_text(text, secret, data + 1, size - 1, &found);
  /* Exactly as long, so that a byte too far shows. */
  char *exact = malloc(length + 1);
  FUZZ_REQUIRE(exact != NULL);
  memcpy(exact, text, length);
  signet_redact(redaction, exact, length);
  for (size_t i = 0; i < found.count; i++)
    for (size_t at = found.begin[i]; at < found.end[i]; at++)
      FUZZ_REQUIRE(exact[at] == '*');
  for (size_t i = 0; i < length; i++)
    FUZZ_REQUIRE(exact[i] == text[i] || exact[i] == '*');
  memcpy(again, exact, length);
  signet_redact(redaction, again, length);
  FUZZ_REQUIRE(memcmp(again, exact, length) == 0);
  free(exact);
  return 0;
}
