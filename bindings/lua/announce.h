/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_ANNOUNCE_H
#define SIGNET_LUA_ANNOUNCE_H

/* What announce.lua is made of. */

#include "lua/runtime.h"

/** Adds what announce.lua is made of to the table on top. */
void signet_announce_open(lua_State *L);

#endif
