/* SPDX-License-Identifier: MIT */
#include "world/table.h"

#include "model/memory.h"

enum { TABLE_SMALLEST = 16 };

void signet_table_clear(signet_table *table)
{
  signet_memory_free(table->slots);
  *table = (signet_table){0};
}

static void put(signet_table *table, uint64_t hash, void *item)
{
  size_t mask = table->capacity - 1;
  size_t at = (size_t)hash & mask;
  while (table->slots[at].item != NULL)
    at = (at + 1) & mask;
  table->slots[at] = (signet_table_slot){hash, item};
}

static bool grow(signet_table *table, size_t capacity)
{
  signet_table bigger = {NULL, capacity, table->count};
  bigger.slots = signet_memory_zeroed(capacity, sizeof(signet_table_slot));
  if (bigger.slots == NULL)
    return false;
  for (size_t i = 0; i < table->capacity; i++)
    if (table->slots[i].item != NULL)
      put(&bigger, table->slots[i].hash, table->slots[i].item);
  signet_memory_free(table->slots);
  *table = bigger;
  return true;
}

bool signet_table_reserve(signet_table *table, size_t more)
{
  size_t capacity = table->capacity > 0 ? table->capacity : TABLE_SMALLEST;
  /* At most two thirds full, so that probing stays short. */
  while ((table->count + more) * 3 > capacity * 2)
    capacity *= 2;
  return capacity == table->capacity || grow(table, capacity);
}

void signet_table_insert(signet_table *table, uint64_t hash, void *item)
{
  put(table, hash, item);
  table->count++;
}

void *signet_table_find(const signet_table *table, uint64_t hash,
                        signet_table_same_fn same, const void *key)
{
  if (table->capacity == 0)
    return NULL;
  size_t mask = table->capacity - 1;
  size_t at = (size_t)hash & mask;
  for (; table->slots[at].item != NULL; at = (at + 1) & mask)
    if (table->slots[at].hash == hash && same(table->slots[at].item, key))
      return table->slots[at].item;
  return NULL;
}

/* Moves the items behind a hole forward where their own place allows it, so
 * that no probe ends early at the hole. */
static void close_hole(signet_table *table, size_t hole)
{
  size_t mask = table->capacity - 1;
  for (size_t at = (hole + 1) & mask; table->slots[at].item != NULL;
       at = (at + 1) & mask) {
    size_t home = (size_t)table->slots[at].hash & mask;
    if (((at - home) & mask) < ((at - hole) & mask))
      continue;
    table->slots[hole] = table->slots[at];
    hole = at;
  }
  table->slots[hole].item = NULL;
}

void signet_table_remove(signet_table *table, uint64_t hash, const void *item)
{
  size_t mask = table->capacity - 1;
  size_t at = (size_t)hash & mask;
  while (table->slots[at].item != item || table->slots[at].hash != hash)
    at = (at + 1) & mask;
  close_hole(table, at);
  table->count--;
}

uint64_t signet_table_hash_integer(int64_t integer)
{
  /* The finisher of splitmix64: consecutive ids spread over all bits. */
  uint64_t x = (uint64_t)integer + UINT64_C(0x9e3779b97f4a7c15);
  x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
  return x ^ (x >> 31);
}

uint64_t signet_table_hash_text(const char *text, size_t length)
{
  uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
  for (size_t i = 0; i < length; i++)
    hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
  return signet_table_hash_integer((int64_t)hash);
}
