/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ENGINE_CJSON_H
#define SIGNET_ENGINE_CJSON_H

#include "engine/engine.h"

/** Pushes a fresh lua-cjson whose limits are fixed; upvalue: luaopen_cjson or
 * luaopen_cjson_safe. */
int signet_engine_open_cjson(lua_State *L);

#endif
