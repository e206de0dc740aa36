/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_FAILING_MEMORY_H
#define TESTS_UNIT_FAILING_MEMORY_H

/* An allocator that fails when it is told to. It is the whole process's, so a
 * suite that uses it is an executable of its own. */

#include <stdbool.h>
#include <stddef.h>

typedef struct failing_memory {
  size_t asked;   /* allocations so far */
  size_t fail_at; /* 0: never; the first one is 1 */
  bool fail_on;   /* and all that follow */
  bool failed;    /* one has */
  size_t living;  /* blocks */
} failing_memory;

extern failing_memory memory_state;

/** Counts one more allocation. @return whether it is to fail */
bool failing_turn(void);
void *failing_allocate(size_t size);
void *failing_reallocate(void *memory, size_t size);
void failing_release(void *memory);

#endif
