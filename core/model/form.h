/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_MODEL_FORM_H
#define SIGNET_MODEL_FORM_H

/*
 * When two texts mean the same. A service may trim what it is sent, store it in
 * Unicode's composed form, or write a list of countries in its own way: bytes
 * that differ are no proof that somebody changed them. Texts are UTF-8; what is
 * none is compared byte by byte.
 */

#include <stdbool.h>
#include <stddef.h>

/** How a text differs from another that means the same. */
typedef enum signet_form {
  SIGNET_FORM_TRIMMED = 1,   /* white space around it is gone */
  SIGNET_FORM_COMPOSED = 2,  /* its characters are composed in another way */
  SIGNET_FORM_COUNTRIES = 4, /* the list of countries is written differently */
  SIGNET_FORM_ALL = 7
} signet_form;

/** Whether the texts are equal but for white space around them and for
 * canonically equivalent characters (e with an accent, as one or as two).
 * Allocates nothing. */
bool signet_form_equal(const char *a, size_t a_length, const char *b,
                       size_t b_length);
/** Whether two lists of country codes hold the same countries, whatever their
 * order and case, and whatever white space stands around them. */
bool signet_form_equal_countries(const char *a, size_t a_length, const char *b,
                                 size_t b_length);
/** The signet_form flags in which two texts differ, which are equal by
 * signet_form_equal(). */
unsigned signet_form_difference(const char *a, size_t a_length, const char *b,
                                size_t b_length);

/** Whether there is nothing to see in the text: it is empty, or made of white
 * space, format characters and others that have no shape. */
bool signet_form_is_invisible(const char *text, size_t length);

/**
 * What a person sees of a text: two texts with equal skeletons look the same,
 * or nearly. Compatible characters (full width, no-break spaces, kinds of
 * dashes) and upper and lower case are one; what has no width is left out; so
 * is white space around it, and of several spaces in a row all but one.
 * @return owned, ends with NUL; NULL: out of memory
 */
char *signet_form_skeleton(const char *text, size_t length);

#endif
