/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_REPORT_H
#define SIGNET_LUA_REPORT_H

/* What a script tells the host. */

#include "lua/runtime.h"

/** Adds log, and what the Lua parts tell the host with, to the table on top. */
void signet_report_open(lua_State *L);
/** Fills it for what a script raised that is none of signet's own errors. May
 * raise "not enough memory". */
void signet_lua_error_script(lua_State *L, signet_error *error,
                             const char *text, size_t length);

#endif
