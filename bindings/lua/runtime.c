/* SPDX-License-Identifier: MIT */
#include "lua/runtime.h"

#include "lua/error.h"

#include <string.h>

/* The address is the key: two copies of this library never share a state. */
static const char RUNTIME = 0;

void signet_runtime_enter(lua_State *L)
{
  lua_rawsetp(L, LUA_REGISTRYINDEX, &RUNTIME);
}

signet_runtime *signet_runtime_find(lua_State *L)
{
  signet_runtime *runtime;

  lua_rawgetp(L, LUA_REGISTRYINDEX, &RUNTIME);
  runtime = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return runtime;
}

signet_runtime *signet_runtime_of(lua_State *L)
{
  signet_runtime *runtime = signet_runtime_find(L);

  if (runtime == NULL || runtime->closed)
    luaL_error(L, "signet is closed in this state");
  return runtime;
}

void signet_runtime_push_anchor(lua_State *L)
{
  lua_rawgetp(L, LUA_REGISTRYINDEX, &RUNTIME);
  lua_getiuservalue(L, -1, SIGNET_USER_TASKS);
  lua_remove(L, -2);
}

void signet_runtime_push_steps(lua_State *L)
{
  lua_rawgetp(L, LUA_REGISTRYINDEX, &RUNTIME);
  lua_getiuservalue(L, -1, SIGNET_USER_STEPS);
  lua_remove(L, -2);
}

void signet_runtime_forget(lua_State *L)
{
  lua_rawgetp(L, LUA_REGISTRYINDEX, &RUNTIME);
  lua_newtable(L);
  lua_setiuservalue(L, -2, SIGNET_USER_STEPS);
  lua_newtable(L);
  lua_setiuservalue(L, -2, SIGNET_USER_TASKS);
  lua_pop(L, 1);
}

void signet_runtime_by_chance(const signet_runtime *runtime)
{
  const signet_task *task = runtime->tasks.current;

  if (runtime->host.job != NULL && (task == NULL || !task->decides))
    signet_job_by_chance(runtime->host.job);
}

static void push_marked(lua_State *L)
{
  lua_rawgetp(L, LUA_REGISTRYINDEX, &RUNTIME);
  lua_getiuservalue(L, -1, SIGNET_USER_MARKED);
  lua_remove(L, -2);
}

void signet_runtime_mark(lua_State *L)
{
  push_marked(L);
  lua_pushvalue(L, -2);
  lua_pushboolean(L, true);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

/* Counts the value on top of the stack, once, if it is marked. Stack: -1. */
static void count_marked(lua_State *L, signet_runtime *runtime)
{
  signet_error error;

  push_marked(L);
  lua_pushvalue(L, -2);
  if (!lua_isnil(L, -1) && lua_rawget(L, -2) == LUA_TBOOLEAN &&
      signet_lua_error_read(L, -3, &error)) {
    signet_runtime_count(runtime, &error);
    lua_pushvalue(L, -3);
    lua_pushnil(L);
    lua_rawset(L, -4);
  }
  lua_pop(L, 3);
}

void signet_runtime_count_escaped(lua_State *L, signet_runtime *runtime)
{
  luaL_checkstack(L, 8, "errors");
  signet_runtime_push_anchor(L);
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    const signet_task *task = lua_touserdata(L, -1);

    if (task->state == SIGNET_TASK_FAILED && lua_checkstack(task->thread, 1)) {
      lua_pushvalue(task->thread, -1);
      lua_xmove(task->thread, L, 1);
      count_marked(L, runtime);
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

bool signet_runtime_exists(lua_State *L)
{
  const signet_runtime *runtime = signet_runtime_find(L);

  return runtime != NULL && !runtime->closed;
}

/*
 * The end of a run. Its stop only ever gets harder, until the next run.
 *
 *   stop       becomes    when
 *   NONE       GRACEFUL   the first interrupt; the instructions are used up;
 *                         the script has failed, or called os.exit
 *              NOW        two interrupts at once
 *   GRACEFUL   NOW        the second interrupt
 *   not NOW    NOW        the time is used up
 *   any        NONE       a run begins, and after it
 */

static void hold_accounts(signet_runtime *runtime, bool held)
{
  signet_handle *handle;

  for (handle = runtime->accounts; handle != NULL; handle = handle->next)
    signet_account_hold(handle->account, held);
}

void signet_runtime_stop(signet_runtime *runtime, signet_stop stop,
                         signet_error_kind kind, const char *message)
{
  if (stop <= runtime->run.stop)
    return;
  if (runtime->run.stop == SIGNET_STOP_NONE)
    signet_lua_error_set(&runtime->run.stop_error, kind, "%s", message);
  runtime->run.stop = stop;
  runtime->run.stopped_at = signet_loop_now(runtime->loop);
  hold_accounts(runtime, true);
  runtime->run.stop_tasks(runtime);
}

void signet_runtime_reset(signet_runtime *runtime)
{
  atomic_store(&runtime->run.interrupts, 0);
  runtime->run.stop = SIGNET_STOP_NONE;
  runtime->run.instructions = 0;
  runtime->run.exhausted = false;
  runtime->run.refused = 0;
  runtime->run.deadline = -1;
  signet_error_init(&runtime->run.stop_error);
  hold_accounts(runtime, false);
}

/* --- the pace --- */

void signet_runtime_tell(signet_runtime *runtime, signet_event_type type,
                         signet_account *account)
{
  const signet_event event = {.type = type, .account = account};

  signet_runtime_emit(runtime, &event);
}

static int clamp(int value, int least, int most)
{
  return value < least ? least : value > most ? most : value;
}

static void shift_pace(signet_runtime *runtime, signet_account *account,
                       int steps)
{
  signet_pace before = signet_account_pace(account);
  int pace = clamp((int)before + steps, SIGNET_PACE_GENTLE, SIGNET_PACE_FAST);

  if (pace != (int)before) {
    signet_account_set_pace(account, (signet_pace)pace);
    signet_runtime_tell(runtime, SIGNET_EVENT_PACE, account);
  }
}

static void change_pace(signet_runtime *runtime)
{
  int steps = atomic_exchange(&runtime->pace.steps, 0);
  const signet_handle *handle;

  if (steps == 0)
    return;
  steps = clamp(steps, -SIGNET_PACE_FAST, SIGNET_PACE_FAST);
  runtime->pace.shift =
      clamp(runtime->pace.shift + steps, -SIGNET_PACE_FAST, SIGNET_PACE_FAST);
  for (handle = runtime->accounts; handle != NULL; handle = handle->next)
    shift_pace(runtime, handle->account, steps);
}

void signet_runtime_adopt(signet_runtime *runtime, signet_account *account,
                          const char *profile)
{
  const signet_event event = {.type = SIGNET_EVENT_CONNECT,
                              .account = account,
                              .text = profile,
                              .length = strlen(profile)};

  signet_runtime_emit(runtime, &event);
  shift_pace(runtime, account, runtime->pace.shift);
}

void signet_runtime_poll(signet_runtime *runtime)
{
  int interrupts = atomic_load(&runtime->run.interrupts);

  change_pace(runtime);
  if (interrupts > 0) {
    signet_runtime_stop(runtime,
                        interrupts > 1 ? SIGNET_STOP_NOW : SIGNET_STOP_GRACEFUL,
                        SIGNET_ERROR_CANCELLED, "interrupted");
  }
  if (runtime->run.instruction_limit > 0 &&
      runtime->run.instructions > runtime->run.instruction_limit) {
    runtime->run.exhausted = true;
    signet_runtime_stop(runtime, SIGNET_STOP_GRACEFUL, SIGNET_ERROR_LIMIT,
                        "the script's instruction limit is used up");
  }
  if (runtime->run.deadline >= 0 &&
      signet_loop_now(runtime->loop) >= runtime->run.deadline) {
    signet_runtime_stop(runtime, SIGNET_STOP_NOW, SIGNET_ERROR_TIMEOUT,
                        "the script's time limit ran out");
  }
}

void signet_runtime_step(signet_runtime *runtime, int64_t timeout_ms)
{
  if (runtime->run.deadline >= 0 && runtime->run.stop != SIGNET_STOP_NOW) {
    int64_t left = runtime->run.deadline - signet_loop_now(runtime->loop);

    left = left > 0 ? left : 0;
    timeout_ms = timeout_ms < 0 || timeout_ms > left ? left : timeout_ms;
  }
  (void)signet_loop_step(runtime->loop, timeout_ms);
  signet_runtime_poll(runtime);
}

/* --- what the host hears --- */

void signet_runtime_emit(signet_runtime *runtime, const signet_event *event)
{
  signet_event filled = *event;

  if (runtime->host.event == NULL)
    return;
  filled.level = event->level != NULL ? event->level : "info";
  filled.label = event->label != NULL ? event->label : "";
  filled.text = event->text != NULL ? event->text : "";
  filled.reason = event->reason != NULL ? event->reason : "";
  if (event->length == 0)
    filled.length = strlen(filled.text);
  runtime->host.event(runtime->host.event_user, &filled);
}

void signet_runtime_count(signet_runtime *runtime, const signet_error *error)
{
  if (error == NULL)
    runtime->counts.done++;
  else if (error->kind == SIGNET_ERROR_UNKNOWN_OUTCOME)
    runtime->counts.unknown++;
  else if (error->kind == SIGNET_ERROR_CANCELLED)
    runtime->counts.skipped++;
  else
    runtime->counts.failed++;
}
