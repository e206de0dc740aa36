/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_JOURNAL_H
#define SIGNET_LUA_JOURNAL_H

/* A job of an account that no host gave one. */

#include "lua/runtime.h"

/** Whether the table at @p index asks for a journal; raises on nonsense. */
bool signet_journal_asked(lua_State *L, int index);
/** Whether the table at @p index has limits; raises on nonsense. */
bool signet_journal_limits(lua_State *L, int index);
/** Gives an account a job of its own, within the limits of the table at
 * @p index, with a journal if that asks for one. Raises where there can be
 * none. */
void signet_journal_open(lua_State *L, int index, signet_handle *handle,
                         const signet_settings *settings);
/** Ends that job, if there is one, after its account was closed. */
bool signet_journal_close(signet_handle *handle, signet_error *error);

#endif
