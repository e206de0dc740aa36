/* SPDX-License-Identifier: MIT */
/* The entries of the sandbox's world, all at once. */
#include "sandbox/entries.h"

#include "sandbox/timers.h"

#include "world/load.h"

bool sandbox_seed(signet_sandbox *sandbox, unsigned signs, unsigned templates,
                  uint64_t seed)
{
  signet_world *fresh = signet_world_new(NULL);
  if (fresh == NULL)
    return false;
  signet_world_set_time(fresh, sandbox_wall_ms(sandbox));
  bool done = signet_world_seed(fresh, signs, templates, seed);
  if (done)
    signet_world_swap(sandbox->world, fresh);
  signet_world_free(fresh);
  return done;
}

void sandbox_count_entries(const signet_world *world, size_t counts[2])
{
  counts[SIGNET_SIGN] = world->shelves[SIGNET_SIGN].count;
  counts[SIGNET_TEMPLATE] = world->shelves[SIGNET_TEMPLATE].count;
}
