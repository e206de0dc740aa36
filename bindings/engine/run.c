/* SPDX-License-Identifier: MIT */
#include "engine/failure.h"
#include "lua/error.h"
#include "lua/json.h"
#include "lua/json_read.h"
#include "lua/task.h"

#include <string.h>

/*
 * A run: a chunk or a function as the main task, then everything that it
 * spawned, to the end. What may raise happens inside one protected call.
 */

typedef struct run_job {
  signet_engine *engine;
  const char *path; /* run_file */
  int argc;
  const char *const *argv;
  const char *text; /* run_string, run_script */
  bool script;
  size_t length;
  const char *name;
  const char *function; /* call */
  const char *arguments;
  char **result;
} run_job;

/* The global `arg`, and the same as arguments.
 * Stack: + the number of arguments that it returns. */
static int push_arguments(lua_State *L, const run_job *job, const char *name)
{
  luaL_checkstack(L, job->argc + 4, "arguments");
  lua_createtable(L, job->argc, 1);
  lua_pushstring(L, name);
  lua_rawseti(L, -2, 0);
  for (int i = 0; i < job->argc; i++) {
    lua_pushstring(L, job->argv[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setglobal(L, "arg");
  for (int i = 0; i < job->argc; i++)
    lua_pushstring(L, job->argv[i]);
  return job->argc;
}

/* Stack: +1 + the number of arguments that it returns. */
static int push_file(lua_State *L, const run_job *job)
{
  if (luaL_loadfilex(L, job->path, "t") != LUA_OK)
    lua_error(L);
  return push_arguments(L, job, job->path);
}

/* A script's first line is a comment if it begins with #, as in a file; its
 * newline stays, so that the lines keep their numbers. */
static int push_script(lua_State *L, const run_job *job)
{
  const char *text = job->text, *end = text + job->length;

  if (job->length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
    text += 3; /* a byte order mark, as some editors put there */
  if (text < end && *text == '#') {
    text = memchr(text, '\n', (size_t)(end - text));
    text = text != NULL ? text : end;
  }
  if (luaL_loadbufferx(L, text, (size_t)(end - text), job->name, "t") != LUA_OK)
    lua_error(L);
  return push_arguments(L, job,
                        *job->name == '@' || *job->name == '=' ? job->name + 1
                                                               : job->name);
}

static int push_string(lua_State *L, const run_job *job)
{
  if (luaL_loadbufferx(L, job->text, job->length, job->name, "t") != LUA_OK)
    lua_error(L);
  return 0;
}

static int push_call(lua_State *L, const run_job *job)
{
  int count = 0, list;

  if (lua_getglobal(L, job->function) != LUA_TFUNCTION)
    luaL_error(L, "there is no global function \"%s\"", job->function);
  if (job->arguments == NULL)
    return 0;
  signet_lua_json_push(L, job->arguments, strlen(job->arguments));
  list = lua_gettop(L);
  if (!lua_istable(L, list))
    signet_lua_invalid(L, "the arguments are not a JSON array");
  count = (int)lua_rawlen(L, list);
  luaL_checkstack(L, count, "arguments");
  for (int i = 1; i <= count; i++)
    lua_rawgeti(L, list, i);
  lua_remove(L, list);
  return count;
}

static int push_main(lua_State *L, const run_job *job)
{
  if (job->path != NULL)
    return push_file(L, job);
  if (job->script)
    return push_script(L, job);
  return job->text != NULL ? push_string(L, job) : push_call(L, job);
}

/* The first result of a call as JSON. Stack: unchanged. */
static void take_result(lua_State *L, const run_job *job, signet_task *task)
{
  size_t length;
  const char *text;

  if (job->result == NULL)
    return;
  if (lua_gettop(task->thread) > 0 && lua_checkstack(task->thread, 1)) {
    lua_pushvalue(task->thread, 1);
    lua_xmove(task->thread, L, 1);
  } else {
    lua_pushnil(L);
  }
  signet_lua_json_text(L, -1, "result");
  text = lua_tolstring(L, -1, &length);
  *job->result = signet_engine_text(text, length);
  if (*job->result == NULL)
    signet_lua_no_memory(L);
  lua_pop(L, 2);
}

static int raise_error_of(lua_State *L, signet_task *task)
{
  lua_pushvalue(task->thread, -1);
  lua_xmove(task->thread, L, 1);
  return lua_error(L);
}

static int protected_run(lua_State *L)
{
  const run_job *job = lua_touserdata(L, 1);
  signet_runtime *runtime = job->engine->runtime;
  signet_task *task, *failed;

  signet_runtime_forget(L);
  task = signet_task_new(L, runtime, push_main(L, job));
  signet_task_drive(L, runtime, task);
  if (task->state == SIGNET_TASK_FAILED) {
    signet_runtime_stop(runtime, SIGNET_STOP_GRACEFUL, SIGNET_ERROR_CANCELLED,
                        "the script failed");
  }
  signet_task_drive(L, runtime, NULL);
  signet_runtime_count_escaped(L, runtime);
  if (task->state == SIGNET_TASK_FAILED)
    return raise_error_of(L, task);
  failed = signet_task_push_failed(L, runtime);
  if (failed != NULL)
    return raise_error_of(L, failed);
  take_result(L, job, task);
  return 0;
}

static void begin(signet_engine *engine)
{
  signet_runtime *runtime = engine->runtime;

  signet_runtime_reset(runtime);
  runtime->counts = (signet_counts){0};
  runtime->run.progress_at = 0;
  engine->exiting = engine->interrupted = false;
  engine->exit_status = -1;
  if (engine->time_limit_ms > 0) {
    runtime->run.deadline =
        signet_loop_now(runtime->loop) + engine->time_limit_ms;
  }
  runtime->run.resumed_at = signet_loop_now(runtime->loop);
  engine->running = true;
}

/* A limit that ended the run is its error, whatever the script made of it. */
static bool judge(signet_engine *engine, bool good, signet_failure *failure)
{
  const signet_error *error = &engine->runtime->run.stop_error;

  if (engine->exiting) {
    if (!good && failure != NULL)
      signet_failure_clear(failure);
    good = engine->exit_status == 0;
    if (!good && failure != NULL) {
      signet_lua_error_set(&failure->error, SIGNET_ERROR_SCRIPT,
                           "the script ended with exit status %d",
                           engine->exit_status);
    }
  } else if (error->kind == SIGNET_ERROR_TIMEOUT ||
             error->kind == SIGNET_ERROR_LIMIT) {
    good = false;
    if (failure != NULL)
      failure->error = *error;
  }
  return good;
}

static bool finish(signet_engine *engine, bool good, signet_failure *failure)
{
  signet_runtime *runtime = engine->runtime;

  engine->running = false;
  engine->interrupted = atomic_load(&runtime->run.interrupts) > 0;
  good = judge(engine, good, failure);
  if (runtime->tasks.live > 0)
    signet_task_drop_all(runtime);
  signet_runtime_reset(runtime);
  return good;
}

/* Why nothing can be run; NULL: it can. */
static const char *why_not(const signet_engine *engine, const run_job *job)
{
  if (engine->running)
    return "this engine is running a script already";
  if (engine->runtime == NULL)
    return "this engine's Lua state is closed";
  return job->path == NULL && job->text == NULL && job->function == NULL
             ? "there is nothing to run: path, text or function is NULL"
             : NULL;
}

static bool run(signet_engine *engine, run_job *job, signet_failure *failure)
{
  lua_State *L = engine->state;
  const char *reason = why_not(engine, job);
  bool good;

  if (reason != NULL) {
    if (failure != NULL) {
      signet_failure_clear(failure);
      signet_lua_error_set(&failure->error, SIGNET_ERROR_VALIDATION, "%s",
                           reason);
    }
    return false;
  }
  job->engine = engine;
  job->name = job->name != NULL ? job->name : "=script";
  if (failure != NULL)
    signet_failure_clear(failure);
  begin(engine);
  lua_pushcfunction(L, protected_run);
  lua_pushlightuserdata(L, job);
  good = lua_pcall(L, 1, 0, 0) == LUA_OK;
  engine->running = false;
  if (!good)
    signet_engine_fail(L, failure);
  return finish(engine, good, failure);
}

bool signet_engine_run_file(signet_engine *engine, const char *path, int argc,
                            const char *const *argv, signet_failure *failure)
{
  run_job job = {.path = path, .argc = argc, .argv = argv};

  return run(engine, &job, failure);
}

bool signet_engine_run_script(signet_engine *engine, const char *text,
                              size_t length, const char *name, int argc,
                              const char *const *argv, signet_failure *failure)
{
  run_job job = {.text = text,
                 .length = length,
                 .name = name,
                 .script = true,
                 .argc = argc,
                 .argv = argv};

  return run(engine, &job, failure);
}

bool signet_engine_run_string(signet_engine *engine, const char *text,
                              size_t length, const char *name,
                              signet_failure *failure)
{
  run_job job = {.text = text, .length = length, .name = name};

  return run(engine, &job, failure);
}

bool signet_engine_call(signet_engine *engine, const char *function,
                        const char *arguments, char **result,
                        signet_failure *failure)
{
  run_job job = {
      .function = function, .arguments = arguments, .result = result};

  if (result != NULL)
    *result = NULL;
  return run(engine, &job, failure);
}
