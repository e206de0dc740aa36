/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WORLD_TABLE_H
#define SIGNET_WORLD_TABLE_H

/* A hash table of borrowed items: open addressing, no holes left behind by
 * removal. The caller hashes, and says what "the same" means. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct signet_table_slot {
  uint64_t hash;
  void *item; /* NULL: free */
} signet_table_slot;

typedef struct signet_table {
  signet_table_slot *slots;
  size_t capacity; /* a power of two, or 0 */
  size_t count;
} signet_table;

typedef bool (*signet_table_same_fn)(const void *item, const void *key);

/** Forgets every item and frees the slots. */
void signet_table_clear(signet_table *table);

/** Makes room for @p more items, so that inserting them can't fail. */
bool signet_table_reserve(signet_table *table, size_t more);

/** Adds an item; the room must have been reserved. */
void signet_table_insert(signet_table *table, uint64_t hash, void *item);

/** The first item of @p hash that @p same accepts, or NULL. */
void *signet_table_find(const signet_table *table, uint64_t hash,
                        signet_table_same_fn same, const void *key);

/** Removes @p item, which must have been inserted under @p hash. */
void signet_table_remove(signet_table *table, uint64_t hash, const void *item);

uint64_t signet_table_hash_integer(int64_t integer);
uint64_t signet_table_hash_text(const char *text, size_t length);

#endif
