/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_HANDLE_H
#define SIGNET_LUA_HANDLE_H

/* An account as Lua holds it. */

#include "lua/runtime.h"

/** The open account of a handle; raises when it is closed. */
signet_account *signet_handle_account(lua_State *L,
                                      const signet_handle *handle);

#endif
