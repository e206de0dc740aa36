/* SPDX-License-Identifier: MIT */
/* Running scripts in an engine: results, failures, events, libraries. */
#include "engine_support.h"

#include <criterion/criterion.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Test(engine, options_init_is_the_macro)
{
  signet_engine_options made, filled = SIGNET_ENGINE_OPTIONS_INIT;

  memset(&made, 0xff, sizeof made);
  signet_engine_options_init(&made);
  cr_assert_eq(made.version, filled.version);
  cr_assert_eq(made.libraries, (unsigned)SIGNET_LIBRARY_ALL);
  cr_assert_eq(made.memory_limit, 0u);
  cr_assert_eq(made.instruction_limit, 0u);
  cr_assert_eq(made.time_limit_ms, 0);
  cr_assert_null(made.borrow);
  cr_assert_null(made.allocate);
  cr_assert_null(made.settings);
  cr_assert_null(made.loop);
  cr_assert_null(made.event);
}

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
  cr_assert_not_null(strstr(said.text, "failed [Label] e3: no (ok)\n"));
  cr_assert_geq(said.progress, 1);
  cr_assert_eq(said.last.done, 2u);
  cr_assert_eq(said.last.skipped, 1u);
  engine_run_good(engine, "return 1");
  cr_assert_eq(signet_engine_counts(engine).done, 0u);
  signet_engine_free(engine);
  service_stop(&service);
}

/* How many failures a script that creates `One` twice comes to. */
static uint64_t failed_by(signet_engine *engine, const char *text, bool good)
{
  signet_failure failure = SIGNET_FAILURE_INIT;

  cr_expect_eq(engine_run(engine, text, &failure), good, "%s", text);
  signet_failure_clear(&failure);
  return signet_engine_counts(engine).failed;
}

#define TWICE                   \
  CONNECT                       \
  "local function twice(name) " \
  "  return sms.signs:create{sign_name=name or 'One'} end pcall(twice) "

Test(engine, counts_what_escapes_the_script)
{
  struct service service;
  struct said said;
  signet_engine_options options;
  signet_engine *engine;

  service_start(&service, 1, 0);
  options = engine_options(&service, &said);
  engine = engine_new(&options);
  cr_expect_eq(failed_by(engine, TWICE "pcall(twice) pcall(twice)", true), 0u);
  cr_expect_eq(failed_by(engine, TWICE "pcall(twice) twice()", false), 1u);
  cr_expect_eq(failed_by(engine, TWICE "pcall(twice) error('mine')", false),
               0u);
  /* Caught and raised again, and through a join: once. */
  cr_expect_eq(failed_by(engine,
                         TWICE
                         "local _, e = pcall(twice) pcall(error, e) error(e)",
                         false),
               1u);
  cr_expect_eq(
      failed_by(engine, TWICE "signet.join(signet.spawn(twice))", false), 1u);
  cr_expect_eq(
      failed_by(engine, TWICE "pcall(signet.join, signet.spawn(twice))", true),
      0u);
  /* Tasks that nobody joined. */
  cr_expect_eq(
      failed_by(engine, TWICE "signet.spawn(twice) signet.spawn(twice)", false),
      2u);
  /* In signet.each the entry counts, whoever wrote for it. */
  cr_expect_eq(failed_by(engine,
                         TWICE "signet.each({1, 2}, function(i) if i == 1 then "
                               "signet.join(signet.spawn(twice)) end end)",
                         true),
               1u);
  cr_expect_eq(
      failed_by(engine,
                TWICE "signet.each({1, 2}, function() pcall(twice) end)", true),
      0u);
  signet_engine_free(engine);
  service_stop(&service);
}

Test(engine, failures_of_plain_errors)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine = engine_new(&options);
  signet_failure failure;

  engine_run_bad(engine, "local function deep() error 'boom' end deep()",
                 &failure);
  cr_assert_eq(failure.error.kind, SIGNET_OK);
  cr_assert_str_eq(failure.message, "test:1: boom");
  cr_assert_not_null(strstr(failure.traceback, "deep"));
  signet_failure_clear(&failure);

  engine_run_bad(engine, "local x = = 1", &failure);
  cr_assert_not_null(strstr(failure.message, "unexpected symbol"));
  cr_assert_null(failure.traceback);
  signet_failure_clear(&failure);

  engine_run_bad(engine,
                 "error(setmetatable({}, {__tostring = function() "
                 "return 'object' end}))",
                 &failure);
  cr_assert_str_eq(failure.message, "object");
  signet_failure_clear(&failure);

  engine_run_bad(engine, "error(setmetatable({}, {__tostring = error}))",
                 &failure);
  cr_assert(failure.message != NULL || failure.error.kind != SIGNET_OK);
  signet_failure_clear(&failure);
  cr_assert_not(engine_run(engine, "error()", NULL));
  signet_engine_free(engine);
}

Test(engine, failure_of_a_task_that_nobody_joined)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine = engine_new(&options);
  signet_failure failure;

  engine_run_bad(engine,
                 "require'signet'.spawn(function() error('lost', 0) "
                 "end)",
                 &failure);
  cr_assert_str_eq(failure.message, "lost");
  cr_assert_not_null(failure.traceback);
  signet_failure_clear(&failure);
  engine_run_good(engine, "local s = require'signet' pcall(s.join, "
                          "s.spawn(function() error 'seen' end))");
  engine_run_good(engine, "return 'the former failure is forgotten'");
  signet_engine_free(engine);
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

Test(engine, failed_script_lets_its_tasks_end)
{
  struct said said;
  signet_engine_options options = engine_options(NULL, &said);
  signet_engine *engine = engine_new(&options);
  signet_failure failure;
  int64_t began = clock_ms();

  engine_run_bad(engine,
                 "local s = require'signet' s.spawn(function() while "
                 "true do s.sleep(60) end end) s.sleep(0) error 'x'",
                 &failure);
  cr_assert_str_eq(failure.message, "test:1: x");
  cr_assert_lt(clock_ms() - began, 10000);
  cr_assert_not(signet_engine_interrupted(engine));
  signet_failure_clear(&failure);
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
  cr_assert_eq(failure.error.kind, SIGNET_OK);
  signet_failure_clear(&failure);
  engine_run_bad(engine, "os.exit(false)", &failure);
  cr_assert_eq(signet_engine_exit_status(engine), 1);
  signet_failure_clear(&failure);
  engine_run_good(engine, "return 1");
  cr_assert_eq(signet_engine_exit_status(engine), -1);
  signet_engine_free(engine);
}

static void write_file(char *path, const char *text, size_t length)
{
  int descriptor = mkstemp(path);

  cr_assert_geq(descriptor, 0);
  cr_assert_eq(write(descriptor, text, length), (ssize_t)length);
  close(descriptor);
}

Test(engine, run_file)
{
  static const char *const arguments[] = {"one", "two words"};
  static const char text[] = "#!/usr/bin/env signet\n"
                             "print(#arg, arg[1], arg[2], ...) "
                             "print(arg[0] ~= nil)";
  char path[] = "/tmp/signet-test-XXXXXX";
  struct said said;
  signet_engine_options options = engine_options(NULL, &said);
  signet_engine *engine = engine_new(&options);
  signet_failure failure = SIGNET_FAILURE_INIT;

  write_file(path, text, sizeof text - 1);
  cr_assert(signet_engine_run_file(engine, path, 2, arguments, &failure));
  unlink(path);
  cr_assert_str_eq(said.text, "print 2\tone\ttwo words\tone\ttwo words\n"
                              "print true\n");
  cr_assert_not(signet_engine_run_file(engine, path, 0, NULL, &failure));
  cr_assert_not_null(strstr(failure.message, "No such file"));
  signet_failure_clear(&failure);
  signet_engine_free(engine);
}

Test(engine, bytecode_is_refused_everywhere)
{
  char path[] = "/tmp/signet-test-XXXXXX";
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine = engine_new(&options);
  signet_failure failure = SIGNET_FAILURE_INIT;
  lua_State *L = luaL_newstate();
  size_t length;
  const char *code;

  luaL_openlibs(L);
  cr_assert_eq(luaL_dostring(L, "return string.dump(load 'return 1')"), LUA_OK);
  code = lua_tolstring(L, -1, &length);
  write_file(path, code, length);
  cr_assert_not(signet_engine_run_file(engine, path, 0, NULL, &failure));
  cr_assert_not_null(strstr(failure.message, "binary"));
  cr_assert_not(
      signet_engine_run_string(engine, code, length, "=code", &failure));
  lua_pushstring(signet_engine_state(engine), path);
  lua_setglobal(signet_engine_state(engine), "path");
  engine_run_good(engine, "local code = string.dump(load 'return 1') "
                          "assert(not load(code)) assert(not load(code, 'x', "
                          "'b')) assert(not load(code, 'x', 'bt')) "
                          "assert(not loadfile(path)) "
                          "assert(not loadfile(path, 'b')) "
                          "assert(not pcall(dofile, path)) "
                          "package.path = path "
                          "assert(not pcall(require, 'anything')) "
                          "assert(load('return 7')() == 7) "
                          "assert(load('return x', 'n', 't', {x = 8})() == 8)");
  unlink(path);
  lua_close(L);
  signet_failure_clear(&failure);
  signet_engine_free(engine);
}

Test(engine, call_with_json)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine = engine_new(&options);
  signet_failure failure = SIGNET_FAILURE_INIT;
  char *result = NULL;

  engine_run_good(engine, "function echo(...) return {n = select('#', ...), "
                          "list = {...}} end function none() end "
                          "function bad() return print end");
  cr_assert(signet_engine_call(engine, "echo",
                               "[1, \"a\", 9007199254740993, {\"k\": [true]}]",
                               &result, &failure));
  cr_assert_not_null(strstr(result, "9007199254740993"));
  cr_assert_not_null(strstr(result, "{\"k\":[true]}"));
  cr_assert_not_null(strstr(result, "\"n\":4"));
  signet_engine_text_free(result);
  cr_assert(signet_engine_call(engine, "none", NULL, &result, &failure));
  cr_assert_str_eq(result, "null");
  signet_engine_text_free(result);
  cr_assert(signet_engine_call(engine, "none", NULL, NULL, NULL));
  cr_assert_not(signet_engine_call(engine, "bad", NULL, &result, &failure));
  cr_assert_null(result);
  cr_assert_not(signet_engine_call(engine, "missing", NULL, NULL, &failure));
  cr_assert_not_null(strstr(failure.message, "missing"));
  cr_assert_not(signet_engine_call(engine, "echo", "{", NULL, &failure));
  cr_assert_not(signet_engine_call(engine, "echo", "5", NULL, &failure));
  cr_assert_not(signet_engine_call(engine, "echo", "[1] x", NULL, &failure));
  cr_assert_not_null(strstr(failure.error.message, "behind its end"));
  cr_assert(signet_engine_call(engine, "echo", " [ 1.5e0, null ] \t\r\n",
                               &result, &failure));
  cr_assert_not_null(strstr(result, "\"n\":2"));
  signet_engine_text_free(result);
  signet_failure_clear(&failure);
  signet_engine_free(engine);
}

static void check_result(signet_engine *engine, const char *expression,
                         const char *wanted)
{
  signet_failure failure = SIGNET_FAILURE_INIT;
  char text[256], *result;

  snprintf(text, sizeof text, "function value() return %s end", expression);
  engine_run_good(engine, text);
  if (wanted == NULL) {
    cr_assert_not(signet_engine_call(engine, "value", NULL, &result, &failure));
    cr_assert_eq(failure.error.kind, SIGNET_ERROR_VALIDATION, "%s", expression);
  } else {
    cr_assert(signet_engine_call(engine, "value", NULL, &result, &failure),
              "%s: %s", expression, failure.error.message);
    cr_assert_str_eq(result, wanted, "%s: %s", expression, result);
  }
  signet_engine_text_free(result);
  signet_failure_clear(&failure);
}

/* Two expressions, the same result. */
static void check_same(signet_engine *engine, const char *expression,
                       const char *other)
{
  char text[256], *first = NULL, *second = NULL;

  snprintf(text, sizeof text, "function value() return %s end", expression);
  engine_run_good(engine, text);
  cr_assert(signet_engine_call(engine, "value", NULL, &first, NULL));
  snprintf(text, sizeof text, "function value() return %s end", other);
  engine_run_good(engine, text);
  cr_assert(signet_engine_call(engine, "value", NULL, &second, NULL));
  /* The order of a table's names is not given: the same ones, the same size. */
  cr_assert_eq(strlen(first), strlen(second), "%s and %s", first, second);
  cr_assert_not_null(strstr(first, "\"sign_name\":\"Seen\""));
  cr_assert_not_null(strstr(second, "\"sign_name\":\"Seen\""));
  signet_engine_text_free(first);
  signet_engine_text_free(second);
}

Test(engine, results_as_json)
{
  struct service service;
  signet_engine_options options;
  signet_engine *engine;

  service_start(&service, 0, 0);
  options = engine_options(&service, NULL);
  engine = engine_new(&options);
  check_result(engine, "true", "true");
  check_result(engine, "1.5", "1.5");
  check_result(engine, "math.mininteger", "-9223372036854775808");
  check_result(engine, "'a/\\\"\\n'", "\"a/\\\"\\n\"");
  check_result(engine, "'caf\\u{e9} \\u{1f600}'", "\"caf\u00e9 \U0001f600\"");
  check_result(engine, "{}", "{}");
  check_result(engine, "{1, {2, 'x'}}", "[1,[2,\"x\"]]");
  check_result(engine, "{a = require'cjson'.null}", "{\"a\":null}");
  engine_run_good(engine, CONNECT "id = sms.signs:create{sign_name = 'Seen'} "
                                  "list = sms.signs:list() record = list[1] "
                                  "function nested(n) return n == 0 and 1 or "
                                  "{x = nested(n - 1)} end");
  check_result(engine, "record.sign_name", "\"Seen\"");
  check_result(engine, "#list == 1 and record == list[1]", "true");
  check_result(engine, "list:totable()[1].sign_name", "\"Seen\"");
  check_same(engine, "record", "record:totable()");
  check_same(engine, "list, 5", "list:totable()");
  check_same(engine, "{first = record, all = {list}}",
             "{first = list:totable()[1], all = {list:totable()}}");
  check_result(engine, "#require'cjson'.encode{list[1]:totable()} > 20",
               "true");
  check_result(engine, "print", NULL);
  check_result(engine, "io.stdout", NULL);
  check_result(engine, "nested(2)", "{\"x\":{\"x\":1}}");
  check_result(engine, "nested(1000)", NULL);
  check_result(engine, "{['a\\0b'] = 1}", NULL);
  check_result(engine, "1/0", NULL);
  check_result(engine, "nil", "null");
  check_result(engine, "0/0", NULL);
  check_result(engine, "{1, a = 2}", NULL);
  check_result(engine, "{[1.5] = 2}", NULL);
  check_result(engine, "'\\xff'", NULL);
  check_result(engine, "'\\xc0\\x80'", NULL);
  check_result(engine, "'\\xed\\xa0\\x80'", NULL);
  check_result(engine, "'\\xe2\\x82'", NULL);
  check_result(engine, "{['\\xff'] = 1}", NULL);
  signet_engine_free(engine);
  service_stop(&service);
}

Test(engine, cjson_has_fixed_limits)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine = engine_new(&options);

  engine_run_good(engine,
                  "for _, name in ipairs{'cjson', 'cjson.safe'} do "
                  "local cjson = require(name) "
                  "assert(cjson.decode('[1]')[1] == 1) "
                  "assert(not pcall(cjson.decode_max_depth, 1000)) "
                  "assert(not pcall(cjson.encode_max_depth, 1000)) "
                  "assert(not pcall(cjson.encode_sparse_array, true, 0)) "
                  "assert(not pcall(cjson.new)) "
                  "local deep = ('['):rep(33) .. (']'):rep(33) "
                  "local worked, value = pcall(cjson.decode, deep) "
                  "assert(not worked or value == nil) "
                  "deep = ('['):rep(32) .. (']'):rep(32) "
                  "assert(cjson.decode(deep)) end");
  signet_engine_free(engine);
}

Test(engine, safe_libraries)
{
  struct said said;
  signet_engine_options options = engine_options(NULL, &said);
  signet_engine *engine;

  options.libraries = SIGNET_LIBRARY_SAFE;
  engine = engine_new(&options);
  engine_run_good(engine, "assert(not io and not os and not package and not "
                          "debug) assert(require 'signet' and require 'cjson') "
                          "assert(not pcall(require, 'io')) "
                          "assert(require 'argparse' == require 'argparse') "
                          "print(('x'):rep(2), math.pi > 3, #{1})");
  cr_assert_str_eq(said.text, "print xx\ttrue\t1\n");
  signet_engine_free(engine);

  options.libraries = 0;
  engine = engine_new(&options);
  engine_run_good(engine, "local s = require 'signet' "
                          "local r = s.each({1, 2}, function(x) return x end) "
                          "s.log('info', r.done, print, string, table, _G)");
  cr_assert_not_null(strstr(said.text, "info: 2 nil nil nil nil"));
  signet_engine_free(engine);
}

Test(engine, no_relative_entry_in_paths)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine = engine_new(&options);

  engine_run_good(engine, "for _, path in ipairs{package.path, package.cpath} "
                          "do for entry in path:gmatch '[^;]+' do "
                          "assert(entry:sub(1, 1) == '/', entry) end end");
  signet_engine_free(engine);
  options.script_path = "/nowhere/?.lua;;";
  engine = engine_new(&options);
  engine_run_good(engine, "assert(package.path:find('/nowhere/?.lua', 1, true) "
                          "== 1) assert(package.path:find('/usr/share', 1, "
                          "true))");
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

/* Tasks that nobody waited for: the run's error is that of the first to end,
 * whatever began first. */
Test(engine, the_first_of_several_failures_is_told)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine = engine_new(&options);
  signet_failure failure = SIGNET_FAILURE_INIT;

  for (int i = 0; i < 8; i++) {
    engine_run_bad(engine,
                   "local s = require 'signet' for i = 1, 5 do s.spawn("
                   "function() for k = i, 5 do s.sleep(0) end error('task ' .. "
                   "i, 0) end) end",
                   &failure);
    cr_assert(strncmp(failure.message, "task 5", 6) == 0, "%s",
              failure.message);
  }
  signet_failure_clear(&failure);
  signet_engine_free(engine);
}

static void run_named(signet_engine *engine, const char *text, const char *name,
                      bool good, const char *message)
{
  static const char *const argv[] = {"one"};
  signet_failure failure = SIGNET_FAILURE_INIT;

  cr_assert_eq(signet_engine_run_script(engine, text, strlen(text), name, 1,
                                        argv, &failure),
               good, "%s: %s", text, failure.message);
  cr_assert(message == NULL || strstr(failure.message, message) != NULL,
            "%s: %s", text, failure.message);
  signet_failure_clear(&failure);
}

Test(engine, the_text_and_name_of_a_script)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine = engine_new(&options);

  run_named(engine, "", "@empty", true, NULL);
  run_named(engine, "#!only a line", "@x", true, NULL);
  run_named(engine,
            "#!lua\nassert(arg[0] == 'x.lua' and arg[1] == 'one' and "
            "... == 'one')",
            "@x.lua", true, NULL);
  run_named(engine, "assert(arg[0] == 'stdin')", "=stdin", true, NULL);
  run_named(engine, "assert(arg[0] == 'a name')", "a name", true, NULL);
  run_named(engine, "#!lua\nerror('here')", "@x.lua", false, "x.lua:2: here");
  run_named(engine, "x x", "=stdin", false, "stdin:1: syntax error");
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
