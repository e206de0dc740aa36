/* SPDX-License-Identifier: MIT */
#include "engine/libraries.h"

#include "engine/choices.h"
#include "engine/cjson.h"
#include "engine/limits.h"
#include "lua/box.h"
#include "lua/error.h"
#include "lua/module.h"

#include <lualib.h>

#include <lua-cjson.h>
#include <stdlib.h>
#include <string.h>

/* Lua's libraries in a state of the engine's own, by the mask of its options,
 * and what replaces parts of them (libraries.lua). */

/* lua-cjson.h leaves this one out. */
extern int luaopen_cjson_safe(lua_State *L);

extern const char signet_engine_libraries[];
extern const size_t signet_engine_libraries_size;

typedef struct library_row {
  unsigned bit;
  const char *name;
  lua_CFunction open;
} library_row;

/* The first ones are needed to build the module and are taken away again where
 * the mask leaves them out. */
static const library_row needed[] = {
    {SIGNET_LIBRARY_BASE, LUA_GNAME, luaopen_base},
    {SIGNET_LIBRARY_COROUTINE, LUA_COLIBNAME, luaopen_coroutine},
    {SIGNET_LIBRARY_STRING, LUA_STRLIBNAME, luaopen_string},
    {SIGNET_LIBRARY_STRING, LUA_UTF8LIBNAME, luaopen_utf8},
    {SIGNET_LIBRARY_TABLE, LUA_TABLIBNAME, luaopen_table},
    {SIGNET_LIBRARY_MATH, LUA_MATHLIBNAME, luaopen_math},
    {0, NULL, NULL}};

static const library_row wanted[] = {
    {SIGNET_LIBRARY_IO, LUA_IOLIBNAME, luaopen_io},
    {SIGNET_LIBRARY_OS, LUA_OSLIBNAME, luaopen_os},
    {SIGNET_LIBRARY_PACKAGE, LUA_LOADLIBNAME, luaopen_package},
    {SIGNET_LIBRARY_DEBUG, LUA_DBLIBNAME, luaopen_debug},
    {0, NULL, NULL}};

static void open_library(lua_State *L, const library_row *row)
{
  luaL_requiref(L, row->name, row->open, 1);
  lua_pop(L, 1);
}

/* print(…) as an event, its newline included. */
static int engine_print(lua_State *L)
{
  signet_event event = {.type = SIGNET_EVENT_PRINT};
  int count = lua_gettop(L);
  luaL_Buffer text;

  luaL_buffinit(L, &text);
  for (int i = 1; i <= count; i++) {
    if (i > 1)
      luaL_addchar(&text, '\t');
    luaL_tolstring(L, i, NULL);
    luaL_addvalue(&text);
  }
  luaL_addchar(&text, '\n');
  luaL_pushresult(&text);
  event.text = lua_tolstring(L, -1, &event.length);
  signet_runtime_emit(signet_engine_of(L)->runtime, &event);
  return 0;
}

/* write(text): what io.write would have written to the standard output */
static int engine_write(lua_State *L)
{
  signet_event event = {.type = SIGNET_EVENT_PRINT};

  event.text = luaL_checklstring(L, 1, &event.length);
  if (event.length > 0)
    signet_runtime_emit(signet_engine_of(L)->runtime, &event);
  return 0;
}

/* os.exit ends the run, never the process. */
static int engine_exit(lua_State *L)
{
  signet_engine *engine = signet_engine_of(L);

  if (lua_isboolean(L, 1))
    engine->exit_status = lua_toboolean(L, 1) ? 0 : 1;
  else
    engine->exit_status = (int)(luaL_optinteger(L, 1, 0) & 0xff);
  if (!engine->running)
    return 0;
  engine->exiting = true;
  signet_runtime_stop(engine->runtime, SIGNET_STOP_GRACEFUL,
                      SIGNET_ERROR_CANCELLED, "the script called os.exit");
  signet_engine_raise_always(L);
  return signet_lua_raise(L, &engine->runtime->run.stop_error);
}

static void release_text(void *memory)
{
  signet_job_text_free(memory);
}

/* module(path) -> the file's text, as the job began with it */
static int engine_module(lua_State *L)
{
  const char *path = luaL_checkstring(L, 1);
  signet_error error = SIGNET_ERROR_INIT;
  signet_box *box = signet_box_push(L, release_text);
  char *content = NULL;
  size_t length = 0;

  if (!signet_job_file(signet_engine_of(L)->runtime->host.job, "module", path,
                       &content, &length, &error))
    return signet_lua_raise(L, &error);
  box->memory = content;
  lua_pushlstring(L, content, length);
  signet_box_clear(box);
  return 1;
}

static void preload_cjson(lua_State *L, const char *name, lua_CFunction open)
{
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, open);
  lua_pushcclosure(L, signet_engine_open_cjson, 1);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

/* Runs libraries.lua with what it works on. */
static void run_part(lua_State *L, const char *script_path)
{
  static const luaL_Reg functions[] = {{"print", engine_print},
                                       {"write", engine_write},
                                       {"exit", engine_exit},
                                       {"module", engine_module},
                                       {NULL, NULL}};

  if (luaL_loadbufferx(L, signet_engine_libraries, signet_engine_libraries_size,
                       "=signet/libraries.lua", "t") != LUA_OK)
    lua_error(L);
  luaL_newlib(L, functions);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_setfield(L, -2, "loaded");
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_setfield(L, -2, "preload");
  lua_pushstring(L, script_path);
  lua_setfield(L, -2, "script_path");
  lua_pushliteral(L, LUA_PATH_DEFAULT);
  lua_setfield(L, -2, "default_path");
  lua_pushboolean(L,
                  getenv("LUA_PATH_5_4") != NULL || getenv("LUA_PATH") != NULL);
  lua_setfield(L, -2, "path_given");
  lua_call(L, 1, 0);
}

/* Takes a library out of the globals and out of require's reach. */
static void remove_library(lua_State *L, const char *name)
{
  lua_pushnil(L);
  lua_setglobal(L, name);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_pushnil(L);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

/* The functions of base lie in the globals themselves; `require` stays. */
static void remove_base(lua_State *L)
{
  lua_pushglobaltable(L);
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    bool keep =
        lua_type(L, -2) == LUA_TSTRING &&
        (lua_istable(L, -1) || strcmp(lua_tostring(L, -2), "require") == 0);

    if (keep && lua_rawequal(L, -1, -3))
      keep = false; /* _G */
    lua_pop(L, 1);
    if (!keep) {
      lua_pushvalue(L, -1);
      lua_pushnil(L);
      lua_rawset(L, -4);
    }
  }
  lua_pop(L, 1);
}

static void remove_unwanted(lua_State *L, unsigned libraries)
{
  for (const library_row *row = needed; row->name != NULL; row++)
    if ((libraries & row->bit) == 0 && row->bit != SIGNET_LIBRARY_BASE)
      remove_library(L, row->name);
  if ((libraries & SIGNET_LIBRARY_STRING) == 0) {
    lua_pushliteral(L, "");
    lua_pushnil(L);
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
  }
  if ((libraries & SIGNET_LIBRARY_BASE) == 0)
    remove_base(L);
}

void signet_engine_open_libraries(lua_State *L, unsigned libraries,
                                  const char *script_path)
{
  for (const library_row *row = needed; row->name != NULL; row++)
    open_library(L, row);
  for (const library_row *row = wanted; row->name != NULL; row++)
    if ((libraries & row->bit) != 0)
      open_library(L, row);
  luaL_requiref(L, "signet", signet_lua_open, 0);
  lua_getfield(L, -1, "coroutine");
  lua_setglobal(L, LUA_COLIBNAME);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_getfield(L, -2, "coroutine");
  lua_setfield(L, -2, LUA_COLIBNAME);
  lua_pop(L, 2);
  preload_cjson(L, "cjson", luaopen_cjson);
  preload_cjson(L, "cjson.safe", luaopen_cjson_safe);
  run_part(L, script_path);
  signet_engine_watch_choices(L);
  remove_unwanted(L, libraries);
}
