/* SPDX-License-Identifier: MIT */
#include "lua/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The error object: a table, so that scripts may add to it and hosts may read
 * it without this library. */

static const char ERROR[] = "signet.error";

/* The message is a whole sentence already: what was done to which entry, what
 * went wrong, and the rule or the service's words. */
static int error_tostring(lua_State *L)
{
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_getfield(L, 1, "message");
  luaL_tolstring(L, -1, NULL);
  return 1;
}

static void push_metatable(lua_State *L)
{
  if (luaL_newmetatable(L, ERROR)) {
    lua_pushcfunction(L, error_tostring);
    lua_setfield(L, -2, "__tostring");
  }
}

static void set_text(lua_State *L, const char *name, const char *text)
{
  if (*text != '\0') {
    lua_pushstring(L, text);
    lua_setfield(L, -2, name);
  }
}

static void set_integer(lua_State *L, const char *name, int64_t integer,
                        int64_t absent)
{
  if (integer != absent) {
    lua_pushinteger(L, integer);
    lua_setfield(L, -2, name);
  }
}

/* Stack: +1, the error object. */
void signet_lua_error_push(lua_State *L, const signet_error *error)
{
  lua_createtable(L, 0, 10);
  set_text(L, "kind", signet_error_kind_name(error->kind));
  lua_pushstring(L, error->message);
  lua_setfield(L, -2, "message");
  set_text(L, "outcome", signet_outcome_name(error->outcome));
  lua_pushboolean(L, error->retryable);
  lua_setfield(L, -2, "retryable");
  set_integer(L, "code", error->code, 0);
  set_integer(L, "http_status", error->http_status, 0);
  set_text(L, "op", error->operation);
  set_text(L, "id", error->id);
  set_text(L, "service_message", error->service_message);
  if (error->retry_after_ms >= 0) {
    lua_pushnumber(L, (lua_Number)error->retry_after_ms / 1000);
    lua_setfield(L, -2, "retry_after");
  }
  push_metatable(L);
  lua_setmetatable(L, -2);
}

/* Field @p name of the table at @p index without its metamethods: reading an
 * error must not raise another. */
static void raw_field(lua_State *L, int index, const char *name)
{
  lua_pushstring(L, name);
  lua_rawget(L, index);
}

static void read_text(lua_State *L, int index, const char *name, char *out,
                      size_t size)
{
  raw_field(L, index, name);
  if (lua_type(L, -1) == LUA_TSTRING)
    snprintf(out, size, "%s", lua_tostring(L, -1));
  lua_pop(L, 1);
}

static int64_t read_integer(lua_State *L, int index, const char *name)
{
  int64_t integer;

  raw_field(L, index, name);
  integer = lua_tointeger(L, -1);
  lua_pop(L, 1);
  return integer;
}

static signet_error_kind kind_of_name(const char *name)
{
  for (int kind = SIGNET_ERROR_VALIDATION; kind <= SIGNET_ERROR_SCRIPT; kind++)
    if (strcmp(signet_error_kind_name((signet_error_kind)kind), name) == 0)
      return (signet_error_kind)kind;
  return SIGNET_OK;
}

static signet_outcome outcome_of_name(const char *name)
{
  for (int i = SIGNET_OUTCOME_NOT_SENT; i < SIGNET_OUTCOME_UNKNOWN; i++)
    if (strcmp(signet_outcome_name((signet_outcome)i), name) == 0)
      return (signet_outcome)i;
  return SIGNET_OUTCOME_UNKNOWN;
}

bool signet_lua_error_read(lua_State *L, int index, signet_error *error)
{
  char kind[32] = "", outcome[32] = "not_sent";

  signet_error_init(error);
  index = lua_absindex(L, index);
  if (!lua_istable(L, index))
    return false;
  /* Kind and message make it one of ours, whoever made the table: so a script
   * can raise an error that its host understands. */
  read_text(L, index, "message", error->message, sizeof error->message);
  read_text(L, index, "kind", kind, sizeof kind);
  error->kind = kind_of_name(kind);
  if (error->kind == SIGNET_OK || *error->message == '\0') {
    signet_error_init(error);
    return false;
  }
  read_text(L, index, "outcome", outcome, sizeof outcome);
  error->outcome = outcome_of_name(outcome);
  read_text(L, index, "op", error->operation, sizeof error->operation);
  read_text(L, index, "id", error->id, sizeof error->id);
  read_text(L, index, "service_message", error->service_message,
            sizeof error->service_message);
  error->code = read_integer(L, index, "code");
  error->http_status = (int)read_integer(L, index, "http_status");
  raw_field(L, index, "retryable");
  error->retryable = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return true;
}

int signet_lua_raise(lua_State *L, const signet_error *error)
{
  signet_lua_error_push(L, error);
  return lua_error(L);
}

void signet_lua_error_set(signet_error *error, signet_error_kind kind,
                          const char *format, ...)
{
  va_list arguments;

  error->kind = kind;
  va_start(arguments, format);
  vsnprintf(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
}

int signet_lua_invalid(lua_State *L, const char *format, ...)
{
  signet_error error = SIGNET_ERROR_INIT;
  va_list arguments;

  error.kind = SIGNET_ERROR_VALIDATION;
  va_start(arguments, format);
  vsnprintf(error.message, sizeof error.message, format, arguments);
  va_end(arguments);
  return signet_lua_raise(L, &error);
}

int signet_lua_no_memory(lua_State *L)
{
  signet_error error = SIGNET_ERROR_INIT;

  signet_lua_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
  return signet_lua_raise(L, &error);
}
