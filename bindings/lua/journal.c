/* SPDX-License-Identifier: MIT */
#include "lua/journal.h"

#include "lua/error.h"
#include "lua/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The journal of an account that asks for one in signet.connect: a job of its
 * own, where the host has given none. */

/* The argument of that index as the stock interpreter has it.
 * Stack: +1, the value. @return false: it is no string */
static bool push_argument(lua_State *L, lua_Integer index)
{
  bool found = false;

  if (lua_getglobal(L, "arg") == LUA_TTABLE) {
    found = lua_rawgeti(L, -1, index) == LUA_TSTRING;
    lua_remove(L, -2);
  }
  return found;
}

/* Stack: +1, a JSON array of the program's arguments. */
static const char *push_arguments(lua_State *L)
{
  lua_newtable(L);
  for (lua_Integer i = 1; push_argument(L, i); i++)
    lua_rawseti(L, -2, i);
  lua_pop(L, 1);
  if (lua_rawlen(L, -1) == 0)
    lua_pushliteral(L, "[]");
  else
    signet_lua_json_text(L, -1, "arg");
  return lua_tostring(L, -1);
}

bool signet_journal_asked(lua_State *L, int index)
{
  int type = lua_getfield(L, index, "journal");
  bool asked = lua_toboolean(L, -1);

  lua_pop(L, 1);
  if (type != LUA_TNIL && type != LUA_TBOOLEAN)
    signet_lua_invalid(L, "signet.connect: journal must be true or false");
  return asked;
}

/* N, "N" or "N%". @return false: it is none of these */
static bool read_limit(lua_State *L, int index, signet_job_limit *limit)
{
  size_t length = 0;
  const char *text = lua_tolstring(L, index, &length);
  lua_Integer number;

  if (lua_type(L, index) == LUA_TNUMBER) {
    number = lua_tointeger(L, index);
    *limit = (signet_job_limit){number, false, 0};
    return lua_isinteger(L, index) && number >= 0;
  }
  if (lua_type(L, index) != LUA_TSTRING ||
      strspn(text, "0123456789") + (length > 0 && text[length - 1] == '%') !=
          length ||
      length == 0 || length > 9 || *text == '%')
    return false;
  number = strtol(text, NULL, 10);
  *limit = (signet_job_limit){number, text[length - 1] == '%', 0};
  return !limit->percent || number <= 100;
}

/* Leaves the limit as it is where the options name none. Stack: unchanged.
 * @return whether they name one */
static bool take_limit(lua_State *L, int index, const char *name,
                       signet_job_limit *limit)
{
  bool given = lua_getfield(L, index, name) != LUA_TNIL;

  if (given && !read_limit(L, -1, limit)) {
    signet_lua_invalid(L,
                       "signet.connect: %s must be a whole number, or text "
                       "such as \"30%%\"",
                       name);
  }
  lua_pop(L, 1);
  return given;
}

/* How another job's lock, or damage, is taken. Stack: unchanged. */
static void take_journal(lua_State *L, int index, signet_job_options *options)
{
  enum { LONGEST_S = 1000000000 };
  lua_Number seconds = 0;
  int type = lua_getfield(L, index, "wait_lock");
  int flag = lua_getfield(L, index, "accept_damage");

  if (type == LUA_TNUMBER)
    seconds = lua_tonumber(L, -2);
  if ((type != LUA_TNIL && type != LUA_TNUMBER) ||
      !(seconds >= 0 && seconds <= LONGEST_S)) {
    signet_lua_invalid(L, "signet.connect: wait_lock must be a number of "
                          "seconds, 0 to 1e9");
  }
  if (flag != LUA_TNIL && flag != LUA_TBOOLEAN) {
    signet_lua_invalid(L,
                       "signet.connect: accept_damage must be true or false");
  }
  options->wait_lock_ms = (int64_t)(seconds * 1000);
  options->accept_damage = lua_toboolean(L, -1);
  lua_pop(L, 2);
}

/* What the options at @p index allow. Stack: unchanged. */
static void take_limits(lua_State *L, int index, signet_job_options *options)
{
  options->max_deletes = (signet_job_limit)SIGNET_JOB_USUAL_DELETES;
  options->limits_in_lua = true;
  (void)take_limit(L, index, "max_changes", &options->max_changes);
  (void)take_limit(L, index, "max_deletes", &options->max_deletes);
}

bool signet_journal_limits(lua_State *L, int index)
{
  signet_job_limit limit;
  bool changes = take_limit(L, index, "max_changes", &limit);

  return take_limit(L, index, "max_deletes", &limit) || changes;
}

/* Whether `signet show` needs --state-dir to find the journal: the
 * script gave it, or a profile that the script named. Stack: unchanged. */
static bool is_elsewhere(lua_State *L, int index,
                         const signet_settings *settings)
{
  const char *origin = signet_settings_origin(settings, "state_dir");
  bool named = lua_getfield(L, index, "profile") != LUA_TNIL;

  lua_pop(L, 1);
  return origin != NULL && strcmp(origin, "default") != 0 &&
         strcmp(origin, "SIGNET_STATE_DIR") != 0 &&
         (named || strncmp(origin, "signet.connect", 14) == 0);
}

/* Raises where there can be none. Stack: unchanged. */
void signet_journal_open(lua_State *L, int index, signet_handle *handle,
                         const signet_settings *settings)
{
  const char *state_dir = signet_settings_get(settings, "state_dir");
  signet_job_options options = SIGNET_JOB_OPTIONS_INIT;
  signet_error error = SIGNET_ERROR_INIT;
  int top = lua_gettop(L);

  luaL_checkstack(L, 6, "signet.connect");
  take_limits(L, index, &options);
  take_journal(L, index, &options);
  options.state_dir = state_dir;
  options.no_journal = !signet_journal_asked(L, index);
  options.name = push_argument(L, 0) ? lua_tostring(L, -1) : "lua";
  options.arguments = push_arguments(L);
  if (state_dir != NULL && is_elsewhere(L, index, settings))
    handle->folder = strdup(state_dir); /* without it the advice lacks it */
  handle->job = signet_job_new(&options, &error);
  if (handle->job == NULL ||
      !signet_job_attach(handle->job, handle->account, &error))
    signet_lua_raise(L, &error);
  lua_settop(L, top);
}

/* What the service doesn't show was counted as done. */
static signet_job_counts counts_of(const signet_handle *handle)
{
  const signet_counts *counts = &handle->runtime->counts;
  int64_t contradicted = (int64_t)signet_job_contradicted(handle->job);
  int64_t done = (int64_t)counts->done;

  return (signet_job_counts){done > contradicted ? done - contradicted : 0,
                             (int64_t)counts->failed, (int64_t)counts->skipped,
                             (int64_t)counts->unknown + contradicted,
                             (int64_t)counts->waiting};
}

/* A word as a shell reads it back. */
static void quote(char *out, size_t size, const char *word)
{
  size_t used = (size_t)snprintf(out, size, "'");

  for (; *word != '\0' && used + 6 < size; word++) {
    used += (size_t)snprintf(out + used, size - used, "%s%c",
                             *word == '\'' ? "'\\'" : "", *word);
  }
  (void)snprintf(out + used, size - used, "'");
}

/* What names the writes that the service doesn't show. */
static void advise(const signet_handle *handle, const char *job, char *out,
                   size_t size)
{
  char folder[300];

  if (handle->folder == NULL) {
    (void)snprintf(out, size, "signet show %s", job);
    return;
  }
  quote(folder, sizeof folder, handle->folder);
  (void)snprintf(out, size, "signet show --state-dir %s %s", folder, job);
}

/* @return false: @p error says what is wrong with its end */
static bool end_job(signet_handle *handle, signet_error *error)
{
  const signet_job_counts numbers = counts_of(handle);
  /* Nobody tells here whether an error ended the program. */
  bool failed = numbers.failed + numbers.unknown > 0 ||
                handle->runtime->failed_writes > 0;
  char command[400];

  if (!signet_job_end(handle->job, failed ? SIGNET_JOB_FAILED : SIGNET_JOB_DONE,
                      &numbers, error))
    return false;
  if (signet_job_contradicted(handle->job) == 0 ||
      signet_job_id(handle->job) == NULL)
    return true;
  advise(handle, signet_job_id(handle->job), command, sizeof command);
  signet_lua_error_set(error, SIGNET_ERROR_UNKNOWN_OUTCOME,
                       "%llu of the job's writes were answered as done, and "
                       "the service does not show them; to see which: %s",
                       (unsigned long long)signet_job_contradicted(handle->job),
                       command);
  return false;
}

bool signet_journal_close(signet_handle *handle, signet_error *error)
{
  bool good = handle->job == NULL || end_job(handle, error);

  signet_job_free(handle->job);
  handle->job = NULL;
  free(handle->folder);
  handle->folder = NULL;
  return good;
}
