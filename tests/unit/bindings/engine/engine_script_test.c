/* SPDX-License-Identifier: MIT */
/* Where scripts come from, and what they may load. */
#include "engine_support.h"

#include <criterion/criterion.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
