/* SPDX-License-Identifier: MIT */
#include "lua/module.h"

#include "lua/account.h"
#include "lua/announce.h"
#include "lua/box.h"
#include "lua/coroutine.h"
#include "lua/error.h"
#include "lua/json.h"
#include "lua/json_read.h"
#include "lua/lifetime.h"
#include "lua/record.h"
#include "lua/report.h"
#include "lua/task.h"
#include "lua/task_calls.h"
#include "lua/text.h"

#include <lualib.h>
#include <string.h>

/* The module's table: functions of C by name, then what is written in Lua. */

extern const char signet_lua_tasks[], signet_lua_each[], signet_lua_announce[];
extern const size_t signet_lua_tasks_size, signet_lua_each_size,
    signet_lua_announce_size;

/* steps() -> what signet.step has decided in this run. The table hangs on the
 * runtime, so that each run can begin with an empty one. */
static int internal_steps(lua_State *L)
{
  signet_runtime_push_steps(L);
  return 1;
}

static void release_text(void *text)
{
  signet_job_text_free(text);
}

/* recall(name) -> found, value: what an earlier run of the job kept. */
static int internal_recall(lua_State *L)
{
  signet_runtime *runtime = signet_runtime_of(L);
  const char *name = luaL_checkstring(L, 1);
  signet_error error = SIGNET_ERROR_INIT;
  signet_box *box = signet_box_push(L, release_text);
  char *text = NULL;

  if (runtime->host.job == NULL) {
    lua_pushboolean(L, false);
    return 1;
  }
  if (!signet_job_step(runtime->host.job, name, &text, &error))
    return signet_lua_raise(L, &error);
  box->memory = text;
  lua_pushboolean(L, text != NULL);
  if (text == NULL) {
    if (runtime->tasks.current != NULL)
      runtime->tasks.current->decides = true;
    return 1;
  }
  signet_lua_json_push(L, text, strlen(text));
  lua_geti(L, -1, 1);
  lua_remove(L, -2);
  return 2;
}

/* keep(name, values): a sequence, in the job's journal if there is one. */
static int internal_keep(lua_State *L)
{
  signet_runtime *runtime = signet_runtime_of(L);
  const char *name = luaL_checkstring(L, 1);
  signet_error error = SIGNET_ERROR_INIT;

  if (runtime->host.job != NULL) {
    signet_lua_json_text(L, 2, "signet.step: the value");
    if (!signet_job_keep_step(runtime->host.job, name, lua_tostring(L, -1),
                              &error))
      return signet_lua_raise(L, &error);
  }
  return 0;
}

/* file(path) -> content, whether it is kept with a job */
static int internal_file(lua_State *L)
{
  signet_runtime *runtime = signet_runtime_of(L);
  size_t path_length, length = 0;
  const char *path = luaL_checklstring(L, 1, &path_length);
  signet_error error = SIGNET_ERROR_INIT;
  signet_box *box = signet_box_push(L, release_text);
  char *content = NULL;

  luaL_argcheck(L, strlen(path) == path_length, 1, "a path has no NUL");
  if (!signet_job_file(runtime->host.job, "file", path, &content, &length,
                       &error))
    return signet_lua_raise(L, &error);
  box->memory = content;
  lua_pushlstring(L, content, length);
  signet_box_clear(box);
  lua_pushboolean(L, runtime->host.job != NULL);
  return 2;
}

static void set_status(lua_State *L)
{
  lua_createtable(L, 0, 3);
  for (int status = SIGNET_STATUS_PENDING; status <= SIGNET_STATUS_REJECTED;
       status++) {
    lua_pushinteger(L, status);
    lua_setfield(L, -2, signet_status_name(status));
  }
  lua_setfield(L, -2, "status");
}

/* Moves field @p name from the table at @p from to the one at @p to. */
static void move(lua_State *L, int from, int to, const char *name)
{
  lua_getfield(L, from, name);
  lua_setfield(L, to, name);
}

/* Runs a part that is written in Lua with (signet, internal). */
static void run_part(lua_State *L, int module, int internal, const char *text,
                     size_t size, const char *name)
{
  if (luaL_loadbufferx(L, text, size, name, "t") != LUA_OK)
    lua_error(L);
  lua_pushvalue(L, module);
  lua_pushvalue(L, internal);
  lua_call(L, 2, 0);
}

int signet_lua_open(lua_State *L)
{
  static const char *const public_names[] = {"spawn", "sleep", "log", NULL};
  int module, internal;

  luaL_checkversion(L);
  if (signet_runtime_find(L) == NULL)
    (void)signet_runtime_create(L, NULL);
  (void)signet_runtime_of(L);
  lua_settop(L, 0);
  signet_record_open(L);
  lua_newtable(L);
  module = lua_gettop(L);
  lua_newtable(L);
  internal = lua_gettop(L);
  signet_task_open(L);
  signet_task_open_functions(L);
  signet_report_open(L);
  signet_announce_open(L);
  luaL_getmetatable(L, "signet.task");
  lua_setfield(L, internal, "task_mark");
  lua_pushcfunction(L, internal_steps);
  lua_setfield(L, internal, "steps");
  lua_pushcfunction(L, internal_recall);
  lua_setfield(L, internal, "recall");
  lua_pushcfunction(L, internal_keep);
  lua_setfield(L, internal, "keep");
  lua_pushcfunction(L, internal_file);
  lua_setfield(L, internal, "file");
  for (size_t i = 0; public_names[i] != NULL; i++)
    move(L, internal, module, public_names[i]);
  lua_pushvalue(L, module);
  signet_lua_text_open(L);
  lua_pop(L, 1);
  lua_pushvalue(L, module);
  signet_account_open_library(L);
  set_status(L);
  lua_pushstring(L, signet_version());
  lua_setfield(L, module, "version");
  signet_coroutine_open(L);
  lua_setfield(L, module, "coroutine");
  run_part(L, module, internal, signet_lua_tasks, signet_lua_tasks_size,
           "=signet/tasks.lua");
  run_part(L, module, internal, signet_lua_each, signet_lua_each_size,
           "=signet/each.lua");
  run_part(L, module, internal, signet_lua_announce, signet_lua_announce_size,
           "=signet/announce.lua");
  lua_settop(L, module);
  return 1;
}
