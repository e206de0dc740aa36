/* SPDX-License-Identifier: MIT */
#include "lua/account.h"

#include "lua/audit.h"
#include "lua/box.h"
#include "lua/call.h"
#include "lua/collection.h"
#include "lua/error.h"
#include "lua/fields.h"
#include "lua/handle.h"
#include "lua/json.h"
#include "signet/transport.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* signet.connect and the account object. */

static const char ACCOUNT[] = "signet.account";

/* In the registry: open accounts by their handles, without keeping them. */
static const char ACCOUNTS[] = "signet.accounts";

/* The account's user values. */
enum { USER_SIGNS = 1, USER_TEMPLATES = 2, USER_COUNT = 2 };

/* --- settings --- */

enum {
  SETTING_TEXT,
  SETTING_WHOLE,
  SETTING_NUMBER,
  SETTING_BOOLEAN,
  SETTING_RATE,
  SETTING_AGE
};

#define TYPE_WHOLE SETTING_WHOLE
#define TYPE_BYTES SETTING_WHOLE
#define TYPE_RATE SETTING_RATE
#define TYPE_SECONDS SETTING_NUMBER
#define TYPE_AGE SETTING_AGE
#define TYPE_CHOICE SETTING_TEXT
#define TYPE_FILE SETTING_TEXT
#define TYPE_PROXY SETTING_TEXT
#define TYPE_FLAG SETTING_BOOLEAN
#define NAME_OF(id, name, ...) name,
#define TYPE_OF(id, name, option, placeholder, type, ...) TYPE_##type,
#define NOTHING(...) /* a setting of a whole run */
#define IDENTITY                                              \
  "profile", "base_url", "api", "key", "secret", "state_dir", \
      "client_key_password", "proxy_user", "proxy_password"

enum { IDENTITY_COUNT = 9 };

static const char *const setting_names[] = {
    IDENTITY, SIGNET_TRANSPORT_SETTINGS(NAME_OF, NOTHING) NULL};
/* The same, and what is no setting. */
static const char *const option_names[] = {
    IDENTITY,      SIGNET_TRANSPORT_SETTINGS(NAME_OF, NOTHING) "journal",
    "max_changes", "max_deletes",
    "wait_lock",   "accept_damage",
    NULL};
static const unsigned char transport_types[] = {
    SIGNET_TRANSPORT_SETTINGS(TYPE_OF, NOTHING)};

/* What is on top of the stack, without its value. */
static const char *name_type(lua_State *L)
{
  switch (lua_type(L, -1)) {
  case LUA_TSTRING:
    return "such text";
  case LUA_TNUMBER:
    return lua_isinteger(L, -1) ? "an integer" : "a float";
  default:
    return lua_pushfstring(L, "a %s", luaL_typename(L, -1));
  }
}

/* The setting on top of the stack as text; raises where its type is wrong. The
 * message never shows the value: it may be the secret. */
static const char *setting_text(lua_State *L, size_t index)
{
  static const char *const wanted[] = {"a string",
                                       "a whole number",
                                       "a number",
                                       "a boolean",
                                       "a number, or text as \"300/min\"",
                                       "a number, or \"never\""};
  const char *name = setting_names[index];
  int type = index < IDENTITY_COUNT ? SETTING_TEXT
                                    : transport_types[index - IDENTITY_COUNT];
  bool right = type == SETTING_TEXT      ? lua_type(L, -1) == LUA_TSTRING
               : type == SETTING_WHOLE   ? lua_isinteger(L, -1)
               : type == SETTING_BOOLEAN ? lua_isboolean(L, -1)
               : type == SETTING_RATE || type == SETTING_AGE
                   ? lua_isstring(L, -1) != 0
                   : lua_type(L, -1) == LUA_TNUMBER;
  size_t length = 0;
  const char *text = NULL;

  if (right && type == SETTING_BOOLEAN)
    return lua_toboolean(L, -1) ? "yes" : "no";
  if (right) {
    text = lua_tolstring(L, -1, &length);
    right = strlen(text) == length;
  }
  if (!right) {
    signet_lua_invalid(L, "signet.connect: %s must be %s, not %s", name,
                       wanted[type], name_type(L));
  }
  return text;
}

/* What the script says. Stack: unchanged. */
static void take_table(lua_State *L, int index, signet_settings *settings)
{
  signet_error error = SIGNET_ERROR_INIT;
  char origin[64];

  for (size_t i = 0; setting_names[i] != NULL; i++) {
    const char *name = setting_names[i];

    if (lua_getfield(L, index, name) != LUA_TNIL) {
      snprintf(origin, sizeof origin, "signet.connect: %s", name);
      if (!signet_settings_set(settings, name, setting_text(L, i), origin,
                               &error))
        signet_lua_raise(L, &error);
    }
    lua_pop(L, 1);
  }
}

static void release_settings(void *memory)
{
  signet_settings_free(memory);
}

/* The engine's settings where it has some, else environment and profile.
 * Stack: +1, the box. */
static signet_settings *gather(lua_State *L, signet_runtime *runtime, int index)
{
  signet_error error = SIGNET_ERROR_INIT;
  const signet_settings *given = runtime->host.settings;
  signet_box *box = signet_box_push(L, release_settings);
  bool named = lua_getfield(L, index, "profile") != LUA_TNIL, good = true;

  lua_pop(L, 1);
  box->memory =
      given != NULL ? signet_settings_copy(given) : signet_settings_new();
  if (box->memory == NULL)
    signet_lua_no_memory(L);
  take_table(L, index, box->memory);
  if (given == NULL)
    good = signet_settings_environment(box->memory, &error);
  if (good && (given == NULL || named))
    good = signet_settings_profile(box->memory, &error);
  if (good)
    good = signet_settings_defaults(box->memory, &error);
  if (good && given != NULL)
    good = signet_settings_protect(box->memory, given, &error);
  if (!good)
    signet_lua_raise(L, &error);
  return box->memory;
}

/* --- the account --- */

static signet_handle *check(lua_State *L)
{
  return luaL_checkudata(L, 1, ACCOUNT);
}

static void handle_link(signet_runtime *runtime, signet_handle *handle)
{
  handle->runtime = runtime;
  handle->previous = NULL;
  handle->next = runtime->accounts;
  if (handle->next != NULL)
    handle->next->previous = handle;
  runtime->accounts = handle;
}

/* Serves close(), __close and __gc.
 * @return false: what came of it can't be kept, @p error says why */
static bool end_account(signet_handle *handle, signet_error *error)
{
  signet_account *account = handle->account;

  signet_journal_audit(handle);
  signet_runtime_tell(handle->runtime, SIGNET_EVENT_CLOSE, account);
  handle->account = NULL;
  if (handle->previous != NULL)
    handle->previous->next = handle->next;
  else
    handle->runtime->accounts = handle->next;
  if (handle->next != NULL)
    handle->next->previous = handle->previous;
  signet_account_close(account);
  return signet_journal_close(handle, error);
}

static int account_close(lua_State *L)
{
  signet_handle *handle = check(L);
  signet_error error = SIGNET_ERROR_INIT;

  if (handle->account != NULL && !end_account(handle, &error))
    return signet_lua_raise(L, &error);
  return 0;
}

/* audit() -> what the service doesn't show of what was written */
static int account_audit(lua_State *L)
{
  return signet_lua_audit(L, check(L));
}

void signet_handle_push(lua_State *L, const signet_handle *handle)
{
  lua_getfield(L, LUA_REGISTRYINDEX, ACCOUNTS);
  lua_rawgetp(L, -1, handle);
  lua_remove(L, -2);
}

/* A new handle, closed yet. Stack: +1. */
static signet_handle *push_handle(lua_State *L)
{
  signet_handle *handle = lua_newuserdatauv(L, sizeof *handle, USER_COUNT);

  handle->account = NULL;
  handle->job = NULL;
  handle->folder = NULL;
  luaL_setmetatable(L, ACCOUNT);
  lua_getfield(L, LUA_REGISTRYINDEX, ACCOUNTS);
  lua_pushvalue(L, -2);
  lua_rawsetp(L, -2, handle);
  lua_pop(L, 1);
  signet_collection_push(L, handle, SIGNET_SIGN);
  lua_setiuservalue(L, -2, USER_SIGNS);
  signet_collection_push(L, handle, SIGNET_TEMPLATE);
  lua_setiuservalue(L, -2, USER_TEMPLATES);
  return handle;
}

/* So that the job finds its account again when no script is there to name it:
 * settling comes before the script. Stack: unchanged. */
static bool keep_profile(lua_State *L, const signet_handle *handle,
                         signet_job *job, signet_error *error)
{
  char type[640];
  bool good = true;

  (void)snprintf(type, sizeof type, "profile:%s",
                 signet_account_identity(handle->account));
  if (lua_getfield(L, 1, "profile") == LUA_TSTRING)
    good = signet_job_keep_input(job, type, lua_tostring(L, -1), error);
  lua_pop(L, 1);
  return good;
}

/* Writes go into the host's journal, else into one of the account's own where
 * the options ask for it. Limits without a journal are guarded all the same. */
static void record(lua_State *L, signet_handle *handle,
                   const signet_settings *settings)
{
  const signet_runtime *runtime = handle->runtime;
  signet_error error = SIGNET_ERROR_INIT;
  bool limited = signet_journal_limits(L, 1);
  bool guarded = signet_journal_asked(L, 1) || limited;

  if (runtime->host.job != NULL) {
    if (!signet_job_attach(runtime->host.job, handle->account, &error) ||
        !keep_profile(L, handle, runtime->host.job, &error))
      signet_lua_raise(L, &error);
  } else if (guarded && runtime->host.overlay == NULL) {
    signet_journal_open(L, 1, handle, settings);
  }
}

/* From the loop, never from within Lua. */
static void on_pause(signet_account *account, int64_t milliseconds,
                     const char *reason, void *user)
{
  const signet_event event = {
      .type = SIGNET_EVENT_PAUSED, .reason = reason, .wait_ms = milliseconds};

  (void)account;
  signet_runtime_emit(user, &event);
}

static void on_rate(signet_account *account, double per_second, bool learned,
                    void *user)
{
  const signet_event event = {.type = SIGNET_EVENT_RATE,
                              .account = account,
                              .per_second = per_second,
                              .learned = learned};

  signet_runtime_emit(user, &event);
}

static void on_notice(signet_account *account, const char *text, void *user)
{
  const signet_event event = {.type = SIGNET_EVENT_LOG,
                              .level = "warning",
                              .text = text,
                              .length = strlen(text)};

  (void)account;
  signet_runtime_emit(user, &event);
}

static int account_connect(lua_State *L)
{
  signet_runtime *runtime = signet_runtime_of(L);
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  signet_error error = SIGNET_ERROR_INIT;
  signet_settings *settings;
  signet_handle *handle;

  if (lua_gettop(L) > 0 && lua_isnil(L, 1)) {
    return signet_lua_invalid(
        L, "signet.connect: the options are nil; connect() takes the account "
           "of the settings");
  }
  if (lua_gettop(L) == 0)
    lua_newtable(L);
  lua_settop(L, 1);
  luaL_checktype(L, 1, LUA_TTABLE);
  signet_lua_check_keys(L, 1, "signet.connect", option_names);
  settings = gather(L, runtime, 1);
  if (!signet_settings_options(settings, &options, &error))
    return signet_lua_raise(L, &error);
  handle = push_handle(L);
  options.overlay = runtime->host.overlay;
  handle->account = signet_account_open(runtime->loop, &options, &error);
  if (handle->account == NULL) {
    signet_settings_locate(settings, &error);
    return signet_lua_raise(L, &error);
  }
  signet_account_on_trace(handle->account, runtime->host.trace,
                          runtime->host.trace_user, runtime->host.trace_bytes);
  signet_account_on_pause(handle->account, on_pause, runtime);
  signet_account_on_rate(handle->account, on_rate, runtime);
  signet_account_on_notice(handle->account, on_notice, runtime);
  handle_link(runtime, handle);
  (void)lua_getfield(L, 1, "profile");
  signet_runtime_adopt(runtime, handle->account,
                       lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1)
                                                      : "");
  lua_pop(L, 1);
  record(L, handle, settings);
  signet_box_clear(lua_touserdata(L, 2));
  runtime->host.concurrency = options.concurrency;
  if (runtime->run.stop != SIGNET_STOP_NONE)
    signet_account_hold(handle->account, true);
  return 1;
}

/* request(method, path [, body]) */
static int account_request(lua_State *L)
{
  signet_handle *handle = check(L);
  signet_operation operation = SIGNET_OPERATION_INIT;

  lua_settop(L, 4);
  if (lua_type(L, 2) != LUA_TSTRING || lua_type(L, 3) != LUA_TSTRING)
    return signet_lua_invalid(L, "request: method and path are strings");
  if (strlen(lua_tostring(L, 2)) != lua_rawlen(L, 2) ||
      strlen(lua_tostring(L, 3)) != lua_rawlen(L, 3))
    return signet_lua_invalid(L, "request: method and path hold no NUL");
  operation.verb = SIGNET_REQUEST;
  operation.method = lua_tostring(L, 2);
  operation.path = lua_tostring(L, 3);
  if (!lua_isnil(L, 4)) {
    if (lua_type(L, 4) != LUA_TSTRING) {
      signet_lua_json_text(L, 4, "request: body");
      lua_replace(L, 4);
    }
    operation.body = lua_tolstring(L, 4, &operation.body_length);
  }
  return signet_lua_call(L, handle, &operation, SIGNET_RESULT_JSON);
}

static int account_requests(lua_State *L)
{
  const signet_account *account = signet_handle_account(L, check(L));

  lua_pushinteger(L, (lua_Integer)signet_account_requests(account));
  return 1;
}

/* time() -> the service's Unix seconds */
static int account_time(lua_State *L)
{
  const signet_handle *handle = check(L);
  const signet_account *account = signet_handle_account(L, handle);
  int64_t seconds = signet_account_service_time(account);

  if (seconds == 0) {
    signet_error error = SIGNET_ERROR_INIT;

    signet_lua_error_set(&error, SIGNET_ERROR_UNSUPPORTED,
                         "the service has not told its time: no reply had a "
                         "Date yet");
    return signet_lua_raise(L, &error);
  }
  signet_runtime_by_chance(handle->runtime);
  lua_pushinteger(L, (lua_Integer)seconds);
  return 1;
}

/* Upvalue: the methods. */
static int account_index(lua_State *L)
{
  signet_handle *handle = check(L);
  const char *name = lua_tostring(L, 2);
  int kind;

  if (lua_type(L, 2) != LUA_TSTRING)
    return 0;
  kind = signet_kind_of_collection(name);
  if (kind >= 0) {
    lua_getiuservalue(L, 1, kind == SIGNET_SIGN ? USER_SIGNS : USER_TEMPLATES);
  } else if (strcmp(name, "dialect") == 0) {
    lua_pushstring(L, signet_dialect_name(signet_account_dialect(
                          signet_handle_account(L, handle))));
  } else if (strcmp(name, "dry_run") == 0) {
    lua_pushboolean(L, signet_handle_account(L, handle) != NULL &&
                           handle->runtime->host.overlay != NULL);
  } else if (strcmp(name, "base_url") == 0) {
    lua_pushstring(L, signet_account_url(signet_handle_account(L, handle)));
  } else {
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
  }
  return 1;
}

static int account_tostring(lua_State *L)
{
  const signet_handle *handle = check(L);

  if (handle->account == NULL) {
    lua_pushliteral(L, "account (closed)");
  } else {
    lua_pushfstring(
        L, "account %s (%s)", signet_account_url(handle->account),
        signet_dialect_name(signet_account_dialect(handle->account)));
  }
  return 1;
}

void signet_account_open_library(lua_State *L)
{
  static const luaL_Reg methods[] = {{"requests", account_requests},
                                     {"audit", account_audit},
                                     {"time", account_time},
                                     {"close", account_close},
                                     {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", account_close},
                                  {"__close", account_close},
                                  {"__tostring", account_tostring},
                                  {NULL, NULL}};

  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "v");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_setfield(L, LUA_REGISTRYINDEX, ACCOUNTS);
  luaL_newmetatable(L, ACCOUNT);
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_pushcfunction(L, account_request);
  lua_setfield(L, -2, signet_verb_name(SIGNET_REQUEST));
  lua_pushcclosure(L, account_index, 1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  signet_collection_open(L);
  lua_pushcfunction(L, account_connect);
  lua_setfield(L, -2, "connect");
}
