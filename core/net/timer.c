/* SPDX-License-Identifier: MIT */
#include "net/timer.h"

#include "model/memory.h"

struct signet_timer {
  signet_timers *owner;
  size_t index; /* in the heap */
  int64_t due;
  uint64_t order;
  signet_timer_fn function;
  void *user;
};

static bool earlier(const signet_timer *a, const signet_timer *b)
{
  return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void place(signet_timers *timers, size_t index, signet_timer *timer)
{
  timers->heap[index] = timer;
  timer->index = index;
}

static void move_up(signet_timers *timers, size_t index, signet_timer *timer)
{
  while (index > 0) {
    size_t parent = (index - 1) / 2;
    if (!earlier(timer, timers->heap[parent]))
      break;
    place(timers, index, timers->heap[parent]);
    index = parent;
  }
  place(timers, index, timer);
}

static void move_down(signet_timers *timers, size_t index, signet_timer *timer)
{
  for (;;) {
    size_t child = 2 * index + 1;
    if (child >= timers->count)
      break;
    if (child + 1 < timers->count &&
        earlier(timers->heap[child + 1], timers->heap[child]))
      child++;
    if (!earlier(timers->heap[child], timer))
      break;
    place(timers, index, timers->heap[child]);
    index = child;
  }
  place(timers, index, timer);
}

signet_timer *signet_timers_add(signet_timers *timers, int64_t due,
                                signet_timer_fn function, void *user)
{
  if (timers->count == timers->capacity) {
    size_t capacity = timers->capacity > 0 ? timers->capacity * 2 : 16;
    signet_timer **heap =
        signet_memory_resize(timers->heap, capacity, sizeof heap[0]);
    if (heap == NULL)
      return NULL;
    timers->heap = heap;
    timers->capacity = capacity;
  }
  signet_timer *timer = signet_memory_zeroed(1, sizeof *timer);
  if (timer == NULL)
    return NULL;
  timer->owner = timers;
  timer->due = due;
  timer->order = timers->started++;
  timer->function = function;
  timer->user = user;
  move_up(timers, timers->count++, timer);
  return timer;
}

int64_t signet_timers_next(const signet_timers *timers)
{
  return timers->count > 0 ? timers->heap[0]->due : -1;
}

void signet_timer_cancel(signet_timer *timer)
{
  if (timer == NULL)
    return;
  signet_timers *timers = timer->owner;
  size_t index = timer->index;
  signet_timer *last = timers->heap[--timers->count];
  if (last != timer) {
    if (earlier(last, timer))
      move_up(timers, index, last);
    else
      move_down(timers, index, last);
  }
  signet_memory_free(timer);
}

bool signet_timers_take(signet_timers *timers, int64_t now, uint64_t end,
                        signet_timer_fn *function, void **user)
{
  if (timers->count == 0 || timers->heap[0]->due > now ||
      timers->heap[0]->order >= end)
    return false;
  signet_timer *timer = timers->heap[0];
  *function = timer->function;
  *user = timer->user;
  signet_timer_cancel(timer);
  return true;
}

void signet_timers_free(signet_timers *timers)
{
  for (size_t i = 0; i < timers->count; i++)
    signet_memory_free(timers->heap[i]);
  signet_memory_free(timers->heap);
  *timers = (signet_timers){0};
}
