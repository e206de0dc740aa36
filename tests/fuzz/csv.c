/* SPDX-License-Identifier: MIT */
/* The jobs' CSV reader: it never raises, and what it read, written with every
 * field quoted, is read again as the same. */
#include "fuzz.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include <string.h>

static const char check[] =
    "local csv, text = ...\n"
    "local records, problems = csv.parse(text)\n"
    "local lines, columns = {}, records[1] and #records[1]\n"
    "local line = 0\n"
    "for i, record in ipairs(records) do\n"
    "  assert(#record == columns, 'a record of another width')\n"
    "  assert(record.line > line, 'lines out of order')\n"
    "  line = record.line\n"
    "  local fields = {}\n"
    "  for k, field in ipairs(record) do\n"
    "    assert(utf8.len(field) and not field:find('\\0', 1, true),\n"
    "      'no text')\n"
    "    fields[k] = '\"' .. field:gsub('\"', '\"\"') .. '\"'\n"
    "  end\n"
    "  lines[i] = table.concat(fields, ',')\n"
    "end\n"
    "local last = 0\n"
    "for _, problem in ipairs(problems) do\n"
    "  assert(problem.line >= last and #problem.text > 0, 'problems')\n"
    "  last = problem.line\n"
    "end\n"
    "local again, none = csv.parse(table.concat(lines, '\\r\\n'))\n"
    "assert(#none == 0, 'what was read is refused when it is written')\n"
    "assert(#again == #records, 'records are lost')\n"
    "for i, record in ipairs(records) do\n"
    "  for k, field in ipairs(record) do\n"
    "    assert(again[i][k] == field, 'a field has changed')\n"
    "  end\n"
    "end\n";

enum { COUNTERS = 4096 };

static lua_State *state;

/* libFuzzer looks here for what is new: Lua's own steps say nothing about the
 * script's, so each step from line to line has a counter. */
__attribute__((
    section("__libfuzzer_extra_counters"))) static uint8_t counters[COUNTERS];

static void on_line(lua_State *lua, lua_Debug *now)
{
  static int last;
  (void)lua;
  counters[(last * 61 + now->currentline) % COUNTERS]++;
  last = now->currentline;
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  (void)count, (void)arguments;
  state = luaL_newstate();
  FUZZ_REQUIRE(state != NULL);
  luaL_openlibs(state);
  FUZZ_REQUIRE(luaL_dofile(state, SIGNET_JOBS "/csv.lua") == LUA_OK);
  lua_setfield(state, LUA_REGISTRYINDEX, "csv");
  FUZZ_REQUIRE(luaL_loadstring(state, check) == LUA_OK);
  lua_setfield(state, LUA_REGISTRYINDEX, "check");
  lua_sethook(state, on_line, LUA_MASKLINE, 0);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  lua_getfield(state, LUA_REGISTRYINDEX, "check");
  lua_getfield(state, LUA_REGISTRYINDEX, "csv");
  lua_pushlstring(state, (const char *)data, size);
  if (lua_pcall(state, 2, 0, 0) != LUA_OK) {
    fprintf(stderr, "%s\n", lua_tostring(state, -1));
    abort();
  }
  /* What is left over would be looked at as a leak after each input. */
  lua_gc(state, LUA_GCCOLLECT);
  return 0;
}
