/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_CALL_H
#define SIGNET_LUA_CALL_H

/* Calls of an account, which yield or block. */

#include "lua/runtime.h"

/** What a call gives back to Lua. */
typedef enum signet_result {
  SIGNET_RESULT_TRUE = 0,
  SIGNET_RESULT_LIST = 1,
  SIGNET_RESULT_FIRST = 2, /* of a list, or nil */
  SIGNET_RESULT_RECORD = 3,
  SIGNET_RESULT_ID = 4,
  SIGNET_RESULT_JSON = 5
} signet_result;

/** Starts @p operation and waits for it, yielding or blocking; the caller
 * returns what this returns. */
int signet_lua_call(lua_State *L, signet_handle *handle,
                    const signet_operation *operation, signet_result result);

#endif
