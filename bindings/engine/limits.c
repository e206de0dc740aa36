/* SPDX-License-Identifier: MIT */
#include "engine/limits.h"

#include "lua/error.h"

#include <stdlib.h>

/* Limits against mistakes: memory in the allocator, instructions and time in a
 * count hook, which is also where an interrupt reaches code that computes. */

enum {
  HOOK_INTERVAL = 1000,
  /* How long code may go on computing after the first interrupt: enough to
   * finish the entry whose call has just been answered. */
  GRACE_MS = 500,
  /* How many calls it may begin that all fail: a loop may try again for ever.
   */
  GRACE_CALLS = 1000
};

void *signet_engine_memory(void *user, void *memory, size_t old_size,
                           size_t new_size)
{
  signet_engine *engine = user;
  size_t held = memory != NULL ? old_size : 0;
  void *result;

  if (engine->memory_limit > 0 && new_size > held &&
      new_size - held > engine->memory_limit - engine->memory_used)
    return NULL;
  if (engine->allocate != NULL) {
    result =
        engine->allocate(engine->allocate_user, memory, old_size, new_size);
  } else if (new_size == 0) {
    free(memory);
    result = NULL;
  } else {
    result = realloc(memory, new_size);
  }
  if (result != NULL || new_size == 0)
    engine->memory_used += new_size - held;
  return result;
}

signet_engine *signet_engine_of(lua_State *L)
{
  return *(signet_engine **)lua_getextraspace(L);
}

static void count_hook(lua_State *L, lua_Debug *record);

static void watch(lua_State *L, int interval)
{
  lua_sethook(L, count_hook, LUA_MASKCOUNT, interval);
}

static bool must_stop(const signet_engine *engine)
{
  const signet_runtime *runtime = engine->runtime;
  int64_t since = runtime->run.resumed_at > runtime->run.stopped_at
                      ? runtime->run.resumed_at
                      : runtime->run.stopped_at;

  if (runtime->run.exhausted || engine->exiting ||
      runtime->run.refused > GRACE_CALLS ||
      runtime->run.stop == SIGNET_STOP_NOW)
    return true;
  return runtime->run.stop == SIGNET_STOP_GRACEFUL &&
         signet_loop_now(runtime->loop) - since > GRACE_MS;
}

static void count_hook(lua_State *L, lua_Debug *record)
{
  signet_engine *engine = signet_engine_of(L);

  (void)record;
  if (!engine->running)
    return;
  engine->runtime->run.instructions += (uint64_t)lua_gethookcount(L);
  signet_runtime_poll(engine->runtime);
  if (must_stop(engine)) {
    signet_engine_raise_always(L);
    (void)signet_lua_raise(L, &engine->runtime->run.stop_error);
  } else if (lua_gethookcount(L) != HOOK_INTERVAL) {
    watch(L, HOOK_INTERVAL);
  }
}

/* At every instruction: a loop around pcall must not outlive its limit. */
void signet_engine_raise_always(lua_State *L)
{
  watch(L, 1);
}

void signet_engine_set_hook(signet_engine *engine)
{
  watch(engine->state, HOOK_INTERVAL);
}
