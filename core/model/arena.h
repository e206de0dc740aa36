/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_MODEL_ARENA_H
#define SIGNET_MODEL_ARENA_H

/* Memory for things that live and die together. */

#include <stddef.h>

typedef struct signet_arena_chunk signet_arena_chunk;

typedef struct signet_arena {
  signet_arena_chunk *chunks; /* the newest first */
  size_t total;               /* bytes of all chunks */
} signet_arena;

/** A place to go back to; see signet_arena_rewind(). */
typedef struct signet_arena_mark {
  signet_arena_chunk *chunk;
  size_t used;
} signet_arena_mark;

/** @p size bytes aligned for any type, not zeroed. NULL: out of memory. */
void *signet_arena_allocate(signet_arena *arena, size_t size);
/** The same for text, which needs no alignment beyond 4. */
void *signet_arena_text(signet_arena *arena, size_t size);
signet_arena_mark signet_arena_here(const signet_arena *arena);
/** Gives back whatever was allocated since @p mark. */
void signet_arena_rewind(signet_arena *arena, signet_arena_mark mark);
void signet_arena_free(signet_arena *arena);

#endif
