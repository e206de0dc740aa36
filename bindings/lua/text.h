/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_TEXT_H
#define SIGNET_LUA_TEXT_H

/* Text as it can be shown, and compared. */

#include "lua/runtime.h"

bool signet_lua_utf8_valid(const char *text, size_t length);
/** Pushes @p text with control and bidirectional characters escaped. */
void signet_lua_push_shown(lua_State *L, const char *text, size_t length);
/** Adds signet.same_text and signet.skeleton. Stack: the module on top. */
void signet_lua_text_open(lua_State *L);

#endif
