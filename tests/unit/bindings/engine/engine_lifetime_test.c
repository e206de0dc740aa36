/* SPDX-License-Identifier: MIT */
/* Engines, jobs and Lua states may be freed in any order. */
#include "engine_support.h"
#include "folder.h"

#include <criterion/criterion.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>

static char folder[200];

static void begin(void)
{
  cr_assert(folder_make(FOLDER_IN_MEMORY, folder, sizeof folder));
}

static void end(void)
{
  cr_assert_null(folder_remove(folder));
}

TestSuite(engine_lifetime, .init = begin, .fini = end);

static signet_job *job_new(void)
{
  signet_job_options options = SIGNET_JOB_OPTIONS_INIT;
  signet_error error = SIGNET_ERROR_INIT;
  signet_job *job;

  options.state_dir = folder;
  options.name = "test";
  job = signet_job_new(&options, &error);
  cr_assert_not_null(job, "%s", error.message);
  return job;
}

static void end_job(signet_job *job)
{
  signet_error error = SIGNET_ERROR_INIT;

  cr_assert(signet_job_end(job, SIGNET_JOB_DONE, NULL, &error), "%s",
            error.message);
}

/* Creates a signature of a name of its own. */
static void create(signet_engine *engine)
{
  static unsigned count;
  char script[160];

  (void)snprintf(script, sizeof script,
                 "sms = sms or require 'signet'.connect() "
                 "sms.signs:create { sign_name = 'New %u' }",
                 ++count);
  engine_run_good(engine, script);
}

/* @param order  of what is freed: e the engine, j the job, and E its end */
static void free_in_order(const struct service *service, const char *order,
                          signet_loop *loop)
{
  struct said said;
  signet_engine_options options = engine_options(service, &said);
  signet_job *job = job_new();
  signet_engine *engine;

  options.job = job;
  options.loop = loop;
  engine = engine_new(&options);
  create(engine);
  for (; *order != '\0'; order++)
    if (*order == 'E')
      end_job(job);
    else if (*order == 'j')
      signet_job_free(job);
    else
      signet_engine_free(engine);
}

Test(engine_lifetime, job_and_engine_in_any_order)
{
  static const char *const orders[] = {"Eej", "Eje", "eEj", "ej", "je"};
  struct service service;

  service_start(&service, 2, 0);
  for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
    free_in_order(&service, orders[i], NULL);
    signet_loop *loop = signet_loop_new();
    free_in_order(&service, orders[i], loop);
    signet_loop_free(loop);
  }
  service_stop(&service);
}

Test(engine_lifetime, a_freed_job_writes_nothing_and_lets_go)
{
  struct service service;
  struct said said;
  signet_job *job = job_new(), *next = job_new();
  signet_failure failure;
  signet_error error = SIGNET_ERROR_INIT;

  service_start(&service, 2, 0);
  signet_engine_options options = engine_options(&service, &said);
  options.job = job;
  signet_engine *engine = engine_new(&options);
  create(engine);
  end_job(job);
  signet_job_free(job);
  engine_run_bad(engine, "sms.signs:create { sign_name = 'Another' }",
                 &failure);
  cr_assert_eq(failure.error.kind, SIGNET_ERROR_REFUSED, "%s",
               signet_failure_text(&failure));
  cr_assert_not_null(strstr(failure.error.message, "was freed"));
  signet_failure_clear(&failure);

  /* Another job in its place lets go of what is left of it. */
  cr_assert(signet_engine_set_job(engine, next, &error), "%s", error.message);
  engine_run_good(engine, "sms.signs:create { sign_name = 'Another' }");
  end_job(next);
  signet_engine_free(engine);
  signet_job_free(next);
  service_stop(&service);
}

static signet_engine *engine_in(lua_State *state)
{
  signet_engine_options options = SIGNET_ENGINE_OPTIONS_INIT;

  options.borrow = state;
  return engine_new(&options);
}

static lua_State *new_state(void)
{
  lua_State *state = luaL_newstate();

  cr_assert_not_null(state);
  luaL_openlibs(state);
  return state;
}

Test(engine_lifetime, a_borrowed_state_and_its_engine_in_any_order)
{
  lua_State *state = new_state();
  signet_engine *engine = engine_in(state);
  signet_failure failure;
  signet_error error = SIGNET_ERROR_INIT;

  engine_run_good(engine, "signet = require 'signet'");
  signet_engine_free(engine);
  cr_assert_eq(luaL_dostring(state, "return signet.each"), LUA_OK);
  lua_close(state);

  state = new_state();
  engine = engine_in(state);
  engine_run_good(engine, "require 'signet'.spawn(function() end)");
  lua_close(state);
  signet_engine_interrupt(engine);
  signet_engine_change_pace(engine, 1);
  cr_assert_eq(signet_engine_counts(engine).done, 0u);
  cr_assert_eq(signet_engine_awaits_reviews(engine), 0u);
  cr_assert_null(signet_engine_state(engine));
  cr_assert_not(signet_engine_set_job(engine, NULL, &error));
  engine_run_bad(engine, "return 1", &failure);
  cr_assert_str_eq(failure.error.message, "this engine's Lua state is closed");
  signet_failure_clear(&failure);
  signet_engine_free(engine);
}

Test(engine_lifetime, a_run_of_nothing_is_refused)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine = engine_new(&options);
  signet_failure failure = SIGNET_FAILURE_INIT;

  cr_assert_not(signet_engine_run_file(engine, NULL, 0, NULL, &failure));
  cr_assert_eq(failure.error.kind, SIGNET_ERROR_VALIDATION);
  cr_assert_not(signet_engine_run_string(engine, NULL, 0, "=x", &failure));
  cr_assert_eq(failure.error.kind, SIGNET_ERROR_VALIDATION);
  cr_assert_not(
      signet_engine_run_script(engine, NULL, 0, "=x", 0, NULL, &failure));
  cr_assert_eq(failure.error.kind, SIGNET_ERROR_VALIDATION);
  cr_assert_not(signet_engine_call(engine, NULL, NULL, NULL, &failure));
  cr_assert_eq(failure.error.kind, SIGNET_ERROR_VALIDATION);
  signet_failure_clear(&failure);

  /* Without a name it is a script. */
  cr_assert_not(
      signet_engine_run_string(engine, "error 'x'", 9, NULL, &failure));
  cr_assert_str_eq(failure.message, "script:1: x");
  cr_assert_not(signet_engine_run_script(engine, "error(arg[0])", 13, NULL, 0,
                                         NULL, &failure));
  cr_assert_str_eq(failure.message, "script:1: script");
  signet_failure_clear(&failure);
  signet_engine_free(engine);
}
