/* SPDX-License-Identifier: MIT */
/* UTF-8 cut anywhere, and what may be shown of foreign bytes. */
#include "model/text.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

TestSuite(text);

#define TEXT(bytes) bytes, sizeof(bytes) - 1

typedef struct sample {
  const char *bytes;
  size_t length;
} sample;

static const sample valid[] = {
    {TEXT("")},
    {TEXT("plain")},
    {TEXT("longer than eight bytes, so that words are read at once")},
    {TEXT("NUL \0 within")},
    {TEXT("\x7F")},
    {TEXT("\xC2\x80")},         /* U+0080 */
    {TEXT("\xDF\xBF")},         /* U+07FF */
    {TEXT("\xE0\xA0\x80")},     /* U+0800 */
    {TEXT("\xED\x9F\xBF")},     /* U+D7FF */
    {TEXT("\xEE\x80\x80")},     /* U+E000 */
    {TEXT("\xEF\xBF\xBF")},     /* U+FFFF */
    {TEXT("\xF0\x90\x80\x80")}, /* U+10000 */
    {TEXT("\xF4\x8F\xBF\xBF")}, /* U+10FFFF */
    {TEXT("seven b\xE4\xB8\xAD over a word's edge \xF0\x9F\x98\x80!")},
    {TEXT("e\xCC\x81 combining")},
};

static const sample invalid[] = {
    {TEXT("\x80")},
    {TEXT("\xBF")},
    {TEXT("a\x80")},
    {TEXT("\xC0\x80")}, /* overlong NUL */
    {TEXT("\xC1\xBF")},
    {TEXT("\xC0\xAF")}, /* overlong slash */
    {TEXT("\xE0\x80\x80")},
    {TEXT("\xE0\x9F\xBF")},
    {TEXT("\xF0\x80\x80\x80")},
    {TEXT("\xF0\x8F\xBF\xBF")},
    {TEXT("\xED\xA0\x80")}, /* surrogates */
    {TEXT("\xED\xBF\xBF")},
    {TEXT("\xED\xA0\xBD\xED\xB8\x80")},
    {TEXT("\xF4\x90\x80\x80")}, /* above U+10FFFF */
    {TEXT("\xF5\x80\x80\x80")},
    {TEXT("\xF8\x88\x80\x80\x80")},
    {TEXT("\xFE")},
    {TEXT("\xFF")},
    {TEXT("\xC3(")},
    {TEXT("\xE4\xB8(")},
    {TEXT("\xE4(\xAD")},
    {TEXT("\xF0\x9F\x98(")},
    {TEXT("\xE4\xB8\xAD\xAD")},
    {TEXT("eight by\xFFtes")},
};

static const sample unfinished[] = {
    {TEXT("\xC3")},         {TEXT("\xE4")},     {TEXT("\xE4\xB8")},
    {TEXT("\xF0")},         {TEXT("\xF0\x9F")}, {TEXT("\xF0\x9F\x98")},
    {TEXT("text\xE4\xB8")},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The text in two pieces, as the network may cut it. */
static bool check_cut(const sample *text, size_t cut)
{
  signet_utf8 state = {0};
  return signet_utf8_check(&state, text->bytes, cut) &&
         signet_utf8_check(&state, text->bytes + cut, text->length - cut) &&
         signet_utf8_complete(&state);
}

static bool check_bytes(const sample *text)
{
  signet_utf8 state = {0};
  for (size_t i = 0; i < text->length; i++)
    if (!signet_utf8_check(&state, text->bytes + i, 1))
      return false;
  return signet_utf8_complete(&state);
}

static void expect(const sample *texts, size_t count, bool good)
{
  for (size_t i = 0; i < count; i++) {
    const sample *text = &texts[i];
    cr_expect_eq(signet_utf8_valid(text->bytes, text->length), good,
                 "text %zu whole", i);
    cr_expect_eq(check_bytes(text), good, "text %zu byte by byte", i);
    for (size_t cut = 0; cut <= text->length; cut++)
      cr_expect_eq(check_cut(text, cut), good, "text %zu cut at %zu", i, cut);
  }
}

Test(text, valid_wherever_it_is_cut)
{
  expect(valid, COUNT(valid), true);
}

Test(text, invalid_wherever_it_is_cut)
{
  expect(invalid, COUNT(invalid), false);
}

Test(text, unfinished_is_good_so_far_but_not_complete)
{
  expect(unfinished, COUNT(unfinished), false);
  for (size_t i = 0; i < COUNT(unfinished); i++) {
    signet_utf8 state = {0};
    cr_expect(
        signet_utf8_check(&state, unfinished[i].bytes, unfinished[i].length));
    cr_expect_not(signet_utf8_complete(&state));
  }
}

/* Writes a character without this library's help. */
static size_t encode(uint32_t character, char *out)
{
  if (character < 0x80) {
    out[0] = (char)character;
    return 1;
  }
  size_t size = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
  static const uint8_t leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
  for (size_t i = size - 1; i > 0; i--, character >>= 6)
    out[i] = (char)(0x80 | (character & 0x3F));
  out[0] = (char)(leads[size] | character);
  return size;
}

Test(text, every_character_is_valid_and_decodes_to_itself)
{
  for (uint32_t character = 0; character <= 0x110000; character++) {
    char bytes[4];
    uint32_t decoded = 0;
    size_t size = encode(character, bytes);
    bool good =
        character < 0x110000 && (character < 0xD800 || character > 0xDFFF);
    cr_assert_eq(signet_utf8_valid(bytes, size), good, "U+%X", character);
    size_t used = signet_utf8_next(bytes, size, &decoded);
    cr_assert_eq(used, good ? size : 1, "U+%X", character);
    cr_assert_eq(decoded, good ? character : UINT32_MAX, "U+%X", character);
  }
}

Test(text, next_at_the_end_uses_nothing)
{
  uint32_t character = 7;
  cr_expect_eq(signet_utf8_next("", 0, &character), 0);
  for (size_t i = 0; i < COUNT(unfinished) - 1; i++) {
    cr_expect_eq(
        signet_utf8_next(unfinished[i].bytes, unfinished[i].length, &character),
        1);
    cr_expect_eq(character, UINT32_MAX);
  }
}

Test(text, escape)
{
  static const struct {
    sample text;
    const char *shown;
  } cases[] = {
      {{TEXT("plain \"text\" \\ 中文 😀")}, "plain \"text\" \\ 中文 😀"},
      {{TEXT("a\nb\tc\rd")}, "a\\nb\\tc\\rd"},
      {{TEXT("\0\x1B[31m\x7F")}, "\\x00\\x1B[31m\\x7F"},
      {{TEXT("\xC2\x9B"
             "31m")},
       "\\u{9B}31m"}, /* a C1 control */
      {{TEXT("\xE2\x80\xAE"
             "evil")},
       "\\u{202E}evil"}, /* right to left */
      {{TEXT("\xE2\x81\xA6\xE2\x81\xA9")}, "\\u{2066}\\u{2069}"},
      {{TEXT("\xE2\x80\x8B\xE2\x80\x8F")}, "\\u{200B}\\u{200F}"},
      {{TEXT("\xE2\x80\xA8\xE2\x80\xA9")}, "\\u{2028}\\u{2029}"},
      {{TEXT("\xD8\x9C\xEF\xBB\xBF\xC2\xAD")}, "\\u{61C}\\u{FEFF}\\u{AD}"},
      {{TEXT("\xFF\xC0\xAF")}, "\\xFF\\xC0\\xAF"},
      {{TEXT("cut \xE4\xB8")}, "cut \\xE4\\xB8"},
      {{TEXT("\xED\xA0\x80")}, "\\xED\\xA0\\x80"},
      {{TEXT("")}, ""},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    char out[128];
    size_t length = signet_text_escape(out, sizeof out, cases[i].text.bytes,
                                       cases[i].text.length);
    cr_expect_str_eq(out, cases[i].shown);
    cr_expect_eq(length, strlen(cases[i].shown), "case %zu", i);
  }
}

/* What is written is the beginning of the whole, up to a character. */
Test(text, escape_is_cut_between_characters_at_every_size)
{
  static const char text[] = "a中\n😀\x1B\xE2\x80\xAE"
                             "e\xCC\x81\xFF.";
  static const size_t edges[] = {0, 1, 4, 6, 10, 14, 22, 23, 25, 29, 30};
  static const char shown[] = "a中\\n😀\\x1B\\u{202E}"
                              "e\xCC\x81\\xFF.";
  cr_assert_eq(edges[COUNT(edges) - 1], sizeof shown - 1);
  for (size_t size = 1; size <= sizeof shown + 1; size++) {
    char out[64];
    size_t expected = 0;
    memset(out, '~', sizeof out);
    for (size_t i = 0; i < COUNT(edges); i++)
      if (edges[i] < size)
        expected = edges[i];
    size_t length = signet_text_escape(out, size, text, sizeof text - 1);
    cr_expect_eq(length, expected, "size %zu: %zu", size, length);
    cr_expect_eq(memcmp(out, shown, length), 0, "size %zu", size);
    cr_expect_eq(out[length], '\0', "size %zu", size);
    cr_expect_eq(out[size], '~', "size %zu writes behind its end", size);
    cr_expect(signet_utf8_valid(out, length), "size %zu", size);
  }
}

Test(text, escape_into_nothing_writes_nothing)
{
  char out[1] = {'~'};
  cr_expect_eq(signet_text_escape(out, 0, "text", 4), 0);
  cr_expect_eq(out[0], '~');
}

Test(text, escaped_bytes_never_hold_controls)
{
  for (unsigned lead = 0; lead < 256; lead++) {
    for (unsigned next = 0; next < 256; next++) {
      char bytes[2] = {(char)lead, (char)next};
      char out[32];
      size_t length = signet_text_escape(out, sizeof out, bytes, 2);
      cr_assert(signet_utf8_valid(out, length), "%02X %02X", lead, next);
      for (size_t i = 0; i < length; i++)
        cr_assert((unsigned char)out[i] >= 0x20 && out[i] != 0x7F, "%02X %02X",
                  lead, next);
    }
  }
}
