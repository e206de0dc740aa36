/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_UNESCAPE_H
#define SIGNET_NET_UNESCAPE_H

/*
 * What a text says once the escapes in it are undone, and those that come out
 * of that: %2B, \u002b, \x2b, a backslash before a character, and HTML's
 * &#43;, &#x2b; and &plus;. One of them may be written with another, as in
 * %252B, %5Cu002b and &amp;#43;.
 */

#include <stdbool.h>
#include <stddef.h>

typedef struct signet_letter {
  int byte;    /* -1: the text has ended */
  size_t used; /* bytes of the text */
} signet_letter;

/** Whether an escape may begin with this byte. */
bool signet_escape_begins(char byte);

/** The first byte of @p text, of which @p left bytes are there, with its
 * escapes undone so many @p times. What is no escape stands for itself. */
signet_letter signet_unescape(const char *text, size_t left, unsigned times);

#endif
