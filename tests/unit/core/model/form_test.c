/* SPDX-License-Identifier: MIT */
/* Texts in other forms: what is the same, what only looks so. */
#include "model/form.h"
#include "model/memory.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

TestSuite(form);

#define TEXT(bytes) bytes, sizeof(bytes) - 1

typedef struct pair {
  const char *a;
  size_t a_length;
  const char *b;
  size_t b_length;
  unsigned forms;
} pair;

static const pair same[] = {
    {TEXT(""), TEXT(""), 0},
    {TEXT("Acme"), TEXT("Acme"), 0},
    {TEXT(" Acme"), TEXT("Acme"), SIGNET_FORM_TRIMMED},
    {TEXT("Acme\r\n\t "), TEXT("Acme"), SIGNET_FORM_TRIMMED},
    {TEXT("\xE3\x80\x80"
          "Acme\xC2\xA0"),
     TEXT("Acme"), SIGNET_FORM_TRIMMED},
    {TEXT("  "), TEXT(""), SIGNET_FORM_TRIMMED},
    {TEXT("Cafe\xCC\x81"), TEXT("Caf\xC3\xA9"), SIGNET_FORM_COMPOSED},
    {TEXT(" Cafe\xCC\x81"), TEXT("Caf\xC3\xA9"),
     SIGNET_FORM_TRIMMED | SIGNET_FORM_COMPOSED},
    /* marks below and above, in either order */
    {TEXT("a\xCC\xA3\xCC\x87"), TEXT("a\xCC\x87\xCC\xA3"),
     SIGNET_FORM_COMPOSED},
    /* Hangul, as a syllable and as its letters */
    {TEXT("\xEA\xB0\x81"), TEXT("\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8"),
     SIGNET_FORM_COMPOSED},
    {TEXT("bad \xFF byte"), TEXT("bad \xFF byte "), SIGNET_FORM_TRIMMED},
};

static const pair different[] = {
    {TEXT("Acme"), TEXT("acme"), 0},
    {TEXT("Ac me"), TEXT("Acme"), 0},
    {TEXT("Acme"), TEXT("Acme Ltd"), 0},
    {TEXT("a\xCC\x81"), TEXT("a"), 0},
    {TEXT("\xEF\xBC\xA1"), TEXT("A"), 0}, /* full width */
    {TEXT("Ac\xE2\x80\x8Bme"), TEXT("Acme"), 0},
    {TEXT("\xFF"), TEXT("\xFE"), 0},
    {TEXT("a\0b"), TEXT("a\0c"), 0},
};

Test(form, texts_of_the_same_meaning)
{
  for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
    const pair *p = &same[i];
    cr_expect(signet_form_equal(p->a, p->a_length, p->b, p->b_length), "%s",
              p->a);
    cr_expect(signet_form_equal(p->b, p->b_length, p->a, p->a_length), "%s",
              p->b);
    cr_expect_eq(signet_form_difference(p->a, p->a_length, p->b, p->b_length),
                 p->forms, "%s", p->a);
  }
}

Test(form, texts_that_differ)
{
  for (size_t i = 0; i < sizeof different / sizeof different[0]; i++) {
    const pair *p = &different[i];
    cr_expect_not(signet_form_equal(p->a, p->a_length, p->b, p->b_length), "%s",
                  p->a);
  }
}

/* More marks on one character than are put in order at once. */
Test(form, a_tower_of_marks)
{
  char tower[1 + 200 * 2];
  tower[0] = 'a';
  for (size_t i = 0; i < 200; i++)
    memcpy(tower + 1 + i * 2, "\xCC\x81", 2);
  cr_expect(signet_form_equal(tower, sizeof tower, tower, sizeof tower));
  cr_expect_not(
      signet_form_equal(tower, sizeof tower, tower, sizeof tower - 2));
}

Test(form, countries)
{
  static const struct {
    const char *a;
    const char *b;
    bool same;
  } lists[] = {
      {"CN,US", "US, CN", true}, {"CN,US", "cn,us", true},
      {"CN", " CN ,", true},     {"CN,US,CN", "US,CN", true},
      {"", " , ", true},         {"CN,US", "CN", false},
      {"CN", "CN,US", false},    {"CN", "", false},
      {"CN,US", "CNUS", false},
  };
  for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
    cr_expect_eq(signet_form_equal_countries(lists[i].a, strlen(lists[i].a),
                                             lists[i].b, strlen(lists[i].b)),
                 lists[i].same, "%s and %s", lists[i].a, lists[i].b);
}

Test(form, what_can_not_be_seen)
{
  static const char *const invisible[] = {
      "",
      "  \t",
      "\xE3\x80\x80\xE3\x80\x80", /* ideographic spaces */
      "\xE2\x80\x8B\xE2\x80\x8D", /* zero width space and joiner */
      "\xEF\xBB\xBF",             /* byte order mark */
      "\xC2\xAD",                 /* soft hyphen */
      "\xE3\x85\xA4",             /* Hangul filler */
      "\xE2\xA0\x80",             /* braille blank */
  };
  for (size_t i = 0; i < sizeof invisible / sizeof invisible[0]; i++)
    cr_expect(signet_form_is_invisible(invisible[i], strlen(invisible[i])),
              "%zu", i);
  cr_expect_not(signet_form_is_invisible(TEXT("\xE3\x80\x80.")));
  cr_expect_not(signet_form_is_invisible(TEXT("\xFF")));
}

static void expect_skeleton(const char *text, const char *skeleton)
{
  char *made = signet_form_skeleton(text, strlen(text));
  cr_assert_not_null(made);
  cr_expect_str_eq(made, skeleton, "\"%s\" gives \"%s\"", text, made);
  signet_memory_free(made);
}

Test(form, skeletons)
{
  expect_skeleton("", "");
  expect_skeleton("Acme Ltd", "acme ltd");
  expect_skeleton("  ACME \xC2\xA0 Ltd ", "acme ltd");
  expect_skeleton("\xEF\xBC\xA1\xEF\xBD\x83me", "acme");
  expect_skeleton("Ac\xE2\x80\x8Bme", "acme");
  expect_skeleton("Acme\xEF\xBB\xBF", "acme");
  expect_skeleton("Cafe\xCC\x81", "caf\xC3\xA9");
  expect_skeleton("A\xE2\x80\x90"
                  "B",
                  "a-b");
  expect_skeleton("\xFF", "\xFF");
}
