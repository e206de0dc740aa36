/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WORLD_QUEUE_H
#define SIGNET_WORLD_QUEUE_H

#include "world/state.h"

/** Room for @p needed entries in all: every entry of the world may come to wait
 * at once, when the reviewer gets new rules. */
bool signet_queue_reserve(signet_world *world, size_t needed);
void signet_queue_push(signet_world *world, signet_entry *entry);
void signet_queue_remove(signet_world *world, signet_entry *entry);

#endif
