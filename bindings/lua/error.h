/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_ERROR_H
#define SIGNET_LUA_ERROR_H

/* Errors of libsignet as Lua's, and back. */

#include "lua/runtime.h"

/** The one translator: pushes the Lua error object for @p error. */
void signet_lua_error_push(lua_State *L, const signet_error *error);
/** Reads an error object back. @return false: it is none */
bool signet_lua_error_read(lua_State *L, int index, signet_error *error);
/** Raises @p error. */
int signet_lua_raise(lua_State *L, const signet_error *error);
/** Raises a "validation" error. */
int signet_lua_invalid(lua_State *L, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** Raises "not enough memory". */
int signet_lua_no_memory(lua_State *L);
/** Fills kind and message. */
void signet_lua_error_set(signet_error *error, signet_error_kind kind,
                          const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
