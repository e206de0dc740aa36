/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_RECORD_H
#define SIGNET_LUA_RECORD_H

/* Records and lists as Lua's. */

#include "lua/runtime.h"

/** Pushes a list; takes a reference of its own. */
void signet_lua_list_push(lua_State *L, signet_list *list);
/** Pushes record @p index of the list at @p list_index of the stack. */
void signet_lua_record_push(lua_State *L, int list_index, size_t index);
/** The record or list at @p index, NULL: it is none. */
const signet_record *signet_lua_record_at(lua_State *L, int index);
signet_list *signet_lua_list_at(lua_State *L, int index);
/** Pushes a value; null is nil. */
void signet_lua_value_push(lua_State *L, const signet_value *value);
/** Replaces the record or list at the top by a plain table. */
void signet_lua_table_push(lua_State *L, int index);
/** Makes the metatables of records and lists. */
void signet_record_open(lua_State *L);

#endif
