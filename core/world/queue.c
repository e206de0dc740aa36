/* SPDX-License-Identifier: MIT */
/* The reviewer's queue: a binary heap on due_ms. Entries know their place, so
 * that one which is deleted or decided early can leave it. */
#include "world/queue.h"

#include "model/memory.h"

bool signet_queue_reserve(signet_world *world, size_t needed)
{
  if (needed <= world->queue_capacity)
    return true;
  size_t capacity = world->queue_capacity * 2;
  if (capacity < needed)
    capacity = needed + 15;
  signet_entry **queue =
      signet_memory_resize(world->queue, capacity, sizeof *queue);
  if (queue == NULL)
    return false;
  world->queue = queue;
  world->queue_capacity = capacity;
  return true;
}

/* Due first; of two that are due at once, the older one. */
static bool before(const signet_entry *a, const signet_entry *b)
{
  return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->id < b->id;
}

static void place(signet_world *world, size_t at, signet_entry *entry)
{
  world->queue[at] = entry;
  entry->queue_place = at + 1;
}

static void sift_up(signet_world *world, size_t at, signet_entry *entry)
{
  while (at > 0 && before(entry, world->queue[(at - 1) / 2])) {
    place(world, at, world->queue[(at - 1) / 2]);
    at = (at - 1) / 2;
  }
  place(world, at, entry);
}

static void sift_down(signet_world *world, size_t at, signet_entry *entry)
{
  for (size_t child = 2 * at + 1; child < world->queue_count;
       child = 2 * at + 1) {
    if (child + 1 < world->queue_count &&
        before(world->queue[child + 1], world->queue[child]))
      child++;
    if (!before(world->queue[child], entry))
      break;
    place(world, at, world->queue[child]);
    at = child;
  }
  place(world, at, entry);
}

void signet_queue_push(signet_world *world, signet_entry *entry)
{
  sift_up(world, world->queue_count++, entry);
}

void signet_queue_remove(signet_world *world, signet_entry *entry)
{
  if (entry->queue_place == 0)
    return;
  size_t at = entry->queue_place - 1;
  entry->queue_place = 0;
  signet_entry *last = world->queue[--world->queue_count];
  if (last == entry)
    return;
  if (at > 0 && before(last, world->queue[(at - 1) / 2]))
    sift_up(world, at, last);
  else
    sift_down(world, at, last);
}
