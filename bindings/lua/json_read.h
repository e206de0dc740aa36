/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_JSON_READ_H
#define SIGNET_LUA_JSON_READ_H

/* JSON as Lua values. */

#include "lua/runtime.h"

/** Pushes the decoded value of a JSON text; raises when it is none. */
void signet_lua_json_push(lua_State *L, const char *text, size_t length);

#endif
