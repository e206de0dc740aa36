/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WORLD_LOAD_ENTRY_H
#define SIGNET_WORLD_LOAD_ENTRY_H

#include "world/state.h"

/** Reads one entry of a state file into the world.
 * @param listed  it is of a service's list, which may show no name
 * @return false: @p error says what is wrong with it */
bool signet_world_load_entry(signet_world *world, signet_kind kind,
                             struct json_object *object, size_t index,
                             bool listed, signet_error *error);

#endif
