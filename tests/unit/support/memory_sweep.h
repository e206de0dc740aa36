/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_MEMORY_SWEEP_H
#define TESTS_UNIT_MEMORY_SWEEP_H

/* Fails each allocation of something in turn, once and from then on. */

#include "failing_memory.h"

/** What is tried. Only `attempt` meets failures; nothing of what it leaves may
 * live on after `end`. */
typedef struct memory_sweep {
  void (*begin)(void);
  /* @return whether it says that it worked */
  bool (*attempt)(void);
  /* Asserts what must hold after an attempt: `good` is what that returned, and
   * memory is there again. */
  void (*check)(bool good);
  void (*end)(void);
  size_t least; /* so many allocations there are at least */
} memory_sweep;

/** Makes the failing allocator the process's. Before anything else. */
void memory_sweep_init(void);
/** Once with all memory, then as often as that took allocations. */
void memory_sweep_run(const memory_sweep *sweep, bool on);

#endif
