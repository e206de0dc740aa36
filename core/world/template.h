/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WORLD_TEMPLATE_H
#define SIGNET_WORLD_TEMPLATE_H

#include "world/state.h"

/** @return false: refused, and the reply says why */
bool signet_world_create_template(signet_attempt *attempt);
bool signet_world_update_template(signet_attempt *attempt);

#endif
