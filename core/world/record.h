/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WORLD_RECORD_H
#define SIGNET_WORLD_RECORD_H

#include "world/state.h"

/** Appends the entry in the dialect's shape. NULL: out of memory, and the list
 * may hold it by half. */
const signet_record *signet_world_record(const signet_world *world,
                                         signet_dialect dialect,
                                         const signet_entry *entry,
                                         signet_list *list);

#endif
