/* SPDX-License-Identifier: MIT */
/* What escapes stand for. */
#include "net/unescape.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

TestSuite(unescape);

static const struct {
  const char *text;
  unsigned times;
  int byte;
  size_t used;
} cases[] = {
    {"", 3, -1, 0},
    {"a%2B", 3, 'a', 1},
    {"%2B", 0, '%', 1},
    {"%2B", 1, '+', 3},
    {"%2b", 3, '+', 3},
    {"%2", 3, '%', 1},
    {"%2G", 3, '%', 1},
    {"%252B", 1, '%', 3},
    {"%252B", 2, '+', 5},
    {"%25252B", 2, '%', 5},
    {"%25252B", 3, '+', 7},
    {"%C3", 1, 0xc3, 3},
    {"\\/", 1, '/', 2},
    {"\\\\/", 1, '\\', 2},
    {"\\\\/", 2, '/', 3},
    {"\\\\\\/", 2, '/', 4},
    {"\\", 3, '\\', 1},
    {"\\u002b", 1, '+', 6},
    {"\\u002B", 1, '+', 6},
    {"\\u00", 1, 'u', 2},
    {"\\u4e2d", 1, 'u', 2},
    {"\\\\u002b", 1, '\\', 2},
    {"\\\\u002b", 2, '+', 7},
    {"\\x2B", 1, '+', 4},
    {"\\x2", 1, 'x', 2},
    {"%5Cu002b", 2, '+', 8},
    {"%5c%75002b", 2, '+', 10},
    {"\\u0025252F", 3, '/', 10},
    {"&#43;", 1, '+', 5},
    {"&#0043;", 1, '+', 7},
    {"&#x2b;", 1, '+', 6},
    {"&#X2B;", 1, '+', 6},
    {"&#;", 1, '&', 1},
    {"&#x;", 1, '&', 1},
    {"&#43", 1, '&', 1},
    {"&#4a;", 1, '&', 1},
    {"&#256;", 1, '&', 1},
    {"&#4294967339;", 1, '&', 1},
    {"&#00000000043;", 1, '&', 1},
    {"&plus;", 1, '+', 6},
    {"&sol;", 1, '/', 5},
    {"&equals;", 1, '=', 8},
    {"&amp;", 1, '&', 5},
    {"&amp;#43;", 1, '&', 5},
    {"&amp;#43;", 2, '+', 9},
    {"&amp;amp;sol;", 3, '/', 13},
    {"&", 3, '&', 1},
    {"&nothing;", 1, '&', 1},
    {"&abcdefghij;", 1, '&', 1},
    {"&AMP;", 1, '&', 1},
};

Test(unescape, table)
{
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    signet_letter letter =
        signet_unescape(cases[i].text, strlen(cases[i].text), cases[i].times);
    cr_expect_eq(letter.byte, cases[i].byte, "%s, %u: %d", cases[i].text,
                 cases[i].times, letter.byte);
    cr_expect_eq(letter.used, cases[i].used, "%s, %u: %zu", cases[i].text,
                 cases[i].times, letter.used);
  }
}

/* Each text also with fewer bytes of it: none is looked at behind the end. */
Test(unescape, nothing_behind_the_end)
{
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    for (size_t left = 0; left <= strlen(cases[i].text); left++) {
      char *text = strndup(cases[i].text, left);
      char other[32];
      memcpy(other, cases[i].text, left);
      memset(other + left, 'b', sizeof other - left);
      for (unsigned times = 0; times <= 3; times++) {
        signet_letter letter = signet_unescape(text, left, times);
        signet_letter again = signet_unescape(other, left, times);
        cr_expect_leq(letter.used, left);
        cr_expect_eq(letter.byte, again.byte);
        cr_expect_eq(letter.used, again.used);
      }
      free(text);
    }
  }
}

Test(unescape, begins)
{
  for (int byte = 0; byte < 256; byte++)
    cr_expect_eq(signet_escape_begins((char)byte),
                 byte != 0 && strchr("%\\&", byte) != NULL);
}
