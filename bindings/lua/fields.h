/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_FIELDS_H
#define SIGNET_LUA_FIELDS_H

/* What a script writes, filters by and asks for. */

#include "lua/runtime.h"

/** An entry's id in an argument, as digits; borrowed from the stack. */
const char *signet_lua_id(lua_State *L, int index, size_t *length);
/** The fields of the table at @p index, valid until the next call of this. */
const signet_fields *signet_lua_fields(lua_State *L, int index,
                                       signet_dialect dialect);
/** The same for a filter, where { contains = "text" } may stand for a value. */
const signet_fields *signet_lua_filter(lua_State *L, int index,
                                       signet_dialect dialect);
/** A status by name or number. */
int64_t signet_lua_status(lua_State *L, int index);
/** Raises unless the table's keys are among @p names (NULL at the end). */
void signet_lua_check_keys(lua_State *L, int index, const char *what,
                           const char *const *names);
/** Seconds in field @p name as milliseconds; @p absent: not given. */
int64_t signet_lua_milliseconds(lua_State *L, int index, const char *what,
                                int64_t absent);

#endif
