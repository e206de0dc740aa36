/* SPDX-License-Identifier: MIT */
#include "lua/call.h"

#include "lua/box.h"
#include "lua/error.h"
#include "lua/handle.h"
#include "lua/json_read.h"
#include "lua/record.h"
#include "lua/task.h"

#include <stdlib.h>
#include <string.h>

/*
 * One call from Lua. Inside a task the call belongs to the task, which yields;
 * elsewhere it belongs to a box on the stack, and the loop is turned here. Both
 * ways end in finish(), which turns the call into results or raises its error.
 */

/* What finish() has to know, packed into a lua_KContext. */
enum {
  CONTEXT_RESULT = 0xf,
  CONTEXT_INTEGER_ID = 0x10, /* the dialect's ids are integers */
  CONTEXT_WRITE = 0x20
};

static void call_done(signet_call *call, void *task)
{
  (void)call;
  signet_task_wake(task);
}

static void call_noticed(signet_call *call, void *unused)
{
  (void)call;
  (void)unused;
}

static void release_call(void *call)
{
  signet_call_release(call);
}

static void warn_of(signet_runtime *runtime, const signet_call *call)
{
  signet_event event = {.type = SIGNET_EVENT_LOG, .level = "warning"};

  event.text = signet_call_warning(call);
  if (event.text != NULL)
    signet_runtime_emit(runtime, &event);
}

/* Stack: +1. */
static void push_id(lua_State *L, const signet_call *call, bool integer)
{
  const char *id = signet_call_id(call);

  if (integer)
    lua_pushinteger(L, (lua_Integer)strtoll(id, NULL, 10));
  else
    lua_pushstring(L, id);
}

/* Stack: +1, record @p index of the call's list, or nil. */
static void push_first(lua_State *L, const signet_call *call)
{
  signet_list *list = signet_call_list(call);

  if (list == NULL || signet_list_count(list) == 0) {
    lua_pushnil(L);
    return;
  }
  signet_lua_list_push(L, list);
  signet_lua_record_push(L, -1, 0);
}

static void push_body(lua_State *L, const signet_call *call)
{
  size_t length = 0;
  const char *body = signet_call_body(call, &length);

  if (body == NULL || length == 0)
    lua_pushnil(L);
  else
    signet_lua_json_push(L, body, length);
}

/* Stack: +1 or more, the result on top. */
static void push_result(lua_State *L, const signet_call *call,
                        lua_KContext context)
{
  switch ((signet_result)(context & CONTEXT_RESULT)) {
  case SIGNET_RESULT_TRUE:
    lua_pushboolean(L, true);
    break;
  case SIGNET_RESULT_LIST:
    signet_lua_list_push(L, signet_call_list(call));
    break;
  case SIGNET_RESULT_FIRST:
  case SIGNET_RESULT_RECORD:
    push_first(L, call);
    break;
  case SIGNET_RESULT_ID:
    push_id(L, call, (context & CONTEXT_INTEGER_ID) != 0);
    break;
  case SIGNET_RESULT_JSON:
    push_body(L, call);
    break;
  }
}

/* A call that was given up because the run has to end tells why.
 * @param stopped  room for that */
static const signet_error *error_of(const signet_runtime *runtime,
                                    const signet_call *call,
                                    signet_error *stopped)
{
  const signet_error *error = signet_call_error(call);

  if (error == NULL || error->kind != SIGNET_ERROR_CANCELLED ||
      runtime->run.stop == SIGNET_STOP_NONE)
    return error;
  *stopped = runtime->run.stop_error;
  memcpy(stopped->operation, error->operation, sizeof stopped->operation);
  memcpy(stopped->id, error->id, sizeof stopped->id);
  return stopped;
}

/* Inside an entry of signet.each the entry counts, not the write. Elsewhere a
 * failure counts once it escapes the script, but an outcome that is not known
 * counts at once: that a script goes on does not make it known.
 * @return whether the error counts when it escapes */
static bool note_write(signet_runtime *runtime, const signet_error *error)
{
  signet_task *task = runtime->tasks.current;

  if (task != NULL)
    task->wrote = task->wrote || error == NULL;
  if (task != NULL && task->counted)
    return false;
  runtime->failed_writes += error != NULL;
  if (error == NULL || error->kind == SIGNET_ERROR_UNKNOWN_OUTCOME) {
    signet_runtime_count(runtime, error);
    return false;
  }
  return true;
}

/* The call stays with its owner until everything is on the stack. */
static int finish(lua_State *L, signet_runtime *runtime,
                  const signet_call *call, lua_KContext context)
{
  signet_error stopped;
  const signet_error *error = error_of(runtime, call, &stopped);
  bool counts = (context & CONTEXT_WRITE) != 0 && note_write(runtime, error);

  if (error != NULL) {
    signet_lua_error_push(L, error);
    if (counts)
      signet_runtime_mark(L);
    return lua_error(L);
  }
  warn_of(runtime, call);
  push_result(L, call, context);
  return 1;
}

static int continue_task(lua_State *L, int status, lua_KContext context)
{
  signet_task *task = signet_task_resumed(L);

  (void)status;
  (void)finish(L, task->runtime, task->call, context);
  signet_call_release(task->call);
  task->call = NULL;
  return 1;
}

static int yield(lua_State *L, signet_task *task, signet_handle *handle,
                 const signet_operation *operation, lua_KContext context)
{
  signet_call_release(task->call);
  task->call = signet_call_start(handle->account, operation, call_done, task);
  task->verb = operation->verb;
  if (task->call == NULL)
    return signet_lua_no_memory(L);
  return signet_task_park(L, task, SIGNET_WAIT_CALL, context, continue_task);
}

/* Gives up what must not hold a run up that has been asked to end. */
static void cancel_when_stopped(const signet_runtime *runtime,
                                signet_call *call, signet_verb verb)
{
  if (runtime->run.stop == SIGNET_STOP_NOW ||
      (runtime->run.stop == SIGNET_STOP_GRACEFUL && verb == SIGNET_WAIT))
    signet_call_cancel(call);
}

static int block(lua_State *L, signet_handle *handle,
                 const signet_operation *operation, lua_KContext context)
{
  signet_runtime *runtime = handle->runtime;
  signet_box *owner = signet_box_push(L, release_call);
  signet_verb verb = operation->verb;
  signet_call *call =
      signet_call_start(handle->account, operation, call_noticed, NULL);

  if (call == NULL)
    return signet_lua_no_memory(L);
  owner->memory = call;
  while (!signet_call_is_done(call)) {
    if (signet_task_may_drive(runtime))
      signet_task_run_ready(L, runtime);
    cancel_when_stopped(runtime, call, verb);
    if (!signet_call_is_done(call))
      signet_runtime_step(runtime, signet_task_patience(runtime, -1));
  }
  (void)finish(L, runtime, call, context);
  signet_box_clear(owner);
  return 1;
}

static bool is_write(const signet_operation *operation)
{
  switch (operation->verb) {
  case SIGNET_CREATE:
  case SIGNET_UPDATE:
  case SIGNET_DELETE:
    return true;
  case SIGNET_REQUEST:
    return operation->method[0] != 'G';
  default:
    return false;
  }
}

int signet_lua_call(lua_State *L, signet_handle *handle,
                    const signet_operation *operation, signet_result result)
{
  signet_runtime *runtime = handle->runtime;
  signet_task *task = signet_task_suspendable(L, runtime);
  signet_dialect dialect =
      signet_account_dialect(signet_handle_account(L, handle));
  lua_KContext context = result;

  if (runtime->run.stop != SIGNET_STOP_NONE)
    runtime->run.refused++;
  context |= signet_dialect_has_integer_ids(dialect) ? CONTEXT_INTEGER_ID : 0;
  context |= is_write(operation) ? CONTEXT_WRITE : 0;
  if (task != NULL)
    return yield(L, task, handle, operation, context);
  return block(L, handle, operation, context);
}
