/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_MODULE_H
#define SIGNET_LUA_MODULE_H

/* The module. */

#include "lua/runtime.h"

/** Opens the module: pushes its table. */
int signet_lua_open(lua_State *L);

#endif
