/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ENGINE_LIBRARIES_H
#define SIGNET_ENGINE_LIBRARIES_H

#include "engine/engine.h"

/** Opens Lua's libraries by the mask, signet and cjson in an own state. */
void signet_engine_open_libraries(lua_State *L, unsigned libraries,
                                  const char *script_path);

#endif
