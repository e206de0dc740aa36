/* SPDX-License-Identifier: MIT */
/* How a state's runtime begins and ends, and what it tells its tasks then. */
#include "lua/lifetime.h"

#include "lua/audit.h"
#include "lua/error.h"
#include "lua/task.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

void signet_runtime_close(signet_runtime *runtime)
{
  if (runtime->closed)
    return;
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

static int runtime_gc(lua_State *L)
{
  signet_runtime *runtime = lua_touserdata(L, 1);

  signet_runtime_close(runtime);
  if (runtime->host.owner != NULL)
    *runtime->host.owner = NULL;
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

/* Those who sleep or wait for a review are woken; what is in flight goes on
 * unless there is no time for it. */
static void stop_task(signet_runtime *runtime, signet_task *task)
{
  if (task->state != SIGNET_TASK_PARKED)
    return;
  if (task->wait == SIGNET_WAIT_TIMER)
    signet_task_wake(task);
  else if (task->wait == SIGNET_WAIT_CALL &&
           (runtime->run.stop == SIGNET_STOP_NOW || task->verb == SIGNET_WAIT))
    signet_call_cancel(task->call);
}

static void stop_tasks(signet_runtime *runtime)
{
  signet_task *task;

  for (task = runtime->tasks.first; task != NULL; task = task->next)
    stop_task(runtime, task);
}

/* Stack: unchanged. */
signet_runtime *signet_runtime_create(lua_State *L, signet_loop *loop)
{
  signet_runtime *runtime =
      lua_newuserdatauv(L, sizeof *runtime, SIGNET_USER_COUNT);

  memset(runtime, 0, sizeof *runtime);
  runtime->closed = true;
  runtime->run.stop_tasks = stop_tasks;
  runtime->run.deadline = -1;
  runtime->host.concurrency = 16;
  signet_error_init(&runtime->run.stop_error);
  atomic_init(&runtime->run.interrupts, 0);
  atomic_init(&runtime->pace.steps, 0);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, runtime_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  lua_newtable(L);
  lua_setiuservalue(L, -2, SIGNET_USER_TASKS);
  lua_newtable(L);
  lua_setiuservalue(L, -2, SIGNET_USER_STEPS);
  push_weak(L);
  lua_setiuservalue(L, -2, SIGNET_USER_MARKED);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  runtime->main = lua_tothread(L, -1);
  lua_pop(L, 1);
  runtime->loop = loop != NULL ? loop : signet_loop_new();
  runtime->owns_loop = loop == NULL;
  if (runtime->loop == NULL)
    signet_lua_no_memory(L);
  signet_loop_on_sleep(runtime->loop, on_sleep, runtime);
  runtime->closed = false;
  signet_runtime_enter(L);
  return runtime;
}
