/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_BACKEND_WORLD_H
#define SIGNET_ACCOUNT_BACKEND_WORLD_H

#include "account/step.h"

/** Carries a step out on a world; its `done` is not called. */
void signet_step_on_world(signet_step *step, signet_world *world);

#endif
