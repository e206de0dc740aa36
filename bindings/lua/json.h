/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_JSON_H
#define SIGNET_LUA_JSON_H

/* Lua values as JSON. */

#include "lua/runtime.h"

enum { SIGNET_LUA_DEPTH = 32 };

/** Pushes the JSON text of the value at @p index; @p what names it in errors.
 */
void signet_lua_json_text(lua_State *L, int index, const char *what);

#endif
