/* SPDX-License-Identifier: MIT */
#include "lua/collection.h"

#include "lua/call.h"
#include "lua/error.h"
#include "lua/fields.h"
#include "lua/handle.h"
#include "lua/record.h"
/* sms.signs and sms.templates: the same verbs on two kinds of entries. */

static const char COLLECTION[] = "signet.collection";

typedef struct collection {
  signet_handle *handle; /* kept alive by the user value */
  signet_kind kind;
} collection;

static collection *check(lua_State *L)
{
  collection *self = luaL_testudata(L, 1, COLLECTION);

  if (self == NULL)
    luaL_argerror(L, 1, "a colon calls this, as in sms.signs:list()");
  return self;
}

static signet_operation operation_of(const collection *self, signet_verb verb)
{
  signet_operation operation = SIGNET_OPERATION_INIT;

  operation.kind = self->kind;
  operation.verb = verb;
  return operation;
}

static signet_dialect dialect_of(lua_State *L, const collection *self)
{
  return signet_account_dialect(signet_handle_account(L, self->handle));
}

/* nil is no argument that was left out, but one that was lost: it must not mean
 * what is meant where nothing is said. */
static void check_given(lua_State *L, int index, const char *sentence)
{
  if (lua_gettop(L) >= index && lua_isnil(L, index))
    signet_lua_invalid(L, "%s", sentence);
}

/* list and find. Stack: any, results on top. */
static int list_as(lua_State *L, signet_result result, const char *lost)
{
  collection *self = check(L);
  signet_dialect dialect = dialect_of(L, self);
  signet_operation operation = operation_of(self, SIGNET_LIST);

  check_given(L, 2, lost);
  lua_settop(L, 2);
  if (!lua_isnil(L, 2))
    operation.fields = signet_lua_filter(L, 2, dialect);
  return signet_lua_call(L, self->handle, &operation, result);
}

static int collection_list(lua_State *L)
{
  return list_as(L, SIGNET_RESULT_LIST,
                 "list: the filter is nil; list() gives all entries");
}

static int collection_find(lua_State *L)
{
  return list_as(L, SIGNET_RESULT_FIRST,
                 "find: the filter is nil; find() gives the first entry");
}

static int collection_get(lua_State *L)
{
  collection *self = check(L);
  signet_operation operation = operation_of(self, SIGNET_GET);

  operation.id = signet_lua_id(L, 2, &operation.id_length);
  return signet_lua_call(L, self->handle, &operation, SIGNET_RESULT_RECORD);
}

static int collection_create(lua_State *L)
{
  collection *self = check(L);
  signet_operation operation = operation_of(self, SIGNET_CREATE);

  operation.fields = signet_lua_fields(L, 2, dialect_of(L, self));
  return signet_lua_call(L, self->handle, &operation, SIGNET_RESULT_ID);
}

static int collection_update(lua_State *L)
{
  collection *self = check(L);
  signet_operation operation = operation_of(self, SIGNET_UPDATE);

  operation.id = signet_lua_id(L, 2, &operation.id_length);
  operation.fields = signet_lua_fields(L, 3, dialect_of(L, self));
  return signet_lua_call(L, self->handle, &operation, SIGNET_RESULT_TRUE);
}

static int collection_delete(lua_State *L)
{
  collection *self = check(L);
  signet_operation operation = operation_of(self, SIGNET_DELETE);

  operation.id = signet_lua_id(L, 2, &operation.id_length);
  return signet_lua_call(L, self->handle, &operation, SIGNET_RESULT_TRUE);
}

/* wait(id, { status =, timeout = }) */
static int collection_wait(lua_State *L)
{
  static const char *const names[] = {"status", "timeout", NULL};
  collection *self = check(L);
  signet_operation operation = operation_of(self, SIGNET_WAIT);

  operation.id = signet_lua_id(L, 2, &operation.id_length);
  operation.status = SIGNET_STATUS_APPROVED;
  check_given(L, 3,
              "wait: the options are nil; wait(id) waits until the entry is "
              "approved");
  lua_settop(L, 3);
  if (!lua_isnil(L, 3)) {
    luaL_checktype(L, 3, LUA_TTABLE);
    signet_lua_check_keys(L, 3, signet_verb_name(SIGNET_WAIT), names);
    if (lua_getfield(L, 3, "status") != LUA_TNIL)
      operation.status = signet_lua_status(L, -1);
    lua_getfield(L, 3, "timeout");
    operation.timeout_ms = signet_lua_milliseconds(L, -1, "timeout", -1);
  }
  return signet_lua_call(L, self->handle, &operation, SIGNET_RESULT_RECORD);
}

/* alike(name [, id]) -> the signature, other than that of the id, whose name is
 * another one and looks the same, in the last list that was read; or nil */
static int collection_alike(lua_State *L)
{
  collection *self = check(L);
  signet_account *account = signet_handle_account(L, self->handle);
  size_t name_length, id_length, index;
  const char *name = luaL_checklstring(L, 2, &name_length), *id = NULL;
  signet_list *list;

  if (self->kind != SIGNET_SIGN) {
    return signet_lua_invalid(L, "alike: only names of signatures are compared "
                                 "so");
  }
  check_given(L, 3, "alike: the id is nil; alike(name) compares with all");
  if (lua_gettop(L) >= 3)
    id = signet_lua_id(L, 3, &id_length);
  list = signet_sign_alike(account, name, name_length, id, &index);
  if (list == NULL) {
    lua_pushnil(L);
  } else {
    signet_lua_list_push(L, list);
    signet_lua_record_push(L, -1, index);
  }
  return 1;
}

static int collection_tostring(lua_State *L)
{
  collection *self = check(L);

  lua_pushstring(L, signet_kind_collection(self->kind));
  return 1;
}

static void add_verb(lua_State *L, signet_verb verb, lua_CFunction function)
{
  lua_pushcfunction(L, function);
  lua_setfield(L, -2, signet_verb_name(verb));
}

void signet_collection_open(lua_State *L)
{
  static const luaL_Reg methods[] = {
      {"find", collection_find}, {"alike", collection_alike}, {NULL, NULL}};

  luaL_newmetatable(L, COLLECTION);
  luaL_newlib(L, methods);
  add_verb(L, SIGNET_LIST, collection_list);
  add_verb(L, SIGNET_GET, collection_get);
  add_verb(L, SIGNET_CREATE, collection_create);
  add_verb(L, SIGNET_UPDATE, collection_update);
  add_verb(L, SIGNET_DELETE, collection_delete);
  add_verb(L, SIGNET_WAIT, collection_wait);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, collection_tostring);
  lua_setfield(L, -2, "__tostring");
  lua_pop(L, 1);
}

void signet_collection_push(lua_State *L, signet_handle *handle,
                            signet_kind kind)
{
  collection *self = lua_newuserdatauv(L, sizeof *self, 1);

  self->handle = handle;
  self->kind = kind;
  lua_pushvalue(L, -2);
  lua_setiuservalue(L, -2, 1);
  luaL_setmetatable(L, COLLECTION);
}
