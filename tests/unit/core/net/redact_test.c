/* SPDX-License-Identifier: MIT */
/* Secrets in whatever a server may send back. */
#include "net/base64.h"
#include "net/redact.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(redact);

#define SECRET "p4ss/w\"rd+\\x \xc3\xa9%"

static signet_redaction *knowing(const char *secret)
{
  signet_redaction *redaction = signet_redaction_new();
  cr_assert_not_null(redaction);
  cr_assert(signet_redaction_add(redaction, secret));
  return redaction;
}

/* Whether nothing but stars and what stood around it is left. */
static void expect_hidden(const char *secret, const char *form,
                          const char *what)
{
  signet_redaction *redaction = knowing(secret);
  char text[4096];
  char expected[4096];
  size_t own = strlen(form);
  cr_assert_leq(own, signet_redaction_longest(redaction), "%s", what);
  snprintf(text, sizeof text, "before <%s> after", form);
  snprintf(expected, sizeof expected, "before <%s> after", form);
  memset(expected + strlen("before <"), '*', own);
  signet_redact(redaction, text, strlen(text));
  cr_expect_str_eq(text, expected, "%s: %s", what, text);
  signet_redaction_free(redaction);
}

static void percent(char *out, const char *text, bool all, const char *format)
{
  for (; *text != '\0'; text++)
    if (all || strchr("/\"+\\ %", *text) != NULL || (unsigned char)*text > 127)
      out += sprintf(out, format, (unsigned char)*text);
    else
      *out++ = *text;
  *out = '\0';
}

Test(redact, raw)
{
  expect_hidden(SECRET, SECRET, "raw");
  expect_hidden("abcd", "abcd", "the shortest");
}

Test(redact, percent)
{
  char form[256];
  percent(form, SECRET, false, "%%%02X");
  expect_hidden(SECRET, form, "some bytes");
  percent(form, SECRET, true, "%%%02X");
  expect_hidden(SECRET, form, "all bytes");
  percent(form, SECRET, true, "%%%02x");
  expect_hidden(SECRET, form, "small digits");
  expect_hidden("two words", "two+words", "a form's space");
}

Test(redact, hex)
{
  char form[256];
  percent(form, SECRET, true, "%02x");
  expect_hidden(SECRET, form, "small digits");
  percent(form, SECRET, true, "%02X");
  expect_hidden(SECRET, form, "capital digits");
}

Test(redact, json)
{
  expect_hidden("a/b\"c\\d", "a\\/b\\\"c\\\\d", "escapes");
  expect_hidden("a<b>c", "a\\u003cb\\u003Ec", "numbers");
}

/* Whatever stands around it in what was encoded: everything that the secret
 * alone decides is gone. */
Test(redact, base64_at_every_place)
{
  static const char *const prefixes[] = {"", "k", "ke", "key:", "key22:"};
  static const char *const suffixes[] = {"", "x", "xy", "\n"};
  signet_redaction *redaction = knowing("canary-7f3a91");
  for (size_t i = 0; i < 5; i++) {
    for (size_t j = 0; j < 4; j++) {
      char whole[128];
      char text[256];
      snprintf(whole, sizeof whole, "%scanary-7f3a91%s", prefixes[i],
               suffixes[j]);
      signet_base64_encode(whole, strlen(whole), text);
      signet_redact(redaction, text, strlen(text));
      size_t stars = 0;
      for (const char *at = text; *at != '\0'; at++)
        stars += *at == '*';
      cr_expect_geq(stars, strlen("canary-7f3a91") * 8 / 6 - 1, "%s", text);
    }
  }
  signet_redaction_free(redaction);
}

Test(redact, base64_of_urls)
{
  char text[64];
  signet_redaction *redaction = knowing("\xfb\xff\xfe>>>???");
  signet_base64_encode("\xfb\xff\xfe>>>???", 9, text);
  for (char *at = text; *at != '\0'; at++) {
    if (*at == '+')
      *at = '-';
    if (*at == '/')
      *at = '_';
  }
  cr_assert_not_null(strpbrk(text, "-_"));
  signet_redact(redaction, text, strlen(text));
  cr_expect_str_eq(text, "************");
  signet_redaction_free(redaction);
}

/* Every character that may be escaped, with `format`. */
static void escape(char *out, const char *text, const char *format)
{
  for (; *text != '\0'; text++)
    if (strchr("/+\"\\", *text) != NULL)
      out += sprintf(out, format, *text);
    else
      *out++ = *text;
  *out = '\0';
}

/* What stands for base64 in URLs, JSON and HTML, once and again. */
Test(redact, base64_escaped)
{
  static const char secret[] = "dg8rgnqe?7fenl61b>x5"; /* after "key:" */
  static const char pair[] = "ZGc4cmducWU/N2Zlbmw2MWI+eDU";
  static const char *const formats[] = {
      "%%%02X",     "%%%02x",    "%%25%02X",    "%%2525%02x",     "\\%c",
      "\\\\\\%c",   "\\u%04x",   "\\u%04X",     "\\\\u%04x",      "\\x%02x",
      "%%5C%%%02X", "%%5Cu%04x", "\\u0025%02X", "&#%d;",          "&#x%x;",
      "&#X%04X;",   "&amp;#%d;", "\\u0026#%d;", "%%26%%23%d%%3B", "&#37;%02X"};
  signet_redaction *redaction = knowing(secret);
  for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
    char form[256];
    size_t own;
    escape(form, pair, formats[i]);
    own = strlen(form);
    cr_assert_gt(own, strlen(pair));
    cr_expect_leq(own, signet_redaction_longest(redaction));
    signet_redact(redaction, form, own);
    /* The last character depends on what comes after it. */
    cr_expect_geq(strspn(form, "*"), own - 1, "%s: %s", formats[i], form);
  }
  signet_redaction_free(redaction);
}

Test(redact, escapes_of_escapes)
{
  static const char *const formats[] = {
      "%%25%02X", "%%2525%02X",   "\\u%04x",   "\\\\u%04x", "\\x%02x",
      "&#%d;",    "&amp;#x%02X;", "%%5Cu%04X", "&#x%04x;"};
  for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
    char form[512];
    escape(form, "a/b\"c\\d+e", formats[i]);
    expect_hidden("a/b\"c\\d+e", form, formats[i]);
  }
  expect_hidden("a\"b\\c", "a\\\\\\\"b\\\\\\\\c", "JSON in JSON");
  expect_hidden("a<b>&\"'c", "a&lt;b&gt;&amp;&quot;&apos;c", "HTML");
  expect_hidden("a/b+c\\d%e=f:g",
                "a&sol;b&plus;c&bsol;d&percnt;e&equals;f&colon;g", "names");
}

/* What looks like an escape may be the secret itself, and escaped in turn. */
Test(redact, secrets_like_escapes)
{
  expect_hidden("a%41\\n&amp;/", "a%41\\n&amp;/", "raw");
  expect_hidden("a%41\\n&amp;/", "a%41\\\\n&amp;\\/", "JSON");
  expect_hidden("a%41\\n&amp;/", "a%2541%5Cn%26amp%3B%2F", "percent");
  expect_hidden("a%41\\n&amp;/", "a%41\\n&amp;amp;/", "HTML");
  expect_hidden("\\\\\\\\x", "\\\\\\\\\\\\\\\\x", "backslashes");
  expect_hidden("\\\\\\\\x", "%5C\\\\\\\\\\\\x", "some of them");
  expect_hidden("%%%%%%%%", "%25%%25%%25%%25%", "percent signs");
}

Test(redact, base64_taken_for_a_form)
{
  char text[] = "<ZGc4cmducWU/N2Zlbmw2MWI eDU>";
  signet_redaction *redaction = knowing("dg8rgnqe?7fenl61b>x5");
  signet_redact(redaction, text, strlen(text));
  cr_expect_str_eq(text, "<**************************U>");
  signet_redaction_free(redaction);
}

Test(redact, cut_escapes_end_nothing)
{
  static const char *const cuts[] = {"abc%",     "abc%6",     "abc\\",
                                     "abc\\u00", "abc\\u006", "abc&",
                                     "abc&#10",  "abc&amp",   "abc%25"};
  signet_redaction *redaction = knowing("abcd");
  for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
    size_t own = strlen(cuts[i]);
    char *text = strdup(cuts[i]); /* a byte too far shows under ASan */
    signet_redact(redaction, text, own);
    cr_expect_str_eq(text, cuts[i]);
    free(text);
  }
  signet_redaction_free(redaction);
}

Test(redact, nothing_else)
{
  static const char plain[] =
      "{\"code\":0,\"message\":\"success\"} abc cab 6162 YWJj %61%62";
  char text[sizeof plain];
  signet_redaction *redaction = knowing("abcd");
  memcpy(text, plain, sizeof plain);
  signet_redact(redaction, text, sizeof plain - 1);
  cr_expect_str_eq(text, plain);
  signet_redaction_free(redaction);
}

Test(redact, several_that_overlap)
{
  char text[] = "xx-abcdabcdef-yy";
  signet_redaction *redaction = knowing("abcdef");
  cr_assert(signet_redaction_add(redaction, "cdab"));
  cr_assert(signet_redaction_add(redaction, NULL));
  cr_assert(signet_redaction_add(redaction, ""));
  signet_redact(redaction, text, strlen(text));
  cr_expect_str_eq(text, "xx-ab********-yy");
  signet_redaction_free(redaction);
}

Test(redact, too_short_is_no_secret)
{
  char text[] = "abc";
  signet_redaction *redaction = knowing("abc");
  signet_redact(redaction, text, strlen(text));
  cr_expect_str_eq(text, "abc");
  cr_expect_eq(signet_redaction_longest(redaction), 0);
  signet_redaction_free(redaction);
}

/* A message shows the beginning of a reply: what is cut off there must not be
 * known by its first half. */
Test(redact, escape_hides_before_it_cuts)
{
  char out[16];
  signet_redaction *redaction = knowing("canary-7f3a91");
  signet_redact_escape(redaction, out, sizeof out, "0123456789canary-7f3a91!",
                       24);
  cr_expect_str_eq(out, "0123456789*****");
  signet_redact_escape(redaction, out, sizeof out, "a\x1b[2Jb", 6);
  cr_expect_str_eq(out, "a\\x1B[2Jb");
  signet_redact_escape(redaction, out, sizeof out, "", 0);
  cr_expect_str_eq(out, "");
  signet_redaction_free(redaction);
}

Test(redact, no_more_than_so_many)
{
  signet_redaction *redaction = signet_redaction_new();
  for (int i = 0; i < 4; i++)
    cr_expect(signet_redaction_add(redaction, "enough"));
  cr_expect_not(signet_redaction_add(redaction, "too much"));
  signet_redaction_free(redaction);
  signet_redaction_free(NULL);
}
