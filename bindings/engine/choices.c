/* SPDX-License-Identifier: MIT */
#include "engine/choices.h"

#include "engine/limits.h"

#include <lualib.h>

/* Numbers that differ each time a script asks for them: a job that decides by
 * them does not ask for the same writes when it is resumed. A date as text is
 * for labels and the names of files, and counts for nothing. */

/* The function of Lua's library, in the frame of ours: so its errors name it
 * and the script's line. Upvalues: its own one, and the function. */
static int call_library(lua_State *L)
{
  return lua_tocfunction(L, lua_upvalueindex(2))(L);
}

static int by_chance(lua_State *L)
{
  signet_runtime_by_chance(signet_engine_of(L)->runtime);
  return call_library(L);
}

/* os.time(fields) reckons with what the script gives; os.time() is the clock.
 */
static int by_time(lua_State *L)
{
  return lua_isnoneornil(L, 1) ? by_chance(L) : call_library(L);
}

static bool asks_for_numbers(lua_State *L)
{
  const char *format = lua_tostring(L, 1);

  if (format == NULL || !lua_isnoneornil(L, 2))
    return false;
  format += *format == '!';
  return format[0] == '*' && format[1] == 't' && format[2] == '\0';
}

static int by_date(lua_State *L)
{
  return asks_for_numbers(L) ? by_chance(L) : call_library(L);
}

/* Where the state has such a library. */
static void replace(lua_State *L, const char *library, const char *name,
                    lua_CFunction ours)
{
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  if (lua_getfield(L, -1, library) == LUA_TTABLE) {
    lua_getfield(L, -1, name);
    if (lua_getupvalue(L, -1, 1) == NULL)
      lua_pushnil(L);
    lua_insert(L, -2);
    lua_pushcclosure(L, ours, 2);
    lua_setfield(L, -2, name);
  }
  lua_pop(L, 2);
}

void signet_engine_watch_choices(lua_State *L)
{
  replace(L, LUA_MATHLIBNAME, "random", by_chance);
  replace(L, LUA_OSLIBNAME, "clock", by_chance);
  replace(L, LUA_OSLIBNAME, "time", by_time);
  replace(L, LUA_OSLIBNAME, "date", by_date);
}
