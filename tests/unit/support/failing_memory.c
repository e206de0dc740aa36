/* SPDX-License-Identifier: MIT */
#include "failing_memory.h"

#include <stdlib.h>

failing_memory memory_state;

bool failing_turn(void)
{
  failing_memory *state = &memory_state;
  state->asked++;
  bool now =
      state->fail_at > 0 && (state->asked == state->fail_at ||
                             (state->fail_on && state->asked > state->fail_at));
  state->failed = state->failed || now;
  return now;
}

void *failing_allocate(size_t size)
{
  void *memory = failing_turn() ? NULL : malloc(size);
  memory_state.living += memory != NULL;
  return memory;
}

void *failing_reallocate(void *memory, size_t size)
{
  if (failing_turn())
    return NULL;
  void *moved = realloc(memory, size);
  memory_state.living += memory == NULL && moved != NULL;
  return moved;
}

void failing_release(void *memory)
{
  memory_state.living -= memory != NULL;
  free(memory);
}
