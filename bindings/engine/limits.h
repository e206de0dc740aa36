/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ENGINE_LIMITS_H
#define SIGNET_ENGINE_LIMITS_H

#include "engine/engine.h"

/** Lua's allocator for an engine that counts its memory. */
void *signet_engine_memory(void *engine, void *memory, size_t old_size,
                           size_t new_size);
/** Counts instructions, looks at the clock and for an interrupt: before the
 * first coroutine is made, so that all inherit it. */
void signet_engine_set_hook(signet_engine *engine);
/** Makes each instruction that @p L runs from now on raise the run's error. */
void signet_engine_raise_always(lua_State *L);
/** The engine of a state that it made itself. */
signet_engine *signet_engine_of(lua_State *L);

#endif
