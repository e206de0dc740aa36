/* SPDX-License-Identifier: MIT */
#include "host/output/standard_error.h"

#include "host/output/report_line.h"

#include <lauxlib.h>
#include <lua.h>

/* report(text): its upvalue is the report */
static int write_error(lua_State *L)
{
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);

  signet_host_report_error_text(lua_touserdata(L, lua_upvalueindex(1)), text,
                                length);
  return 0;
}

/* Arguments: the report. */
static int redirect(lua_State *L)
{
  static const char text[] =
      "local report = ...\n"
      "local stderr, output, io_write = io.stderr, io.output, io.write\n"
      "local methods = getmetatable(stderr).__index\n"
      "local write, type, error, select = methods.write, type, error, select\n"
      "local function tell(...)\n"
      "  for index = 1, select('#', ...) do\n"
      "    local text = (select(index, ...))\n"
      "    if type(text) ~= 'string' and type(text) ~= 'number' then\n"
      "      error('bad argument #' .. index .. \" to 'write' (string \"\n"
      "        .. 'expected, got ' .. type(text) .. ')', 3)\n"
      "    end\n"
      "    report(text)\n"
      "  end\n"
      "  return stderr\n"
      "end\n"
      "function methods.write(file, ...)\n"
      "  if file ~= stderr then return write(file, ...) end\n"
      "  local told = tell(...)\n"
      "  return told\n"
      "end\n"
      "function io.write(...)\n"
      "  if output() ~= stderr then return io_write(...) end\n"
      "  local told = tell(...)\n"
      "  return told\n"
      "end\n";

  if (luaL_loadbufferx(L, text, sizeof text - 1, "=signet.host", "t") != LUA_OK)
    return lua_error(L);
  lua_pushvalue(L, 1);
  lua_pushcclosure(L, write_error, 1);
  lua_call(L, 1, 0);
  return 0;
}

/* What a script says on standard error passes the report, too: a terminal must
 * not obey what is foreign in it, nor a bar stand in its way. */
bool signet_host_redirect_errors(signet_engine *engine, struct report *report,
                                 signet_error *error)
{
  lua_State *L = signet_engine_state(engine);

  lua_pushcfunction(L, redirect);
  lua_pushlightuserdata(L, report);
  if (lua_pcall(L, 1, 0, 0) == LUA_OK)
    return true;
  lua_pop(L, 1);
  error->kind = SIGNET_ERROR_MEMORY;
  (void)snprintf(error->message, sizeof error->message, "out of memory");
  return false;
}
