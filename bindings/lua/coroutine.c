/* SPDX-License-Identifier: MIT */
#include "lua/coroutine.h"

#include <lualib.h>

/*
 * coroutine.resume and coroutine.wrap for scripts: a call made inside a
 * coroutine of the script's own yields to the runtime *through* whoever resumed
 * that coroutine, so that an iterator made with coroutine.wrap may call the
 * service. Apart from that they do what Lua's own do.
 */

static lua_State *check_coroutine(lua_State *L)
{
  lua_State *coroutine = lua_tothread(L, 1);

  luaL_argexpected(L, coroutine != NULL, 1, "coroutine");
  return coroutine;
}

/* Stack of L: + the message, when it can't be resumed. */
static bool can_resume(lua_State *L, lua_State *coroutine, int arguments)
{
  int status = lua_status(coroutine);
  lua_Debug frame;

  if (!lua_checkstack(coroutine, arguments)) {
    lua_pushliteral(L, "too many arguments to resume");
    return false;
  }
  if (status == LUA_YIELD)
    return true;
  if (coroutine == L ||
      (status == LUA_OK && lua_getstack(coroutine, 0, &frame))) {
    lua_pushliteral(L, "cannot resume non-suspended coroutine");
    return false;
  }
  if (status != LUA_OK || lua_gettop(coroutine) == 0) {
    lua_pushliteral(L, "cannot resume dead coroutine");
    return false;
  }
  return true;
}

enum { YIELDED_TO_RUNTIME = -2, FAILED = -1 };

/* Resumes with the @p arguments values on top of L. @return how many results
 * are on top of L; FAILED: the error is; YIELDED_TO_RUNTIME: nothing. */
static int resume(lua_State *L, lua_State *coroutine, int arguments)
{
  signet_runtime *runtime = signet_runtime_of(L);
  lua_State *running = runtime->tasks.running;
  int status, results = 0;

  if (!can_resume(L, coroutine, arguments))
    return FAILED;
  lua_xmove(L, coroutine, arguments);
  if (running == L && lua_isyieldable(L))
    runtime->tasks.running = coroutine;
  runtime->tasks.yielded = false;
  status = lua_resume(coroutine, L, arguments, &results);
  runtime->tasks.running = running;
  if (status == LUA_YIELD && runtime->tasks.yielded) {
    lua_pop(coroutine, results);
    return YIELDED_TO_RUNTIME;
  }
  if (status != LUA_OK && status != LUA_YIELD) {
    /* A copy: lua_resetthread looks for the error on the coroutine's stack. */
    lua_pushvalue(coroutine, -1);
    lua_xmove(coroutine, L, 1);
    return FAILED;
  }
  if (!lua_checkstack(L, results + 1)) {
    lua_pop(coroutine, results);
    lua_pushliteral(L, "too many results to resume");
    return FAILED;
  }
  lua_xmove(coroutine, L, results);
  return results;
}

static int resume_again(lua_State *L, int status, lua_KContext context);

static int finish_resume(lua_State *L, int results)
{
  if (results == YIELDED_TO_RUNTIME)
    return lua_yieldk(L, 0, 0, resume_again);
  lua_pushboolean(L, results != FAILED);
  results = results == FAILED ? 1 : results;
  lua_insert(L, -(results + 1));
  return results + 1;
}

static int resume_again(lua_State *L, int status, lua_KContext context)
{
  (void)status;
  (void)context;
  return finish_resume(L, resume(L, lua_tothread(L, 1), 0));
}

static int coroutine_resume(lua_State *L)
{
  lua_State *coroutine = check_coroutine(L);

  return finish_resume(L, resume(L, coroutine, lua_gettop(L) - 1));
}

/* An error passes through with the position of the caller, and closes the
 * coroutine's variables first. */
static int wrap_error(lua_State *L, lua_State *coroutine)
{
  int status = lua_status(coroutine);

  if (status != LUA_OK && status != LUA_YIELD) {
    status = lua_resetthread(coroutine);
    if (status != LUA_OK) {
      lua_pop(L, 1);
      lua_xmove(coroutine, L, 1);
    }
  }
  if (status != LUA_ERRMEM && lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

static int wrap_again(lua_State *L, int status, lua_KContext context);

static int finish_wrap(lua_State *L, lua_State *coroutine, int results)
{
  if (results == YIELDED_TO_RUNTIME)
    return lua_yieldk(L, 0, 0, wrap_again);
  return results == FAILED ? wrap_error(L, coroutine) : results;
}

static int wrap_again(lua_State *L, int status, lua_KContext context)
{
  lua_State *coroutine = lua_tothread(L, lua_upvalueindex(1));

  (void)status;
  (void)context;
  return finish_wrap(L, coroutine, resume(L, coroutine, 0));
}

static int wrap_call(lua_State *L)
{
  lua_State *coroutine = lua_tothread(L, lua_upvalueindex(1));

  return finish_wrap(L, coroutine, resume(L, coroutine, lua_gettop(L)));
}

static int coroutine_wrap(lua_State *L)
{
  lua_State *coroutine;

  luaL_checktype(L, 1, LUA_TFUNCTION);
  coroutine = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, coroutine, 1);
  lua_pushcclosure(L, wrap_call, 1);
  return 1;
}

/* Stack: +1, the library. */
void signet_coroutine_open(lua_State *L)
{
  luaL_requiref(L, LUA_COLIBNAME, luaopen_coroutine, 0);
  lua_newtable(L);
  lua_pushnil(L);
  while (lua_next(L, -3)) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, -4);
  }
  lua_remove(L, -2);
  lua_pushcfunction(L, coroutine_resume);
  lua_setfield(L, -2, "resume");
  lua_pushcfunction(L, coroutine_wrap);
  lua_setfield(L, -2, "wrap");
}
