/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WORLD_CHECK_H
#define SIGNET_WORLD_CHECK_H

#include "world/state.h"

/** Checks the fields that a create or update brings, by the rules and by the
 * world's switches. @return false: refused */
bool signet_world_check(signet_attempt *attempt);

#endif
