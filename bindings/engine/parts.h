/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ENGINE_PARTS_H
#define SIGNET_ENGINE_PARTS_H

/* What the files of the engine share. */

#include "lua/runtime.h"

struct signet_engine {
  lua_State *state;
  bool owns_state;
  signet_runtime *runtime;
  signet_settings *settings; /* a copy */
  signet_engine_allocate_fn allocate;
  void *allocate_user;
  size_t memory_limit, memory_used;
  int64_t time_limit_ms;
  bool running;     /* the limits count only then */
  bool exiting;     /* the script called os.exit */
  int exit_status;  /* what it gave to it; -1: it didn't */
  bool interrupted; /* the latest run was */
  char warning[512];
  size_t warning_length;
};

/* --- limits.c --- */

/** Lua's allocator for an engine that counts its memory. */
void *signet_engine_memory(void *engine, void *memory, size_t old_size,
                           size_t new_size);
/** Counts instructions, looks at the clock and for an interrupt: before the
 * first coroutine is made, so that all inherit it. */
void signet_engine_set_hook(signet_engine *engine);
/** From now on the script's code is stopped wherever it runs in @p L. */
void signet_engine_raise_always(lua_State *L);
/** The engine of a state that it made itself. */
signet_engine *signet_engine_of(lua_State *L);

/* --- libraries.c --- */

/** Opens Lua's libraries by the mask, signet and cjson in an own state. */
void signet_engine_open_libraries(lua_State *L, unsigned libraries,
                                  const char *script_path);

/* --- choices.c --- */

/** Has the job know when the script asks for a random number, or for the time
 * as a number, outside of signet.step. Lua's libraries must be open. */
void signet_engine_watch_choices(lua_State *L);

/* --- cjson.c --- */

/** Pushes a fresh lua-cjson whose limits are fixed; upvalue: luaopen_cjson or
 * luaopen_cjson_safe. */
int signet_engine_open_cjson(lua_State *L);

/* --- failure.c --- */

/** Fills @p failure from the error at the top of the stack, and pops it. Never
 * raises. */
void signet_engine_fail(lua_State *L, signet_failure *failure);
/** A copy of text for the caller of the engine; NULL: no memory. */
char *signet_engine_text(const char *text, size_t length);

#endif
