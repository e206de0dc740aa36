/* SPDX-License-Identifier: MIT */
#include "model/arena.h"

#include "model/memory.h"

#include <stdalign.h>
#include <stdint.h>

enum { FIRST_CHUNK = 1024, LAST_CHUNK = 256 * 1024 };

struct signet_arena_chunk {
  signet_arena_chunk *next;
  size_t size;
  size_t used;
  alignas(max_align_t) char data[];
};

static bool add_chunk(signet_arena *arena, size_t needed)
{
  size_t size = FIRST_CHUNK;
  if (arena->chunks != NULL)
    size = arena->chunks->size * 2;
  if (size > LAST_CHUNK)
    size = LAST_CHUNK;
  if (size < needed)
    size = needed;
  size_t bytes;
  if (__builtin_add_overflow(sizeof(signet_arena_chunk), size, &bytes))
    return false;
  signet_arena_chunk *chunk = signet_memory_resize(NULL, bytes, 1);
  if (chunk == NULL)
    return false;
  chunk->next = arena->chunks;
  chunk->size = size;
  chunk->used = 0;
  arena->chunks = chunk;
  arena->total += bytes;
  return true;
}

static void *allocate(signet_arena *arena, size_t size, size_t alignment)
{
  if (size > SIZE_MAX / 2)
    return NULL;
  signet_arena_chunk *chunk = arena->chunks;
  size_t start = 0;
  if (chunk != NULL)
    start = (chunk->used + alignment - 1) & ~(alignment - 1);
  if (chunk == NULL || start > chunk->size || size > chunk->size - start) {
    if (!add_chunk(arena, size))
      return NULL;
    chunk = arena->chunks;
    start = 0;
  }
  chunk->used = start + size;
  return chunk->data + start;
}

void *signet_arena_allocate(signet_arena *arena, size_t size)
{
  return allocate(arena, size, alignof(int64_t));
}

void *signet_arena_text(signet_arena *arena, size_t size)
{
  return allocate(arena, size, alignof(uint32_t));
}

signet_arena_mark signet_arena_here(const signet_arena *arena)
{
  signet_arena_mark mark = {arena->chunks, 0};
  if (mark.chunk != NULL)
    mark.used = mark.chunk->used;
  return mark;
}

static void drop_newest(signet_arena *arena)
{
  signet_arena_chunk *chunk = arena->chunks;
  arena->chunks = chunk->next;
  arena->total -= sizeof *chunk + chunk->size;
  signet_memory_free(chunk);
}

void signet_arena_rewind(signet_arena *arena, signet_arena_mark mark)
{
  while (arena->chunks != mark.chunk)
    drop_newest(arena);
  if (mark.chunk != NULL)
    mark.chunk->used = mark.used;
}

void signet_arena_free(signet_arena *arena)
{
  while (arena->chunks != NULL)
    drop_newest(arena);
}
