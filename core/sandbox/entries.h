/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SANDBOX_ENTRIES_H
#define SIGNET_SANDBOX_ENTRIES_H

#include "sandbox/server.h"

/** Empties the world and fills it as at the start. */
bool sandbox_seed(signet_sandbox *sandbox, unsigned signs, unsigned templates,
                  uint64_t seed);
/** How many entries there are, by signet_kind. */
void sandbox_count_entries(const signet_world *world, size_t counts[2]);

#endif
