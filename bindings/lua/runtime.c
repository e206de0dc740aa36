/* SPDX-License-Identifier: MIT */
#include "lua/runtime.h"

#include "lua/values.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The address is the key: two copies of this library never share a state. */
static const char RUNTIME = 0;

/* The runtime's user values: what keeps the tasks alive; signet.step's; errors
 * that count when they escape. */
enum { USER_TASKS = 1, USER_STEPS = 2, USER_MARKED = 3, USER_COUNT = 3 };

/* "3 h 20 min", "45 min": as exact as anybody wants to know it. */
static void write_duration(char *out, size_t size, int64_t milliseconds)
{
  int64_t minutes = milliseconds / 60000;

  if (minutes == 0) {
    (void)snprintf(out, size, "%" PRId64 " s", milliseconds / 1000);
  } else if (minutes < 60 || minutes % 60 == 0) {
    (void)snprintf(out, size, "%" PRId64 " %s",
                   minutes < 60 ? minutes : minutes / 60,
                   minutes < 60 ? "min" : "h");
  } else {
    (void)snprintf(out, size, "%" PRId64 " h %" PRId64 " min", minutes / 60,
                   minutes % 60);
  }
}

/* From the loop, never from within Lua. */
static void on_sleep(void *user, int64_t slept_ms)
{
  signet_event event = {.type = SIGNET_EVENT_LOG, .level = "warning"};
  char text[160], duration[48];

  write_duration(duration, sizeof duration, slept_ms);
  event.length = (size_t)snprintf(
      text, sizeof text,
      "the machine slept for %s: connections are made anew, and what was under "
      "way is read again",
      duration);
  event.text = text;
  signet_runtime_emit(user, &event);
}

static int runtime_gc(lua_State *L)
{
  signet_runtime_close(lua_touserdata(L, 1));
  return 0;
}

/* A table that keeps none of its keys alive. Stack: +1. */
static void push_weak(lua_State *L)
{
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
}

/* Stack: unchanged. */
signet_runtime *signet_runtime_create(lua_State *L, signet_loop *loop)
{
  signet_runtime *runtime = lua_newuserdatauv(L, sizeof *runtime, USER_COUNT);

  memset(runtime, 0, sizeof *runtime);
  runtime->closed = true;
  runtime->deadline = -1;
  runtime->concurrency = 16;
  signet_error_init(&runtime->stop_error);
  atomic_init(&runtime->interrupts, 0);
  atomic_init(&runtime->pace_steps, 0);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, runtime_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_newtable(L);
  lua_setiuservalue(L, -2, USER_TASKS);
  lua_newtable(L);
  lua_setiuservalue(L, -2, USER_STEPS);
  push_weak(L);
  lua_setiuservalue(L, -2, USER_MARKED);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  runtime->main = lua_tothread(L, -1);
  lua_pop(L, 1);
  runtime->loop = loop != NULL ? loop : signet_loop_new();
  runtime->owns_loop = loop == NULL;
  if (runtime->loop == NULL) {
    signet_lua_no_memory(L);
  }
  signet_loop_on_sleep(runtime->loop, on_sleep, runtime);
  runtime->closed = false;
  lua_rawsetp(L, LUA_REGISTRYINDEX, &RUNTIME);
  return runtime;
}

signet_runtime *signet_runtime_of(lua_State *L)
{
  signet_runtime *runtime;

  lua_rawgetp(L, LUA_REGISTRYINDEX, &RUNTIME);
  runtime = lua_touserdata(L, -1);
  lua_pop(L, 1);
  if (runtime == NULL) {
    runtime = signet_runtime_create(L, NULL);
  }
  if (runtime->closed) {
    luaL_error(L, "signet is closed in this state");
  }
  return runtime;
}

void signet_runtime_push_anchor(lua_State *L)
{
  lua_rawgetp(L, LUA_REGISTRYINDEX, &RUNTIME);
  lua_getiuservalue(L, -1, USER_TASKS);
  lua_remove(L, -2);
}

void signet_runtime_push_steps(lua_State *L)
{
  lua_rawgetp(L, LUA_REGISTRYINDEX, &RUNTIME);
  lua_getiuservalue(L, -1, USER_STEPS);
  lua_remove(L, -2);
}

void signet_runtime_forget(lua_State *L)
{
  lua_rawgetp(L, LUA_REGISTRYINDEX, &RUNTIME);
  lua_newtable(L);
  lua_setiuservalue(L, -2, USER_STEPS);
  lua_newtable(L);
  lua_setiuservalue(L, -2, USER_TASKS);
  lua_pop(L, 1);
}

static void push_marked(lua_State *L)
{
  lua_rawgetp(L, LUA_REGISTRYINDEX, &RUNTIME);
  lua_getiuservalue(L, -1, USER_MARKED);
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
  const signet_runtime *runtime;

  lua_rawgetp(L, LUA_REGISTRYINDEX, &RUNTIME);
  runtime = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return runtime != NULL && !runtime->closed;
}

void signet_runtime_close(signet_runtime *runtime)
{
  if (runtime->closed) {
    return;
  }
  runtime->closed = true;
  signet_fields_free(runtime->fields);
  runtime->fields = NULL;
  signet_task_drop_all(runtime);
  while (runtime->accounts != NULL) {
    signet_handle *handle = runtime->accounts;
    signet_error ignored = SIGNET_ERROR_INIT;

    runtime->accounts = handle->next;
    signet_journal_audit(handle);
    signet_runtime_tell(runtime, SIGNET_EVENT_CLOSE, handle->account);
    signet_account_close(handle->account);
    handle->account = NULL;
    (void)signet_journal_close(handle, &ignored);
  }
  signet_loop_on_sleep(runtime->loop, NULL, NULL);
  if (runtime->owns_loop) {
    /* The calls that closing has ended are given back by one more turn. */
    (void)signet_loop_step(runtime->loop, 0);
    signet_loop_free(runtime->loop);
  }
  runtime->loop = NULL;
}

/* --- the end of a run --- */

static void hold_accounts(signet_runtime *runtime, bool held)
{
  signet_handle *handle;

  for (handle = runtime->accounts; handle != NULL; handle = handle->next) {
    signet_account_hold(handle->account, held);
  }
}

/* Those who sleep or wait for a review are woken; what is in flight goes on
 * unless there is no time for it. */
static void stop_task(signet_runtime *runtime, signet_task *task)
{
  if (task->state != SIGNET_TASK_PARKED) {
    return;
  }
  if (task->wait == SIGNET_WAIT_TIMER) {
    signet_task_wake(task);
  } else if (task->wait == SIGNET_WAIT_CALL &&
             (runtime->stop == SIGNET_STOP_NOW || task->verb == SIGNET_WAIT)) {
    signet_call_cancel(task->call);
  }
}

void signet_runtime_stop(signet_runtime *runtime, signet_stop stop,
                         signet_error_kind kind, const char *message)
{
  signet_task *task;

  if (stop <= runtime->stop) {
    return;
  }
  if (runtime->stop == SIGNET_STOP_NONE) {
    signet_lua_error_set(&runtime->stop_error, kind, "%s", message);
  }
  runtime->stop = stop;
  runtime->stopped_at = signet_loop_now(runtime->loop);
  hold_accounts(runtime, true);
  for (task = runtime->tasks; task != NULL; task = task->next) {
    stop_task(runtime, task);
  }
}

void signet_runtime_reset(signet_runtime *runtime)
{
  atomic_store(&runtime->interrupts, 0);
  runtime->stop = SIGNET_STOP_NONE;
  runtime->instructions = 0;
  runtime->exhausted = false;
  runtime->refused = 0;
  runtime->deadline = -1;
  signet_error_init(&runtime->stop_error);
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
  int steps = atomic_exchange(&runtime->pace_steps, 0);
  const signet_handle *handle;

  if (steps == 0) {
    return;
  }
  steps = clamp(steps, -SIGNET_PACE_FAST, SIGNET_PACE_FAST);
  runtime->pace_shift =
      clamp(runtime->pace_shift + steps, -SIGNET_PACE_FAST, SIGNET_PACE_FAST);
  for (handle = runtime->accounts; handle != NULL; handle = handle->next) {
    shift_pace(runtime, handle->account, steps);
  }
}

void signet_runtime_adopt(signet_runtime *runtime, signet_account *account)
{
  signet_runtime_tell(runtime, SIGNET_EVENT_CONNECT, account);
  shift_pace(runtime, account, runtime->pace_shift);
}

void signet_runtime_poll(signet_runtime *runtime)
{
  int interrupts = atomic_load(&runtime->interrupts);

  change_pace(runtime);
  if (interrupts > 0) {
    signet_runtime_stop(runtime,
                        interrupts > 1 ? SIGNET_STOP_NOW : SIGNET_STOP_GRACEFUL,
                        SIGNET_ERROR_CANCELLED, "interrupted");
  }
  if (runtime->instruction_limit > 0 &&
      runtime->instructions > runtime->instruction_limit) {
    runtime->exhausted = true;
    signet_runtime_stop(runtime, SIGNET_STOP_GRACEFUL, SIGNET_ERROR_LIMIT,
                        "the script's instruction limit is used up");
  }
  if (runtime->deadline >= 0 &&
      signet_loop_now(runtime->loop) >= runtime->deadline) {
    signet_runtime_stop(runtime, SIGNET_STOP_NOW, SIGNET_ERROR_TIMEOUT,
                        "the script's time limit ran out");
  }
}

void signet_runtime_step(signet_runtime *runtime, int64_t timeout_ms)
{
  if (runtime->deadline >= 0 && runtime->stop != SIGNET_STOP_NOW) {
    int64_t left = runtime->deadline - signet_loop_now(runtime->loop);

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

  if (runtime->event == NULL) {
    return;
  }
  filled.level = event->level != NULL ? event->level : "info";
  filled.label = event->label != NULL ? event->label : "";
  filled.text = event->text != NULL ? event->text : "";
  filled.reason = event->reason != NULL ? event->reason : "";
  if (event->length == 0) {
    filled.length = strlen(filled.text);
  }
  runtime->event(runtime->event_user, &filled);
}

void signet_runtime_count(signet_runtime *runtime, const signet_error *error)
{
  if (error == NULL) {
    runtime->counts.done++;
  } else if (error->kind == SIGNET_ERROR_UNKNOWN_OUTCOME) {
    runtime->counts.unknown++;
  } else if (error->kind == SIGNET_ERROR_CANCELLED) {
    runtime->counts.skipped++;
  } else {
    runtime->counts.failed++;
  }
}
