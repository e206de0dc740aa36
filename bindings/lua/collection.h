/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_COLLECTION_H
#define SIGNET_LUA_COLLECTION_H

/* sms.signs and sms.templates. */

#include "lua/runtime.h"

/** Makes the metatable of collections. */
void signet_collection_open(lua_State *L);
/** Pushes sms.signs or sms.templates for the account on top of the stack. */
void signet_collection_push(lua_State *L, signet_handle *handle,
                            signet_kind kind);

#endif
