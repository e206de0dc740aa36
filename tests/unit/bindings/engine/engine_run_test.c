/* SPDX-License-Identifier: MIT */
/* Running scripts in an engine: results, failures, events, libraries. */
#include "engine_support.h"

#include <criterion/criterion.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

Test(engine, refuses_another_version)
{
  signet_engine_options options = SIGNET_ENGINE_OPTIONS_INIT;
  signet_error error = SIGNET_ERROR_INIT;

  options.version = 99;
  cr_assert_null(signet_engine_new(&options, &error));
  cr_assert_eq(error.kind, SIGNET_ERROR_VALIDATION);
}

Test(engine, free_of_nothing)
{
  signet_engine_free(NULL);
  signet_engine_text_free(NULL);
}

Test(engine, defaults_without_options)
{
  signet_engine *engine = signet_engine_new(NULL, NULL);

  cr_assert_not_null(engine);
  engine_run_good(engine, "print 'goes nowhere' return require 'signet'");
  signet_engine_free(engine);
}

Test(engine, tells_of_accounts_and_their_pace)
{
  struct service service;
  struct said said;
  signet_engine *engine;

  service_start(&service, 3, 0);
  signet_engine_options options = engine_options(&service, &said);
  engine = engine_new(&options);
  signet_engine_change_pace(engine, -1);
  engine_run_good(engine, CONNECT "sms.signs:list() "
                                  "local other = signet.connect() "
                                  "other:close()");
  cr_expect_eq(said.connected, 2);
  cr_expect_eq(said.closed, 1);
  cr_expect_str_eq(said.text, "pace: gentle\npace: gentle\n");
  said.length = 0;
  signet_engine_change_pace(engine, 7);
  engine_run_good(engine, "require 'signet'.sleep(0)");
  cr_expect_str_eq(said.text, "pace: fast\n");
  said.length = 0;
  said.text[0] = '\0';
  signet_engine_change_pace(engine, 1); /* as fast as can be already */
  engine_run_good(engine, "require 'signet'.sleep(0)");
  cr_expect_str_eq(said.text, "");
  signet_engine_free(engine);
  cr_expect_eq(said.closed, 2);
  service_stop(&service);
}

Test(engine, calls_over_http)
{
  struct service service;
  struct said said;
  signet_engine_options options;
  signet_engine *engine;

  service_start(&service, 12, 0);
  options = engine_options(&service, &said);
  engine = engine_new(&options);
  engine_run_good(engine, CONNECT "print(#sms.signs:list())");
  cr_assert_str_eq(said.text, "print 12\n");
  signet_engine_free(engine);
  service_stop(&service);
}

Test(engine, script_may_override_the_settings)
{
  struct service service;
  struct said said;
  signet_engine_options options;
  signet_engine *engine;
  signet_failure failure;

  service_start(&service, 1, 0);
  options = engine_options(&service, &said);
  engine = engine_new(&options);
  engine_run_bad(engine, "require'signet'.connect{secret='wrong'}.signs:list()",
                 &failure);
  cr_assert_eq(failure.error.kind, SIGNET_ERROR_AUTH);
  cr_assert_null(failure.message);
  cr_assert_not_null(failure.traceback);
  signet_failure_clear(&failure);
  cr_assert_eq(failure.error.kind, SIGNET_OK);
  signet_engine_free(engine);
  service_stop(&service);
}

Test(engine, counts_writes_and_entries)
{
  struct service service;
  struct said said;
  signet_engine_options options;
  signet_engine *engine;
  signet_counts counts;

  service_start(&service, 1, 0);
  options = engine_options(&service, &said);
  engine = engine_new(&options);
  engine_run_good(engine, CONNECT
                  "sms.signs:create{sign_name='One'} "
                  "pcall(sms.signs.create, sms.signs, {sign_name='One'}) "
                  "signet.each({1,2,3,4}, function(i) "
                  "  if i == 1 then sms.signs:create{sign_name='Two'} "
                  "    sms.signs:create{sign_name='Three'} end "
                  "  if i == 2 then return signet.skip 'why' end "
                  "  if i == 3 then error('no', 0) end "
                  "end, {label='Label', describe=function(i) return 'e'..i "
                  "end})");
  counts = signet_engine_counts(engine);
  cr_assert_eq(counts.done, 3u);   /* One; items 1 and 4 */
  cr_assert_eq(counts.failed, 1u); /* item 3; what is caught is no failure */
  cr_assert_eq(counts.skipped, 1u);
  cr_assert_eq(counts.unknown, 0u);
  cr_assert_not_null(strstr(said.text, "skipped [Label] e2: why\n"));
  cr_assert_not_null(strstr(said.text, "failed [Label] e3: no (script)\n"));
  cr_assert_geq(said.progress, 1);
  cr_assert_eq(said.last.done, 2u);
  cr_assert_eq(said.last.skipped, 1u);
  engine_run_good(engine, "return 1");
  cr_assert_eq(signet_engine_counts(engine).done, 0u);
  signet_engine_free(engine);
  service_stop(&service);
}

Test(engine, spawned_tasks_run_to_their_end)
{
  struct said said;
  signet_engine_options options = engine_options(NULL, &said);
  signet_engine *engine = engine_new(&options);

  engine_run_good(engine, "local s = require'signet' s.spawn(function() "
                          "s.sleep(0.02) print 'task' end) print 'main'");
  cr_assert_str_eq(said.text, "print main\nprint task\n");
  signet_engine_free(engine);
}

Test(engine, output)
{
  struct said said;
  signet_engine_options options = engine_options(NULL, &said);
  signet_engine *engine = engine_new(&options);

  engine_run_good(engine,
                  "print('a', 1, nil) io.write('b', 2, '\\n') "
                  "assert(io.stdout:write('c\\n') == io.stdout) "
                  "assert(io.write() == io.stdout) "
                  "require'signet'.log('error', 'd', 4) warn('e', 'f') "
                  "assert(not pcall(io.write, {})) "
                  "local file = assert(io.tmpfile()) file:write('g', 7) "
                  "file:seek('set') assert(file:read('a') == 'g7') "
                  "io.output(file) io.write('h') io.output(io.stdout)");
  cr_assert_str_eq(said.text, "print a\t1\tnil\nprint b2\nprint c\n"
                              "error: d 4\nwarning: ef\n");
  signet_engine_free(engine);
}

Test(engine, exit_ends_the_run_only)
{
  struct said said;
  signet_engine_options options = engine_options(NULL, &said);
  signet_engine *engine = engine_new(&options);
  signet_failure failure;

  engine_run_good(engine, "print(1) os.exit(0) print(2)");
  cr_assert_eq(signet_engine_exit_status(engine), 0);
  engine_run_good(engine, "pcall(os.exit, true) print(2)");
  cr_assert_eq(signet_engine_exit_status(engine), 0);
  cr_assert_str_eq(said.text, "print 1\n");
  engine_run_bad(engine, "require'signet'.spawn(os.exit, 7)", &failure);
  cr_assert_eq(signet_engine_exit_status(engine), 7);
  cr_assert_eq(failure.error.kind, SIGNET_ERROR_SCRIPT);
  signet_failure_clear(&failure);
  engine_run_bad(engine, "os.exit(false)", &failure);
  cr_assert_eq(signet_engine_exit_status(engine), 1);
  signet_failure_clear(&failure);
  engine_run_good(engine, "return 1");
  cr_assert_eq(signet_engine_exit_status(engine), -1);
  signet_engine_free(engine);
}

Test(engine, steps_and_globals_between_runs)
{
  struct said said;
  signet_engine_options options = engine_options(NULL, &said);
  signet_engine *engine = engine_new(&options);

  for (int i = 0; i < 2; i++) {
    engine_run_good(engine, "seen = (seen or 0) + 1 local s = require 'signet' "
                            "print(s.step('x', function() return seen end)) "
                            "print(s.step('x', function() return 0 end))");
  }
  cr_assert_str_eq(said.text, "print 1\nprint 1\nprint 2\nprint 2\n");
  signet_engine_free(engine);
}

static int run_inside(lua_State *L)
{
  signet_engine *engine = lua_touserdata(L, lua_upvalueindex(1));
  signet_failure failure = SIGNET_FAILURE_INIT;

  cr_assert_not(
      signet_engine_run_string(engine, "return 1", 8, "=inner", &failure));
  cr_assert_eq(failure.error.kind, SIGNET_ERROR_VALIDATION);
  cr_assert_not_null(strstr(failure.error.message, "running a script already"));
  signet_failure_clear(&failure);
  cr_assert_not(signet_engine_call(engine, "print", NULL, NULL, NULL));
  return 0;
}

/* A host's own function may not start a run within a run. */
Test(engine, a_run_within_a_run_is_refused)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine = engine_new(&options);
  lua_State *L = signet_engine_state(engine);

  lua_pushlightuserdata(L, engine);
  lua_pushcclosure(L, run_inside, 1);
  lua_setglobal(L, "inner");
  engine_run_good(engine, "inner() after = true");
  engine_run_good(engine, "assert(after)");
  signet_engine_free(engine);
}

/* Between runs a host may call into the state: neither os.exit nor the hook
 * has a run to end then. */
Test(engine, code_between_runs)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine = engine_new(&options);
  lua_State *L = signet_engine_state(engine);

  cr_assert_eq(luaL_dostring(L, "for i = 1, 1e5 do n = i end os.exit(3) "
                                "return n"),
               LUA_OK);
  cr_assert_eq(lua_tointeger(L, -1), 100000);
  lua_pop(L, 1);
  engine_run_good(engine, "assert(n == 1e5)");
  cr_assert_eq(signet_engine_exit_status(engine), -1);
  signet_engine_free(engine);
}

/* warn() in pieces, and control messages, as the stock lua has them. */
Test(engine, warnings)
{
  struct said said = {0};
  signet_engine_options options = engine_options(NULL, &said);
  signet_engine *engine = engine_new(&options);

  engine_run_good(engine, "warn('@on') warn('one ', 'sentence') warn('@') "
                          "warn('@', 'no control') warn(('x'):rep(5000))");
  cr_assert_not_null(strstr(said.text, "one sentence"));
  cr_assert_not_null(strstr(said.text, "@no control"));
  cr_assert_null(strstr(said.text, "@on"));
  cr_assert_not_null(strstr(said.text, "xxxx"));
  signet_engine_free(engine);
}

/* Texts about as long as what Lua collects them in. */
Test(engine, long_lines_are_whole)
{
  static struct said said;
  signet_engine_options options = engine_options(NULL, &said);
  signet_engine *engine = engine_new(&options);
  char text[200];

  for (int length = 1015; length < 1030; length++) {
    said.length = 0;
    snprintf(text, sizeof text,
             "local s = ('x'):rep(%d) print(s, 'y') print(s) "
             "require'signet'.log('info', s, 'z')",
             length);
    engine_run_good(engine, text);
    said.text[said.length] = '\0';
    cr_assert_not_null(strstr(said.text, "x\ty\n"));
    cr_assert_not_null(strstr(said.text, "x\n"));
    cr_assert_not_null(strstr(said.text, "x z"));
    cr_assert_geq(said.length, 3 * (size_t)length);
  }
  signet_engine_free(engine);
}
