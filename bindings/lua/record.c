/* SPDX-License-Identifier: MIT */
#include "lua/record.h"

#include "lua/error.h"
#include "lua/json_read.h"
#include "lua/text.h"

#include <string.h>

/*
 * Lists and records are userdata over libsignet's memory: a record points into
 * its list and keeps it alive through its user value. Nothing is copied before
 * a field is read.
 */

static const char LIST[] = "signet.list";
static const char RECORD[] = "signet.record";

/* The collector can't see what a list holds; it is told in steps of this. */
enum { COLLECT_BYTES = 4 << 20 };

typedef struct list_userdata {
  signet_list *list;
} list_userdata;

typedef struct record_userdata {
  const signet_record *record;
} record_userdata;

static const signet_record *check_record(lua_State *L, int index)
{
  return ((record_userdata *)luaL_checkudata(L, index, RECORD))->record;
}

static signet_list *check_list(lua_State *L, int index)
{
  return ((list_userdata *)luaL_checkudata(L, index, LIST))->list;
}

const signet_record *signet_lua_record_at(lua_State *L, int index)
{
  record_userdata *userdata = luaL_testudata(L, index, RECORD);

  return userdata != NULL ? userdata->record : NULL;
}

signet_list *signet_lua_list_at(lua_State *L, int index)
{
  list_userdata *userdata = luaL_testudata(L, index, LIST);

  return userdata != NULL ? userdata->list : NULL;
}

/* Stack: +1, the list. */
void signet_lua_list_push(lua_State *L, signet_list *list)
{
  signet_runtime *runtime = signet_runtime_of(L);
  list_userdata *userdata = lua_newuserdatauv(L, sizeof *userdata, 0);

  userdata->list = NULL;
  luaL_setmetatable(L, LIST);
  userdata->list = signet_list_retain(list);
  runtime->list_bytes += signet_list_memory(list);
  if (runtime->list_bytes >= COLLECT_BYTES) {
    size_t kilobytes = runtime->list_bytes >> 10;

    runtime->list_bytes = 0;
    lua_gc(L, LUA_GCSTEP, kilobytes < INT32_MAX ? (int)kilobytes : INT32_MAX);
  }
}

/* Stack: +1, the record. */
void signet_lua_record_push(lua_State *L, int list_index, size_t index)
{
  signet_list *list = check_list(L, list_index);
  record_userdata *userdata;

  list_index = lua_absindex(L, list_index);
  userdata = lua_newuserdatauv(L, sizeof *userdata, 1);
  userdata->record = signet_list_at(list, index);
  lua_pushvalue(L, list_index);
  lua_setiuservalue(L, -2, 1);
  luaL_setmetatable(L, RECORD);
}

/* Stack: +1, the value. */
void signet_lua_value_push(lua_State *L, const signet_value *value)
{
  switch (value->type) {
  case SIGNET_NULL:
    lua_pushnil(L);
    break;
  case SIGNET_BOOLEAN:
    lua_pushboolean(L, value->as.boolean);
    break;
  case SIGNET_INTEGER:
    lua_pushinteger(L, value->as.integer);
    break;
  case SIGNET_NUMBER:
    lua_pushnumber(L, value->as.number);
    break;
  case SIGNET_STRING:
  case SIGNET_CONTAINS:
    lua_pushlstring(L, value->as.text.data, value->as.text.length);
    break;
  case SIGNET_JSON:
    signet_lua_json_push(L, value->as.text.data, value->as.text.length);
    break;
  }
}

static void push_record_table(lua_State *L, const signet_record *record)
{
  size_t count = signet_record_count(record);
  const char *name;
  signet_value value;

  lua_createtable(L, 0, (int)count);
  for (size_t i = 0; signet_record_at(record, i, &name, &value); i++) {
    signet_lua_value_push(L, &value);
    lua_setfield(L, -2, name);
  }
}

/* Stack: +1, a table. */
void signet_lua_table_push(lua_State *L, int index)
{
  const signet_record *record = signet_lua_record_at(L, index);
  signet_list *list;
  size_t count;

  if (record != NULL) {
    push_record_table(L, record);
    return;
  }
  list = check_list(L, index);
  count = signet_list_count(list);
  lua_createtable(L, count < INT32_MAX ? (int)count : 0, 0);
  for (size_t i = 0; i < count; i++) {
    push_record_table(L, signet_list_at(list, i));
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

static int to_table(lua_State *L)
{
  signet_lua_table_push(L, 1);
  return 1;
}

/* --- records --- */

/* Upvalues: the metatable of records, "totable"'s function. The commonest
 * access of all: the type is checked by identity, without a look-up. */
static int record_index(lua_State *L)
{
  record_userdata *userdata = lua_touserdata(L, 1);
  const char *name;
  size_t length;
  signet_value value;

  if (userdata == NULL || !lua_getmetatable(L, 1) ||
      !lua_rawequal(L, -1, lua_upvalueindex(1)))
    return luaL_typeerror(L, 1, RECORD);
  if (lua_type(L, 2) != LUA_TSTRING)
    return 0;
  name = lua_tolstring(L, 2, &length);
  if (signet_record_find(userdata->record, name, length, &value)) {
    signet_lua_value_push(L, &value);
    return 1;
  }
  if (length == 7 && memcmp(name, "totable", 7) == 0) {
    lua_pushvalue(L, lua_upvalueindex(2));
    return 1;
  }
  return 0;
}

static int record_newindex(lua_State *L)
{
  (void)check_record(L, 1);
  return signet_lua_invalid(
      L,
      "a record can't be written to (field \"%.64s\"): it is what the "
      "service answered; use update(), or totable() for a copy",
      luaL_tolstring(L, 2, NULL));
}

static int record_length(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)signet_record_count(check_record(L, 1)));
  return 1;
}

static int record_equal(lua_State *L)
{
  const signet_record *left = signet_lua_record_at(L, 1);

  lua_pushboolean(L, left != NULL && left == signet_lua_record_at(L, 2));
  return 1;
}

/* Upvalue: the index of the next field. */
static int record_next(lua_State *L)
{
  const signet_record *record = check_record(L, 1);
  lua_Integer index = lua_tointeger(L, lua_upvalueindex(1));
  const char *name;
  signet_value value;

  if (!signet_record_at(record, (size_t)index, &name, &value))
    return 0;
  lua_pushinteger(L, index + 1);
  lua_replace(L, lua_upvalueindex(1));
  lua_pushstring(L, name);
  signet_lua_value_push(L, &value);
  return 2;
}

static int record_pairs(lua_State *L)
{
  (void)check_record(L, 1);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, record_next, 1);
  lua_pushvalue(L, 1);
  return 2;
}

/* "987654321 Company Name (approved)" */
static int record_tostring(lua_State *L)
{
  const signet_record *record = check_record(L, 1);
  bool template = signet_record_kind(record) == SIGNET_TEMPLATE;
  char id[24];
  signet_value name = {0};
  int64_t status = signet_record_integer(record, "status", 0);
  const char *word = signet_status_name(status);

  lua_pushstring(L, signet_record_id(record, id, sizeof id));
  if (signet_record_get(record, template ? "template_name" : "sign_name",
                        &name) &&
      name.type == SIGNET_STRING) {
    lua_pushliteral(L, " ");
    signet_lua_push_shown(L, name.as.text.data, name.as.text.length);
    lua_concat(L, 3);
  }
  if (word != NULL) {
    lua_pushfstring(L, " (%s)", word);
    lua_concat(L, 2);
  } else if (status != 0) {
    lua_pushfstring(L, " (status %I)", (LUAI_UACINT)status);
    lua_concat(L, 2);
  }
  return 1;
}

/* --- lists --- */

static int list_gc(lua_State *L)
{
  list_userdata *userdata = luaL_checkudata(L, 1, LIST);

  signet_list_release(userdata->list);
  userdata->list = NULL;
  return 0;
}

/* Upvalues: the metatables of lists and records, "totable"'s function. */
static int list_index(lua_State *L)
{
  list_userdata *userdata = lua_touserdata(L, 1);
  record_userdata *item;
  const signet_record *record;
  lua_Integer index;

  if (userdata == NULL || !lua_getmetatable(L, 1) ||
      !lua_rawequal(L, -1, lua_upvalueindex(1)))
    return luaL_typeerror(L, 1, LIST);
  if (!lua_isinteger(L, 2)) {
    bool method = lua_type(L, 2) == LUA_TSTRING &&
                  strcmp(lua_tostring(L, 2), "totable") == 0;

    lua_pushvalue(L, lua_upvalueindex(3));
    return method ? 1 : 0;
  }
  index = lua_tointeger(L, 2);
  record = index < 1 ? NULL : signet_list_at(userdata->list, (size_t)index - 1);
  if (record == NULL)
    return 0;
  item = lua_newuserdatauv(L, sizeof *item, 1);
  item->record = record;
  lua_pushvalue(L, 1);
  lua_setiuservalue(L, -2, 1);
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_setmetatable(L, -2);
  return 1;
}

static int list_newindex(lua_State *L)
{
  (void)check_list(L, 1);
  return signet_lua_invalid(L, "a list can't be written to: it is what the "
                               "service answered; totable() gives a copy");
}

static int list_length(lua_State *L)
{
  lua_pushinteger(L, (lua_Integer)signet_list_count(check_list(L, 1)));
  return 1;
}

static int list_next(lua_State *L)
{
  lua_Integer index = luaL_checkinteger(L, 2) + 1;

  lua_settop(L, 1);
  lua_pushinteger(L, index);
  lua_geti(L, 1, index);
  return lua_isnil(L, -1) ? 1 : 2;
}

/* pairs(list) gives what ipairs(list) does. */
static int list_pairs(lua_State *L)
{
  (void)check_list(L, 1);
  lua_pushcfunction(L, list_next);
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 0);
  return 3;
}

static int list_tostring(lua_State *L)
{
  size_t count = signet_list_count(check_list(L, 1));

  lua_pushfstring(L, "list of %I %s", (LUAI_UACINT)count,
                  count == 1 ? "record" : "records");
  return 1;
}

/* Stack: unchanged; the two metatables are in the registry afterwards. */
void signet_record_open(lua_State *L)
{
  static const luaL_Reg record[] = {
      {"__newindex", record_newindex}, {"__len", record_length},
      {"__eq", record_equal},          {"__pairs", record_pairs},
      {"__tostring", record_tostring}, {NULL, NULL}};
  static const luaL_Reg list[] = {{"__gc", list_gc},
                                  {"__newindex", list_newindex},
                                  {"__len", list_length},
                                  {"__pairs", list_pairs},
                                  {"__tostring", list_tostring},
                                  {NULL, NULL}};

  luaL_newmetatable(L, LIST);
  luaL_newmetatable(L, RECORD);
  luaL_setfuncs(L, record, 0);
  lua_pushvalue(L, -1);
  lua_pushcfunction(L, to_table);
  lua_pushcclosure(L, record_index, 2);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, false);
  lua_setfield(L, -2, "__metatable");

  lua_pushvalue(L, -2);
  luaL_setfuncs(L, list, 0);
  lua_pushboolean(L, false);
  lua_setfield(L, -2, "__metatable");
  lua_pushvalue(L, -2);
  lua_pushcfunction(L, to_table);
  lua_pushcclosure(L, list_index, 3);
  lua_setfield(L, -3, "__index");
  lua_pop(L, 2);
}
