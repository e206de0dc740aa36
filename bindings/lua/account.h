/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_ACCOUNT_H
#define SIGNET_LUA_ACCOUNT_H

/* Accounts, as a script has them. */

#include "lua/runtime.h"

/** Adds `connect` to the table on top. */
void signet_account_open_library(lua_State *L);
/** Pushes the account object of a handle. */
void signet_handle_push(lua_State *L, const signet_handle *handle);

#endif
