/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_MODEL_MEMORY_H
#define SIGNET_MODEL_MEMORY_H

/* The one allocator of libsignet: overflow-checked, replaceable before first
 * use (signet_global_init). Sizes of 0 never reach it. */

#include "model/visibility.h"
#include "signet/loop.h"

/** Memory for count × size bytes, zeroed. NULL: overflow or none left. */
SIGNET_INTERNAL void *signet_memory_zeroed(size_t count, size_t size);

/** Resizes to count × size bytes; on failure @p memory stays as it was. */
SIGNET_INTERNAL void *signet_memory_resize(void *memory, size_t count,
                                           size_t size);

/** A copy of @p length bytes with a NUL after them. NULL: none left. */
SIGNET_INTERNAL char *signet_memory_text(const char *text, size_t length);

/** Frees; NULL is allowed. */
SIGNET_INTERNAL void signet_memory_free(void *memory);

/** Overwrites, so that the optimiser can't drop it. */
SIGNET_INTERNAL void signet_memory_wipe(void *memory, size_t size);

/** Replaces the functions; only before anything was allocated. */
void signet_memory_replace(const signet_allocator *allocator);

#endif
