/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_COROUTINE_H
#define SIGNET_LUA_COROUTINE_H

/* The library `coroutine`, through which the runtime's yields pass. */

#include "lua/runtime.h"

/** Pushes the library `coroutine` with a resume and a wrap that let the
 * runtime's yields through. */
void signet_coroutine_open(lua_State *L);

#endif
