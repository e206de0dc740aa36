/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_TESTS_FUZZ_H
#define SIGNET_TESTS_FUZZ_H

/*
 * A target takes any bytes and asserts what must hold of them, besides that
 * nothing crashes. Linked with libFuzzer (`scripts/dev fuzz`), or with
 * replay.c, which takes the corpus and mutations of it that are always the
 * same.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/** Called once before the first input; optional for libFuzzer, not here. */
int LLVMFuzzerInitialize(int *count, char ***arguments);

/** Ends the program where something does not hold. */
#define FUZZ_REQUIRE(holds)                                                   \
  do {                                                                        \
    if (!(holds)) {                                                           \
      fprintf(stderr, "%s:%d: this must hold: %s\n", __FILE_NAME__, __LINE__, \
              #holds);                                                        \
      abort();                                                                \
    }                                                                         \
  } while (0)

#ifndef __FILE_NAME__
#define __FILE_NAME__ "fuzz"
#endif

#endif
