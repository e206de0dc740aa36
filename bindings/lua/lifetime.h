/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_LIFETIME_H
#define SIGNET_LUA_LIFETIME_H

/* A runtime from its beginning to its end. */

#include "lua/runtime.h"

/** Puts a runtime on @p loop (NULL: its own) into the state, which must have
 * none. Raises when memory ends. */
signet_runtime *signet_runtime_create(lua_State *L, signet_loop *loop);
/** Cancels tasks, closes accounts, frees the loop. Idempotent. */
void signet_runtime_close(signet_runtime *runtime);

#endif
