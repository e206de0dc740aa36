/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WORLD_ATTEMPT_H
#define SIGNET_WORLD_ATTEMPT_H

#include "world/state.h"

/** The entry that the operation names. NULL: refused. */
signet_entry *signet_world_target(signet_attempt *attempt);
/** Answers with one record. */
bool signet_world_answer(signet_attempt *attempt, const signet_entry *entry);
/** Takes a new entry, whose content and status are set, into the world and
 * answers with it. @return false: memory; the entry is freed */
bool signet_world_enter(signet_attempt *attempt, signet_entry *entry);

#endif
