/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_REFUSED_CALLS_H
#define TESTS_UNIT_REFUSED_CALLS_H

/* Calls of the system and of libraries that are refused when a test says so.
 * The linker puts these functions before the real ones (--wrap, in
 * CMakeLists.txt), so nothing in signet knows of them. */

#include <stdbool.h>
#include <stddef.h>

typedef struct refusal {
  const char *name; /* "read", "fsync", …; NULL: nothing is refused */
  int number;       /* what errno says then */
  size_t after;     /* so many calls of that name go through first */
  size_t times;     /* so many are refused */
  size_t refused;   /* so many were */
} refusal;

extern refusal refusing;

/** From now on call @p after + 1 of that name is refused, once. */
void refuse(const char *name, int number, size_t after);
/** Refuses nothing more. @return how many calls were refused */
size_t refuse_nothing(void);

#endif
