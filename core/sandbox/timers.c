/* SPDX-License-Identifier: MIT */
/* The clock, and the requests that wait for their time: a binary heap. */
#include "sandbox/timers.h"

#include "model/clock.h"
#include "model/memory.h"

int64_t sandbox_now_us(void)
{
  return signet_clock_boot_ns() / 1000;
}

int64_t sandbox_wall_ms(const signet_sandbox *sandbox)
{
  return signet_clock_unix_ms() + sandbox->clock_offset_ms;
}

void sandbox_set_clock(signet_sandbox *sandbox)
{
  signet_world_set_time(sandbox->world, sandbox_wall_ms(sandbox));
}

static void place(signet_sandbox *sandbox, size_t at, sandbox_request *request)
{
  sandbox->timers[at] = request;
  request->timer_place = at + 1;
}

static void sift_up(signet_sandbox *sandbox, size_t at,
                    sandbox_request *request)
{
  while (at > 0 && request->due_us < sandbox->timers[(at - 1) / 2]->due_us) {
    place(sandbox, at, sandbox->timers[(at - 1) / 2]);
    at = (at - 1) / 2;
  }
  place(sandbox, at, request);
}

static void sift_down(signet_sandbox *sandbox, size_t at,
                      sandbox_request *request)
{
  for (size_t child = 2 * at + 1; child < sandbox->timer_count;
       child = 2 * at + 1) {
    if (child + 1 < sandbox->timer_count &&
        sandbox->timers[child + 1]->due_us < sandbox->timers[child]->due_us)
      child++;
    if (sandbox->timers[child]->due_us >= request->due_us)
      break;
    place(sandbox, at, sandbox->timers[child]);
    at = child;
  }
  place(sandbox, at, request);
}

bool sandbox_timer_set(sandbox_request *request, int64_t delay_ms)
{
  signet_sandbox *sandbox = request->sandbox;
  if (sandbox->timer_count == sandbox->timer_capacity) {
    size_t capacity = sandbox->timer_capacity * 2 + 16;
    sandbox_request **timers =
        signet_memory_resize(sandbox->timers, capacity, sizeof *timers);
    if (timers == NULL)
      return false;
    sandbox->timers = timers;
    sandbox->timer_capacity = capacity;
  }
  request->due_us = sandbox_now_us() + delay_ms * 1000;
  sift_up(sandbox, sandbox->timer_count++, request);
  return true;
}

void sandbox_timer_drop(sandbox_request *request)
{
  signet_sandbox *sandbox = request->sandbox;
  if (request->timer_place == 0)
    return;
  size_t at = request->timer_place - 1;
  request->timer_place = 0;
  sandbox_request *last = sandbox->timers[--sandbox->timer_count];
  if (last == request)
    return;
  if (at > 0 && last->due_us < sandbox->timers[(at - 1) / 2]->due_us)
    sift_up(sandbox, at, last);
  else
    sift_down(sandbox, at, last);
}

void sandbox_timers_run(signet_sandbox *sandbox,
                        void (*wake)(sandbox_request *request))
{
  int64_t now = sandbox_now_us();
  while (sandbox->timer_count > 0 && sandbox->timers[0]->due_us <= now) {
    sandbox_request *request = sandbox->timers[0];
    sandbox_timer_drop(request);
    wake(request);
  }
}
