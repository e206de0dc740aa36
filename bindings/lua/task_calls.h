/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_TASK_CALLS_H
#define SIGNET_LUA_TASK_CALLS_H

/* The functions of tasks. */

#include "lua/runtime.h"

/** Adds the task functions to the table on top of the stack: spawn and sleep
 * for scripts, the rest for the Lua parts of this library. */
void signet_task_open_functions(lua_State *L);

#endif
