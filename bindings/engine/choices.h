/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ENGINE_CHOICES_H
#define SIGNET_ENGINE_CHOICES_H

#include "engine/engine.h"

/** Has the job know when the script asks for a random number, or for the time
 * as a number, outside of signet.step. Lua's libraries must be open. */
void signet_engine_watch_choices(lua_State *L);

#endif
