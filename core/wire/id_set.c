/* SPDX-License-Identifier: MIT */
#include "wire/id_set.h"

#include "model/memory.h"

enum { FIRST_CAPACITY = 256 };

/* 0: it is no id, or one that is written in another way. */
static uint64_t number_of(const signet_value *id)
{
  uint64_t number = 0;
  if (id->type == SIGNET_INTEGER)
    return id->as.integer > 0 ? (uint64_t)id->as.integer : 0;
  if (id->type != SIGNET_STRING || id->as.text.length == 0 ||
      id->as.text.data[0] == '0')
    return 0;
  for (size_t i = 0; i < id->as.text.length; i++) {
    char digit = id->as.text.data[i];
    if (digit < '0' || digit > '9' ||
        __builtin_mul_overflow(number, 10u, &number) ||
        __builtin_add_overflow(number, (uint64_t)(digit - '0'), &number))
      return 0;
  }
  return number;
}

/* The slot of a number, or the free one where it would stand. */
static uint64_t *slot_of(uint64_t *slots, size_t capacity, uint64_t number)
{
  uint64_t hash = number * UINT64_C(0x9E3779B97F4A7C15);
  size_t at = (size_t)(hash >> 32) & (capacity - 1);
  while (slots[at] != 0 && slots[at] != number)
    at = (at + 1) & (capacity - 1);
  return &slots[at];
}

static bool grow(signet_id_set *set)
{
  size_t capacity = set->capacity > 0 ? set->capacity * 2 : FIRST_CAPACITY;
  uint64_t *slots = signet_memory_zeroed(capacity, sizeof slots[0]);
  if (slots == NULL)
    return false;
  for (size_t i = 0; i < set->capacity; i++)
    if (set->slots[i] != 0)
      *slot_of(slots, capacity, set->slots[i]) = set->slots[i];
  signet_memory_free(set->slots);
  set->slots = slots;
  set->capacity = capacity;
  return true;
}

bool signet_id_set_add(signet_id_set *set, const signet_value *id, bool *known)
{
  uint64_t number = number_of(id);
  *known = false;
  if (number == 0)
    return true;
  if (set->used * 2 >= set->capacity && !grow(set))
    return false;
  uint64_t *slot = slot_of(set->slots, set->capacity, number);
  *known = *slot == number;
  set->used += !*known;
  *slot = number;
  return true;
}

void signet_id_set_free(signet_id_set *set)
{
  signet_memory_free(set->slots);
  *set = (signet_id_set){0};
}
