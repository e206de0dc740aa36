/* SPDX-License-Identifier: MIT */
#include "engine/failure.h"
#include "engine/libraries.h"
#include "engine/limits.h"
#include "lua/error.h"
#include "lua/lifetime.h"
#include "lua/module.h"

#include <lualib.h>
#include <stdlib.h>
#include <string.h>

void signet_engine_options_init(signet_engine_options *options)
{
  *options = (signet_engine_options)SIGNET_ENGINE_OPTIONS_INIT;
}

static bool refuse(signet_error *error, signet_error_kind kind,
                   const char *message)
{
  signet_lua_error_set(error, kind, "%s", message);
  return false;
}

/* What warn() says; a warning may come in pieces. */
static void warn(void *user, const char *message, int continues)
{
  signet_engine *engine = user;
  signet_event event = {.type = SIGNET_EVENT_LOG, .level = "warning"};
  size_t room = sizeof engine->warning - 1 - engine->warning_length;
  size_t length = strlen(message);

  if (engine->warning_length == 0 && !continues && message[0] == '@')
    return; /* a control message, as lua.c has it */
  length = length < room ? length : room;
  memcpy(engine->warning + engine->warning_length, message, length);
  engine->warning_length += length;
  if (!continues) {
    event.text = engine->warning;
    event.length = engine->warning_length;
    engine->warning[engine->warning_length] = '\0';
    engine->warning_length = 0;
    if (engine->runtime != NULL)
      signet_runtime_emit(engine->runtime, &event);
  }
}

/* Arguments: the engine, its options. */
static int protected_setup(lua_State *L)
{
  signet_engine *engine = lua_touserdata(L, 1);
  const signet_engine_options *options = lua_touserdata(L, 2);
  signet_runtime *runtime = signet_runtime_create(L, options->loop);

  runtime->owns_state = engine->owns_state;
  runtime->host.owner = &engine->runtime;
  runtime->run.instruction_limit =
      engine->owns_state ? options->instruction_limit : 0;
  runtime->host.settings = engine->settings;
  runtime->host.job = options->job;
  runtime->host.overlay = options->overlay;
  runtime->host.trace = options->trace;
  runtime->host.trace_user = options->trace_user;
  runtime->host.trace_bytes = options->trace_bytes;
  runtime->host.event = options->event;
  runtime->host.event_user = options->event_user;
  engine->runtime = runtime;
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, signet_lua_open);
  lua_setfield(L, -2, "signet");
  lua_pop(L, 1);
  if (engine->owns_state)
    signet_engine_open_libraries(L, options->libraries, options->script_path);
  return 0;
}

static bool open_state(signet_engine *engine,
                       const signet_engine_options *options,
                       signet_error *error)
{
  if (options->borrow != NULL) {
    engine->state = options->borrow;
    if (signet_runtime_exists(engine->state)) {
      return refuse(error, SIGNET_ERROR_VALIDATION,
                    "this Lua state has signet already");
    }
    return true;
  }
  engine->state = lua_newstate(signet_engine_memory, engine);
  if (engine->state == NULL)
    return refuse(error, SIGNET_ERROR_MEMORY, "not enough memory for Lua");
  engine->owns_state = true;
  *(signet_engine **)lua_getextraspace(engine->state) = engine;
  lua_setwarnf(engine->state, warn, engine);
  signet_engine_set_hook(engine);
  return true;
}

static bool set_up(signet_engine *engine, const signet_engine_options *options,
                   signet_error *error)
{
  lua_State *L = engine->state;
  signet_failure failure = SIGNET_FAILURE_INIT;

  if (!lua_checkstack(L, 4))
    return refuse(error, SIGNET_ERROR_MEMORY, "not enough memory for Lua");
  lua_pushcfunction(L, protected_setup);
  lua_pushlightuserdata(L, engine);
  /* Lua takes no pointer to const; protected_setup() reads only. */
  lua_pushlightuserdata(L, (void *)(uintptr_t)options);
  if (lua_pcall(L, 2, 0, 0) == LUA_OK)
    return true;
  signet_engine_fail(L, &failure);
  *error = failure.error;
  if (error->kind == SIGNET_ERROR_SCRIPT)
    error->kind = SIGNET_ERROR_CONFIGURATION; /* no script ran yet */
  signet_failure_clear(&failure);
  return false;
}

static void copy_options(signet_engine *engine,
                         const signet_engine_options *options)
{
  engine->allocate = options->allocate;
  engine->allocate_user = options->allocate_user;
  engine->memory_limit = options->memory_limit;
  engine->time_limit_ms = options->time_limit_ms;
  engine->exit_status = -1;
}

signet_engine *signet_engine_new(const signet_engine_options *options,
                                 signet_error *error)
{
  signet_error unused = SIGNET_ERROR_INIT;
  signet_engine_options defaults = SIGNET_ENGINE_OPTIONS_INIT;
  signet_engine *engine;

  error = error != NULL ? error : &unused;
  options = options != NULL ? options : &defaults;
  if (options->version != SIGNET_ENGINE_OPTIONS_VERSION) {
    refuse(error, SIGNET_ERROR_VALIDATION,
           "the engine's options are of another version");
    return NULL;
  }
  engine = calloc(1, sizeof *engine);
  if (engine == NULL) {
    refuse(error, SIGNET_ERROR_MEMORY, "out of memory");
    return NULL;
  }
  copy_options(engine, options);
  if (options->settings != NULL) {
    engine->settings = signet_settings_copy(options->settings);
    if (engine->settings == NULL) {
      refuse(error, SIGNET_ERROR_MEMORY, "out of memory");
      signet_engine_free(engine);
      return NULL;
    }
  }
  if (!open_state(engine, options, error) || !set_up(engine, options, error)) {
    signet_engine_free(engine);
    return NULL;
  }
  return engine;
}

void signet_engine_free(signet_engine *engine)
{
  if (engine == NULL)
    return;
  if (engine->runtime != NULL) {
    engine->runtime->host.owner = NULL;
    signet_runtime_close(engine->runtime);
  }
  if (engine->owns_state)
    lua_close(engine->state);
  signet_settings_free(engine->settings);
  free(engine);
}

void signet_engine_interrupt(signet_engine *engine)
{
  if (engine->runtime != NULL) {
    atomic_fetch_add(&engine->runtime->run.interrupts, 1);
    signet_loop_wake(engine->runtime->loop);
  }
}

void signet_engine_change_pace(signet_engine *engine, int steps)
{
  if (engine->runtime != NULL) {
    atomic_fetch_add(&engine->runtime->pace.steps, steps);
    signet_loop_wake(engine->runtime->loop);
  }
}

bool signet_engine_interrupted(const signet_engine *engine)
{
  return engine->interrupted ||
         (engine->running && atomic_load(&engine->runtime->run.interrupts) > 0);
}

int signet_engine_exit_status(const signet_engine *engine)
{
  return engine->exit_status;
}

uint64_t signet_engine_awaits_reviews(const signet_engine *engine)
{
  const signet_runtime *runtime = engine->runtime;
  uint64_t waiting = 0;

  if (!engine->running)
    return 0;
  for (const signet_handle *handle = runtime->accounts; handle != NULL;
       handle = handle->next)
    waiting += signet_account_awaits_reviews(handle->account);
  return runtime->tasks.ready_count == 0 &&
                 waiting == runtime->tasks.outstanding
             ? waiting
             : 0;
}

signet_counts signet_engine_counts(const signet_engine *engine)
{
  return engine->runtime != NULL ? engine->runtime->counts : (signet_counts){0};
}

bool signet_engine_set_job(signet_engine *engine, signet_job *job,
                           signet_error *error)
{
  const signet_handle *handle;

  if (engine->running || engine->runtime == NULL) {
    return refuse(error, SIGNET_ERROR_VALIDATION,
                  engine->running ? "this engine is running a script"
                                  : "this engine's Lua state is closed");
  }
  engine->runtime->host.job = job;
  for (handle = engine->runtime->accounts; handle != NULL;
       handle = handle->next)
    if (handle->job == NULL && !signet_job_attach(job, handle->account, error))
      return false;
  return true;
}

struct lua_State *signet_engine_state(signet_engine *engine)
{
  return engine->runtime != NULL ? engine->state : NULL;
}
