/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WORLD_REVIEW_H
#define SIGNET_WORLD_REVIEW_H

#include "world/state.h"

/** The entry of an id as text. NULL: there is none. */
SIGNET_INTERNAL signet_entry *
signet_world_entry(const signet_world *world, signet_kind kind, const char *id);
/** Decides about a Pending entry. @return false: memory; nothing changed */
SIGNET_INTERNAL bool signet_world_decide(signet_world *world,
                                         signet_entry *entry, int status,
                                         const char *remark);
/** Sends an entry to review: Pending, no remark, submitted now. */
void signet_world_submit(signet_world *world, signet_entry *entry);
/** Puts a Pending entry into the queue if a rule of the reviewer holds. */
void signet_world_schedule(signet_world *world, signet_entry *entry);

#endif
