/* SPDX-License-Identifier: MIT */
#include "engine/failure.h"

#include "lua/error.h"
#include "lua/report.h"

#include <stdlib.h>
#include <string.h>

/* From a Lua error to what the engine's caller gets. */

static const char TRACEBACK[] = "\nstack traceback:\n";
static const char NO_MEMORY[] = "not enough memory";
static const char NO_TEXT[] = "an error whose __tostring fails";

char *signet_engine_text(const char *text, size_t length)
{
  char *copy = malloc(length + 1);

  if (copy != NULL) {
    memcpy(copy, text, length);
    copy[length] = '\0';
  }
  return copy;
}

void signet_engine_text_free(char *text)
{
  free(text);
}

void signet_failure_clear(signet_failure *failure)
{
  if (failure == NULL)
    return;
  free(failure->message);
  free(failure->traceback);
  signet_error_init(&failure->error);
  failure->message = NULL;
  failure->message_length = 0;
  failure->traceback = NULL;
}

const char *signet_failure_text(const signet_failure *failure)
{
  return failure->message != NULL ? failure->message : failure->error.message;
}

/* An error object: the error itself, and the traceback that it carries. */
static void fill_from_object(lua_State *L, signet_failure *failure)
{
  size_t length;
  const char *traceback;

  lua_pushliteral(L, "traceback");
  lua_rawget(L, 1);
  traceback = lua_tolstring(L, -1, &length);
  if (traceback != NULL)
    failure->traceback = signet_engine_text(traceback, length);
}

/* Any other value: its text, and the traceback that the task added to it. */
static void fill_from_text(lua_State *L, signet_failure *failure)
{
  size_t length;
  const char *text = luaL_tolstring(L, 1, &length);
  const char *traceback = memmem(text, length, TRACEBACK, sizeof TRACEBACK - 1);
  size_t message = traceback != NULL ? (size_t)(traceback - text) : length;

  signet_lua_error_script(L, &failure->error, text, message);
  failure->message = signet_engine_text(text, message);
  failure->message_length = failure->message != NULL ? message : 0;
  if (traceback != NULL) {
    failure->traceback = signet_engine_text(
        traceback + 1, length - (size_t)(traceback + 1 - text));
  }
  if (strncmp(text, NO_MEMORY, sizeof NO_MEMORY - 1) == 0)
    signet_lua_error_set(&failure->error, SIGNET_ERROR_MEMORY, "%s", NO_MEMORY);
}

static int fill(lua_State *L)
{
  signet_failure *failure = lua_touserdata(L, 2);

  if (signet_lua_error_read(L, 1, &failure->error))
    fill_from_object(L, failure);
  else
    fill_from_text(L, failure);
  return 0;
}

/* Stack: -1. */
void signet_engine_fail(lua_State *L, signet_failure *failure)
{
  signet_failure unused = SIGNET_FAILURE_INIT;
  int status;

  failure = failure != NULL ? failure : &unused;
  signet_failure_clear(failure);
  if (!lua_checkstack(L, 4)) {
    lua_pop(L, 1);
    signet_lua_error_set(&failure->error, SIGNET_ERROR_MEMORY, "%s", NO_MEMORY);
    return;
  }
  lua_pushcfunction(L, fill);
  lua_insert(L, -2);
  lua_pushlightuserdata(L, failure);
  status = lua_pcall(L, 2, 0, 0);
  if (status != LUA_OK) {
    lua_pop(L, 1);
    if (failure->error.kind == SIGNET_OK && status != LUA_ERRMEM) {
      signet_lua_error_set(&failure->error, SIGNET_ERROR_SCRIPT, "%s", NO_TEXT);
    } else if (failure->error.kind == SIGNET_OK) {
      signet_lua_error_set(&failure->error, SIGNET_ERROR_MEMORY, "%s",
                           NO_MEMORY);
    }
  }
  signet_failure_clear(&unused);
}
