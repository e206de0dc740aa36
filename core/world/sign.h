/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WORLD_SIGN_H
#define SIGNET_WORLD_SIGN_H

#include "world/state.h"

/** @return false: refused, and the reply says why */
bool signet_world_create_sign(signet_attempt *attempt);
bool signet_world_update_sign(signet_attempt *attempt);

#endif
