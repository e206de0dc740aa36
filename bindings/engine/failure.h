/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ENGINE_FAILURE_H
#define SIGNET_ENGINE_FAILURE_H

#include "engine/engine.h"

/** Fills @p failure from the error at the top of the stack, and pops it. Never
 * raises. */
void signet_engine_fail(lua_State *L, signet_failure *failure);
/** A copy of text for the caller of the engine; NULL: no memory. */
char *signet_engine_text(const char *text, size_t length);

#endif
