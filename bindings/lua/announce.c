/* SPDX-License-Identifier: MIT */
/* What announce.lua is made of. */

#include "lua/announce.h"

#include "lua/account.h"
#include "lua/error.h"
#include "lua/handle.h"
#include "lua/record.h"
static signet_handle *handle_at(lua_State *L, int index)
{
  return luaL_checkudata(L, index, "signet.account");
}

/* only_account() -> the account that is open, where there is one. */
static int internal_only_account(lua_State *L)
{
  const signet_runtime *runtime = signet_runtime_of(L);
  const signet_handle *first = runtime->accounts;

  if (first == NULL) {
    return signet_lua_invalid(L, "signet.announce: connect to the account "
                                 "first");
  }
  if (first->next != NULL) {
    return signet_lua_invalid(L, "signet.announce: several accounts are open: "
                                 "say which one with account = …");
  }
  signet_handle_push(L, first);
  return 1;
}

/* kind(record) -> 1: a signature, 2: a template, nil: it is no record */
static int internal_kind(lua_State *L)
{
  const signet_record *record = signet_lua_record_at(L, 1);

  if (record == NULL)
    lua_pushnil(L);
  else
    lua_pushinteger(L, 1 + (lua_Integer)signet_record_kind(record));
  return 1;
}

/* protects(account, record, deletes) -> why, or nil */
static int internal_protects(lua_State *L)
{
  const signet_account *account = signet_handle_account(L, handle_at(L, 1));
  const signet_record *record = signet_lua_record_at(L, 2);
  signet_error error = SIGNET_ERROR_INIT;

  if (record == NULL ||
      !signet_account_protects(account, record, lua_toboolean(L, 3), &error))
    return 0;
  if (error.kind != SIGNET_ERROR_REFUSED)
    return signet_lua_raise(L, &error);
  lua_pushstring(L, error.message);
  return 1;
}

/* refuse(sentence): raises it as a refusal */
static int internal_refuse(lua_State *L)
{
  signet_error error = SIGNET_ERROR_INIT;

  signet_lua_error_set(&error, SIGNET_ERROR_REFUSED, "%s",
                       luaL_checkstring(L, 1));
  error.outcome = SIGNET_OUTCOME_NOT_SENT;
  return signet_lua_raise(L, &error);
}

static signet_job_amount amount_at(lua_State *L, int index)
{
  int64_t numbers[3];

  for (int i = 0; i < 3; i++) {
    lua_geti(L, index, i + 1);
    numbers[i] = luaL_checkinteger(L, -1);
    lua_pop(L, 1);
  }
  return (signet_job_amount){numbers[0], numbers[1], numbers[2]};
}

/* announce(account, creates, updates, deletes) -> which entries to list first,
 * or nil: it was judged. Raises where it is refused. */
static int internal_announce(lua_State *L)
{
  signet_runtime *runtime = signet_runtime_of(L);
  signet_handle *handle = handle_at(L, 1);
  signet_account *account = signet_handle_account(L, handle);
  signet_job *job = runtime->host.job != NULL ? runtime->host.job : handle->job;
  signet_job_announcement announcement;
  signet_error error = SIGNET_ERROR_INIT;
  signet_kind kind;

  if (job == NULL)
    return 0;
  announcement.creates = amount_at(L, 2);
  announcement.updates = amount_at(L, 3);
  announcement.deletes = amount_at(L, 4);
  if (signet_job_announce_needs(job, account, &announcement, &kind)) {
    lua_pushstring(L, signet_kind_collection(kind));
    return 1;
  }
  if (!signet_job_announce(job, account, &announcement, &error))
    return signet_lua_raise(L, &error);
  return 0;
}

void signet_announce_open(lua_State *L)
{
  static const luaL_Reg functions[] = {
      {"only_account", internal_only_account}, {"kind", internal_kind},
      {"protects", internal_protects},         {"refuse", internal_refuse},
      {"announce", internal_announce},         {NULL, NULL}};

  luaL_setfuncs(L, functions, 0);
}
