/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_LUA_AUDIT_H
#define SIGNET_LUA_AUDIT_H

/* What a job wrote against what the service shows. */

#include "lua/journal.h"
#include "lua/runtime.h"

/** Compares what the account's job wrote with what the service shows, yielding
 * or blocking; the account is at index 1. The caller returns what this
 * returns: what the service does not show. */
int signet_lua_audit(lua_State *L, signet_handle *handle);

/** Compares what that job wrote with what the service shows, and writes to
 * standard error what it contradicts. */
void signet_journal_audit(signet_handle *handle);

#endif
