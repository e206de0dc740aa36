/* SPDX-License-Identifier: MIT */
#include "lua/report.h"

#include "lua/error.h"
#include "lua/text.h"

#include <stdio.h>
#include <string.h>

/* What a script tells its host: log lines, how far signet.each is, and how
 * each entry came out. */

/* A host that draws progress needs no more than this. */
enum { PROGRESS_INTERVAL_MS = 100 };

static const char *const levels[] = {"debug", "info", "warning", "error", NULL};

/* log(level, …): the values as text, with spaces between them. */
static int report_log(lua_State *L)
{
  signet_runtime *runtime = signet_runtime_of(L);
  int level = luaL_checkoption(L, 1, NULL, levels);
  signet_event event = {.type = SIGNET_EVENT_LOG, .level = levels[level]};
  int count = lua_gettop(L);
  luaL_Buffer text;

  luaL_buffinit(L, &text);
  for (int i = 2; i <= count; i++) {
    if (i > 2)
      luaL_addchar(&text, ' ');
    luaL_tolstring(L, i, NULL);
    luaL_addvalue(&text);
  }
  luaL_pushresult(&text);
  event.text = lua_tolstring(L, -1, &event.length);
  if (runtime->host.event != NULL) {
    signet_runtime_emit(runtime, &event);
  } else if (!runtime->owns_state && level > 0) {
    /* Stock Lua has no other place for it. */
    signet_lua_push_shown(L, event.text, event.length);
    lua_writestringerror("%s: ", levels[level]);
    lua_writestringerror("%s\n", lua_tostring(L, -1));
  }
  return 0;
}

void signet_lua_error_script(lua_State *L, signet_error *error,
                             const char *text, size_t length)
{
  const size_t room = sizeof error->message - 1;
  const char *shown;

  signet_lua_push_shown(L, text, length);
  shown = lua_tolstring(L, -1, &length);
  if (length > room) {
    /* a character is left out as a whole */
    for (length = room; length > 0 && (shown[length] & 0xC0) == 0x80;)
      length--;
  }
  signet_error_init(error);
  error->kind = SIGNET_ERROR_SCRIPT;
  memcpy(error->message, shown, length);
  error->message[length] = '\0';
  lua_pop(L, 1);
}

static void count_failed(lua_State *L, signet_runtime *runtime)
{
  signet_event event = {.type = SIGNET_EVENT_FAILED};
  signet_error error;
  size_t length;

  event.label = luaL_checkstring(L, 2);
  event.text = luaL_checklstring(L, 3, &event.length);
  event.reason = luaL_tolstring(L, 4, &length);
  if (!signet_lua_error_read(L, 4, &error))
    signet_lua_error_script(L, &error, event.reason, length);
  event.error = &error;
  signet_runtime_emit(runtime, &event);
}

static void emit_skipped(lua_State *L, signet_runtime *runtime)
{
  signet_event event = {.type = SIGNET_EVENT_SKIPPED};

  event.label = luaL_checkstring(L, 2);
  event.text = luaL_checklstring(L, 3, &event.length);
  event.reason = luaL_checkstring(L, 4);
  signet_runtime_emit(runtime, &event);
}

/* count(how, label, text, error or reason): one entry of signet.each that is
 * not done */
static int report_count(lua_State *L)
{
  signet_runtime *runtime = signet_runtime_of(L);
  const char *how = luaL_checkstring(L, 1);

  switch (how[0]) {
  case 's':
    runtime->counts.skipped++;
    emit_skipped(L, runtime);
    break;
  case 'w':
    runtime->counts.waiting++;
    emit_skipped(L, runtime);
    break;
  case 'u':
    runtime->counts.unknown++;
    count_failed(L, runtime);
    break;
  default:
    runtime->counts.failed++;
    count_failed(L, runtime);
    break;
  }
  return 0;
}

static uint64_t count_field(lua_State *L, signet_plan_result result)
{
  uint64_t count;

  lua_getfield(L, 1, signet_plan_result_name(result));
  count = (uint64_t)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return count;
}

/* Stack: counts, label, total, last. */
static void emit_progress(lua_State *L, signet_runtime *runtime)
{
  signet_event event = {.type = SIGNET_EVENT_PROGRESS};
  int64_t now;

  if (runtime->host.event == NULL)
    return;
  now = signet_loop_now(runtime->loop);
  if (!lua_toboolean(L, 4) && now < runtime->run.progress_at)
    return;
  runtime->run.progress_at = now + PROGRESS_INTERVAL_MS;
  event.label = luaL_checkstring(L, 2);
  event.counts.done = count_field(L, SIGNET_STEP_DONE);
  event.counts.failed = count_field(L, SIGNET_STEP_FAILED);
  event.counts.skipped = count_field(L, SIGNET_STEP_SKIPPED);
  event.counts.unknown = count_field(L, SIGNET_STEP_UNKNOWN);
  event.counts.waiting = count_field(L, SIGNET_STEP_WAITING);
  event.total = (uint64_t)lua_tointeger(L, 3);
  signet_runtime_emit(runtime, &event);
}

/* progress(counts, label, total, last): at most every 100 ms, and at the end */
static int report_progress(lua_State *L)
{
  emit_progress(L, signet_runtime_of(L));
  return 0;
}

/* done(counts, label, total): one more entry is done. The answer is that of
 * stopped(); one call in place of three, for every entry of every list. */
static int report_done(lua_State *L)
{
  signet_runtime *runtime = signet_runtime_of(L);

  runtime->counts.done++;
  emit_progress(L, runtime);
  lua_pushboolean(L, runtime->run.stop != SIGNET_STOP_NONE);
  return 1;
}

/* stopped(): whether the run has been asked to end */
static int report_stopped(lua_State *L)
{
  lua_pushboolean(L, signet_runtime_of(L)->run.stop != SIGNET_STOP_NONE);
  return 1;
}

static int report_concurrency(lua_State *L)
{
  lua_pushinteger(L, signet_runtime_of(L)->host.concurrency);
  return 1;
}

/* traceback(error): of whoever raised it; an error object keeps it */
static int report_traceback(lua_State *L)
{
  signet_error error;

  lua_settop(L, 1);
  luaL_traceback(L, L, NULL, 2);
  if (signet_lua_error_read(L, 1, &error)) {
    lua_pushliteral(L, "traceback");
    lua_pushvalue(L, 2);
    lua_rawset(L, 1);
  }
  return 1;
}

static int report_shown(lua_State *L)
{
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);

  signet_lua_push_shown(L, text, length);
  return 1;
}

void signet_report_open(lua_State *L)
{
  static const luaL_Reg functions[] = {{"log", report_log},
                                       {"count", report_count},
                                       {"progress", report_progress},
                                       {"done", report_done},
                                       {"stopped", report_stopped},
                                       {"concurrency", report_concurrency},
                                       {"traceback", report_traceback},
                                       {"shown", report_shown},
                                       {NULL, NULL}};

  luaL_setfuncs(L, functions, 0);
}
