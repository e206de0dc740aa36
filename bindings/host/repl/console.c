/* SPDX-License-Identifier: MIT */
#include "host/repl/console.h"

#include "model/text.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

extern const char signet_host_console_lua[];
extern const size_t signet_host_console_lua_size;
extern const char signet_host_locals_lua[];
extern const size_t signet_host_locals_lua_size;

/* --- the functions that console.lua gets --- */

/* Stack: +1, the word or nil. */
static int host_kind(lua_State *L)
{
  static const char *const types[] = {"signet.record", "signet.list",
                                      "signet.account", "signet.collection"};

  luaL_checkany(L, 1);
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    if (luaL_testudata(L, 1, types[i]) != NULL) {
      lua_pushstring(L, strchr(types[i], '.') + 1);
      return 1;
    }
  }
  return 0;
}

/* Colors take no room. */
static int host_width(lua_State *L)
{
  size_t length, used, total = 0;
  const char *text = luaL_checklstring(L, 1, &length);
  uint32_t character;

  while ((used = signet_utf8_next(text, length, &character)) > 0) {
    int width = wcwidth((wchar_t)character);

    if (character == 0x1b) {
      const char *end = memchr(text, 'm', length);

      used = end != NULL ? (size_t)(end - text) + 1 : used;
      width = 0;
    }
    total += width >= 0 ? (size_t)width : 1;
    text += used;
    length -= used;
  }
  lua_pushinteger(L, (lua_Integer)total);
  return 1;
}

static int host_fit(lua_State *L)
{
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  lua_Integer columns = luaL_checkinteger(L, 2);
  luaL_Buffer buffer;
  char *out = luaL_buffinitsize(L, &buffer, length + 1);

  (void)signet_host_fit(out, length + 1, text,
                        columns > 0 ? (size_t)columns : 0);
  luaL_pushresultsize(&buffer, strlen(out));
  return 1;
}

static const struct terminal *terminal_of(lua_State *L)
{
  return lua_touserdata(L, lua_upvalueindex(1));
}

static int host_columns(lua_State *L)
{
  if (!terminal_of(L)->out_tty)
    return 0;
  lua_pushinteger(L, (lua_Integer)signet_host_columns());
  return 1;
}

static int host_style(lua_State *L)
{
  static const char *const names[] = {"plain", "bold",   "dim",  "red",
                                      "green", "yellow", "cyan", NULL};
  int style = luaL_checkoption(L, 1, "plain", names);

  lua_pushstring(
      L, signet_host_style(terminal_of(L)->out_color, (enum style)style));
  return 1;
}

/* --- loading --- */

/* Raises where memory ends. Stack: +1, the function. */
static void load_part(lua_State *L, const char *text, size_t length,
                      const char *name)
{
  if (luaL_loadbufferx(L, text, length, name, "t") != LUA_OK)
    (void)lua_error(L);
}

/* Arguments: the console. Stack: +1, the table that console.lua returns. */
static int load_console(lua_State *L)
{
  static const luaL_Reg functions[] = {
      {"kind", host_kind},       {"width", host_width}, {"fit", host_fit},
      {"columns", host_columns}, {"style", host_style}, {NULL, NULL}};
  struct console *console = lua_touserdata(L, 1);

  load_part(L, signet_host_console_lua, signet_host_console_lua_size,
            "=signet.console");
  luaL_newlibtable(L, functions);
  lua_pushlightuserdata(L, console->terminal);
  luaL_setfuncs(L, functions, 1);
  load_part(L, signet_host_locals_lua, signet_host_locals_lua_size,
            "=signet.locals");
  lua_call(L, 0, 1);
  lua_setfield(L, -2, "locals");
  lua_call(L, 1, 1);
  /* start() is called by a chunk, which finds it here. */
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, "signet.console");
  lua_pop(L, 1);
  console->table = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}

/* Stack: +1, the function. */
static void push_function(lua_State *L, const struct console *console,
                          const char *name)
{
  lua_rawgeti(L, LUA_REGISTRYINDEX, console->table);
  lua_pushstring(L, name);
  lua_rawget(L, -2);
  lua_remove(L, -2);
}

/* What needs memory is done in protected calls: elsewhere an error of Lua ends
 * the process. Stack: unchanged. @return false: the error is gone */
static bool protected(struct console *console, lua_CFunction function,
                      void *user)
{
  lua_State *L = signet_engine_state(console->engine);
  bool good;

  lua_pushcfunction(L, function);
  lua_pushlightuserdata(L, user);
  good = lua_pcall(L, 1, 0, 0) == LUA_OK;
  if (!good)
    lua_pop(L, 1);
  return good;
}

bool signet_host_console_open(struct console *console, signet_engine *engine,
                              struct terminal *terminal)
{
  *console = (struct console){engine, terminal, LUA_NOREF};
  return protected(console, load_console, console);
}

/* Arguments: the console. */
static int predefine(lua_State *L)
{
  push_function(L, lua_touserdata(L, 1), "predefine");
  lua_call(L, 0, 0);
  return 0;
}

bool signet_host_console_predefine(struct console *console)
{
  return protected(console, predefine, console);
}

/* --- running --- */

struct chunk {
  struct console *console;
  const char *text, *name;
  size_t length;
  bool lasts;
  int argc;
  const char *const *argv;
  char *message;
  size_t size;
  enum compiled result;
};

/* The global `arg`, as in the stock lua. Stack: unchanged. */
static void set_arg(lua_State *L, const struct chunk *chunk)
{
  lua_createtable(L, chunk->argc, 1);
  lua_pushstring(L, chunk->name + 1); /* behind its = */
  lua_rawseti(L, -2, 0);
  for (int i = 0; i < chunk->argc; i++) {
    lua_pushstring(L, chunk->argv[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setglobal(L, "arg");
}

/* Stack: -1, the list of functions. */
static void prepare(lua_State *L, const struct chunk *chunk)
{
  push_function(L, chunk->console, "prepare");
  lua_insert(L, -2); /* below the list */
  luaL_checkstack(L, chunk->argc, "too many arguments");
  for (int i = 0; i < chunk->argc; i++)
    lua_pushstring(L, chunk->argv[i]);
  lua_call(L, chunk->argc + 1, 0);
}

/* Arguments: the chunk. */
static int compile(lua_State *L)
{
  struct chunk *chunk = lua_touserdata(L, 1);

  push_function(L, chunk->console, "compile");
  lua_pushlstring(L, chunk->text, chunk->length);
  lua_pushstring(L, chunk->name);
  lua_pushboolean(L, chunk->lasts);
  lua_call(L, 3, 3);
  if (lua_isnil(L, -3)) {
    (void)snprintf(chunk->message, chunk->size, "%s",
                   luaL_tolstring(L, -2, NULL));
    chunk->result = lua_toboolean(L, 4) ? COMPILED_INCOMPLETE : COMPILED_WRONG;
    return 0;
  }
  lua_pop(L, 2);
  set_arg(L, chunk);
  prepare(L, chunk);
  chunk->result = COMPILED_READY;
  return 0;
}

enum compiled signet_host_console_compile(struct console *console,
                                          const char *text, size_t length,
                                          const char *name, bool lasts,
                                          int argc, const char *const *argv,
                                          char *message, size_t size)
{
  struct chunk chunk = {console, text, name,    length, lasts,
                        argc,    argv, message, size,   COMPILED_WRONG};

  (void)snprintf(message, size, "out of memory");
  (void)protected(console, compile, &chunk);
  return chunk.result;
}

struct leaving {
  struct console *console;
  bool needed;
};

/* Takes the frames that are the host's own off the end of a traceback. */
static void trim(char *traceback)
{
  char *own = traceback == NULL ? NULL : strstr(traceback, "signet.console:");

  if (own != NULL) {
    while (own > traceback && *own != '\n')
      own--;
    *own = '\0';
  }
}

static bool run(struct console *console, const char *chunk,
                signet_failure *failure)
{
  bool good = signet_engine_run_string(console->engine, chunk, strlen(chunk),
                                       "=signet", failure);

  trim(failure->traceback);
  return good;
}

bool signet_host_console_start(struct console *console, signet_failure *failure)
{
  return run(console, "return require('signet.console').start()", failure);
}

bool signet_host_console_leave(struct console *console, signet_failure *failure)
{
  return run(console, "return require('signet.console').leave()", failure);
}

/* Arguments: the leaving. */
static int wait_for_leave(lua_State *L)
{
  struct leaving *leaving = lua_touserdata(L, 1);

  push_function(L, leaving->console, "wait_for_leave");
  lua_call(L, 0, 1);
  leaving->needed = lua_toboolean(L, -1);
  return 0;
}

bool signet_host_console_waits(struct console *console)
{
  struct leaving leaving = {console, false};

  return protected(console, wait_for_leave, &leaving) && leaving.needed;
}

/* --- completion --- */

struct completion {
  struct console *console;
  const char *line;
  size_t length, start;
  void (*take)(void *user, const char *name);
  void *user;
};

/* Arguments: the completion. */
static int complete(lua_State *L)
{
  struct completion *completion = lua_touserdata(L, 1);

  push_function(L, completion->console, "complete");
  lua_pushlstring(L, completion->line, completion->length);
  lua_call(L, 1, 2);
  completion->start = (size_t)lua_tointeger(L, 2);
  for (lua_Integer i = 1; lua_rawgeti(L, 3, i) == LUA_TSTRING; i++) {
    completion->take(completion->user, lua_tostring(L, -1));
    lua_pop(L, 1);
  }
  return 0;
}

void signet_host_console_complete(struct console *console, const char *line,
                                  size_t length, size_t *start,
                                  void (*take)(void *user, const char *name),
                                  void *user)
{
  struct completion completion = {console, line, length, 0, take, user};

  (void)protected(console, complete, &completion);
  *start = completion.start;
}
