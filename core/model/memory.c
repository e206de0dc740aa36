/* SPDX-License-Identifier: MIT */
#include "model/memory.h"

#include <stdlib.h>
#include <string.h>

static signet_allocator functions = {malloc, realloc, free};

void signet_memory_replace(const signet_allocator *allocator)
{
  functions = *allocator;
}

void *signet_memory_zeroed(size_t count, size_t size)
{
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes) || bytes > PTRDIFF_MAX)
    return NULL;
  void *memory = functions.allocate(bytes > 0 ? bytes : 1);
  if (memory != NULL)
    memset(memory, 0, bytes);
  return memory;
}

void *signet_memory_resize(void *memory, size_t count, size_t size)
{
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes) || bytes > PTRDIFF_MAX)
    return NULL;
  return functions.reallocate(memory, bytes > 0 ? bytes : 1);
}

char *signet_memory_text(const char *text, size_t length)
{
  if (length >= PTRDIFF_MAX)
    return NULL;
  char *copy = functions.allocate(length + 1);
  if (copy == NULL)
    return NULL;
  if (length > 0)
    memcpy(copy, text, length);
  copy[length] = '\0';
  return copy;
}

void signet_memory_free(void *memory)
{
  if (memory != NULL)
    functions.release(memory);
}

void signet_memory_wipe(void *memory, size_t size)
{
  if (memory != NULL && size > 0)
    explicit_bzero(memory, size);
}
