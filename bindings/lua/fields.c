/* SPDX-License-Identifier: MIT */
#include "lua/fields.h"

#include "lua/error.h"
#include "lua/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Arguments of scripts, checked: what core would refuse anyway is left to it,
 * what Lua could blur (floats, numbers as text) is settled here. */

/* Borrowed from the stack: an integer is replaced by its digits there. */
const char *signet_lua_id(lua_State *L, int index, size_t *length)
{
  if (lua_type(L, index) == LUA_TNUMBER && !lua_isinteger(L, index)) {
    signet_lua_invalid(L,
                       "an id is a string of digits or an integer, not the "
                       "float %s: floats lose digits",
                       luaL_tolstring(L, index, NULL));
  }
  if (lua_type(L, index) != LUA_TSTRING && !lua_isinteger(L, index)) {
    signet_lua_invalid(L, "an id is a string of digits or an integer, not %s",
                       lua_isnoneornil(L, index) ? "nil"
                                                 : luaL_typename(L, index));
  }
  return lua_tolstring(L, index, length);
}

static bool is_id(const char *name)
{
  return strcmp(name, "sign_id") == 0 || strcmp(name, "template_id") == 0;
}

int64_t signet_lua_status(lua_State *L, int index)
{
  int status;

  if (lua_isinteger(L, index))
    return lua_tointeger(L, index);
  status = lua_type(L, index) == LUA_TSTRING
               ? signet_status_number(lua_tostring(L, index))
               : 0;
  if (status == 0) {
    signet_lua_invalid(L,
                       "status: \"%.64s\" is none of \"pending\", "
                       "\"approved\", \"rejected\" and no integer",
                       luaL_tolstring(L, index, NULL));
  }
  return status;
}

/* An id as the dialect's records hold it: text in one, integers in the other.
 * Digits only; anything else stays as it is and the rules decide. */
static void id_value(lua_State *L, int index, signet_dialect dialect,
                     signet_value *value)
{
  size_t length;
  const char *text = signet_lua_id(L, index, &length);
  int integer;

  value->type = SIGNET_STRING;
  value->as.text.data = text;
  value->as.text.length = length;
  if (signet_dialect_has_integer_ids(dialect) &&
      lua_stringtonumber(L, text) == length + 1) {
    value->as.integer = lua_tointegerx(L, -1, &integer);
    value->type = SIGNET_INTEGER;
    lua_pop(L, 1);
  }
}

/* { contains = "text" }. Stack: unchanged; the text lives on in the table. */
static void contains_value(lua_State *L, int index, const char *name,
                           signet_value *value)
{
  static const char *const names[] = {"contains", NULL};
  char what[80];

  snprintf(what, sizeof what, "%.64s", name);
  signet_lua_check_keys(L, index, what, names);
  if (lua_getfield(L, index, "contains") != LUA_TSTRING ||
      lua_rawlen(L, -1) == 0)
    signet_lua_invalid(L, "%.64s: contains must be some text", name);
  value->type = SIGNET_CONTAINS;
  value->as.text.data = lua_tolstring(L, -1, &value->as.text.length);
  lua_pop(L, 1);
}

/* cjson makes a float of every number. Ids, which may have more digits than one
 * holds, are not read here. */
static bool is_whole(lua_State *L, int index)
{
  static const lua_Number exact = 9007199254740992.0; /* 2^53 */
  lua_Number number = lua_tonumber(L, index);
  int whole = 0;
  if (number > -exact && number < exact)
    (void)lua_tointegerx(L, index, &whole);
  return whole != 0;
}

static void plain_value(lua_State *L, int index, const char *name,
                        signet_value *value)
{
  if (lua_isboolean(L, index)) {
    value->type = SIGNET_BOOLEAN;
    value->as.boolean = lua_toboolean(L, index);
  } else if (lua_isinteger(L, index)) {
    value->type = SIGNET_INTEGER;
    value->as.integer = lua_tointeger(L, index);
  } else if (lua_type(L, index) == LUA_TNUMBER && is_whole(L, index)) {
    value->type = SIGNET_INTEGER;
    value->as.integer = lua_tointeger(L, index);
  } else if (lua_type(L, index) == LUA_TNUMBER) {
    value->type = SIGNET_NUMBER;
    value->as.number = lua_tonumber(L, index);
  } else if (lua_type(L, index) == LUA_TSTRING) {
    value->type = SIGNET_STRING;
    value->as.text.data = lua_tolstring(L, index, &value->as.text.length);
  } else if (lua_islightuserdata(L, index) && !lua_touserdata(L, index)) {
    value->type = SIGNET_NULL;
  } else {
    signet_lua_invalid(L,
                       "%.64s: a field is text, a number or a boolean, not "
                       "a %s",
                       name, luaL_typename(L, index));
  }
}

/* Stack: unchanged, except that an integer id becomes text. */
static void set_field(lua_State *L, signet_fields *fields, int name_index,
                      signet_dialect dialect, bool filter)
{
  int index = name_index + 1;
  signet_value value = {0};
  size_t length;
  const char *name;

  if (lua_type(L, name_index) != LUA_TSTRING) {
    signet_lua_invalid(L, "fields have names, not keys of type %s",
                       luaL_typename(L, name_index));
  }
  name = lua_tolstring(L, name_index, &length);
  if (strlen(name) != length)
    signet_lua_invalid(L, "a field's name holds a NUL");
  if (is_id(name)) {
    id_value(L, index, dialect, &value);
  } else if (strcmp(name, "status") == 0) {
    value.type = SIGNET_INTEGER;
    value.as.integer = signet_lua_status(L, index);
  } else if (filter && lua_istable(L, index)) {
    contains_value(L, index, name, &value);
  } else {
    plain_value(L, index, name, &value);
  }
  if (!signet_fields_set(fields, name, &value))
    signet_lua_no_memory(L);
}

static void fields_of_table(lua_State *L, int index, signet_fields *fields,
                            signet_dialect dialect, bool filter)
{
  lua_pushnil(L);
  while (lua_next(L, index)) {
    set_field(L, fields, lua_gettop(L) - 1, dialect, filter);
    lua_pop(L, 1);
  }
}

/* The runtime holds them until the next ones are made, which costs less than
 * something for the collector: calls copy what they are given. */
static const signet_fields *read_fields(lua_State *L, int index,
                                        signet_dialect dialect, bool filter)
{
  signet_runtime *runtime = signet_runtime_of(L);

  index = lua_absindex(L, index);
  if (!lua_istable(L, index)) {
    signet_lua_invalid(L, "a table of fields is needed, not %s",
                       lua_isnoneornil(L, index) ? "nil"
                                                 : luaL_typename(L, index));
  }
  signet_fields_free(runtime->fields);
  runtime->fields = signet_fields_new();
  if (runtime->fields == NULL)
    signet_lua_no_memory(L);
  fields_of_table(L, index, runtime->fields, dialect, filter);
  return runtime->fields;
}

const signet_fields *signet_lua_fields(lua_State *L, int index,
                                       signet_dialect dialect)
{
  return read_fields(L, index, dialect, false);
}

const signet_fields *signet_lua_filter(lua_State *L, int index,
                                       signet_dialect dialect)
{
  return read_fields(L, index, dialect, true);
}

static bool is_among(const char *name, const char *const *names)
{
  while (*names != NULL && strcmp(*names, name) != 0)
    names++;
  return *names != NULL;
}

/* "a, b, c". Stack: +1, the text. */
static const char *push_names(lua_State *L, const char *const *names)
{
  luaL_Buffer out;

  luaL_buffinit(L, &out);
  for (size_t i = 0; names[i] != NULL; i++) {
    luaL_addstring(&out, i > 0 ? ", " : "");
    luaL_addstring(&out, names[i]);
  }
  luaL_pushresult(&out);
  return lua_tostring(L, -1);
}

void signet_lua_check_keys(lua_State *L, int index, const char *what,
                           const char *const *names)
{
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING ||
        !is_among(lua_tostring(L, -1), names)) {
      size_t length;
      const char *name = luaL_tolstring(L, -1, &length);

      signet_lua_push_shown(L, name, length);
      name = lua_tostring(L, -1);
      signet_lua_invalid(L, "%s: there is no \"%.64s\"; it takes %s", what,
                         name, push_names(L, names));
    }
  }
}

int64_t signet_lua_milliseconds(lua_State *L, int index, const char *what,
                                int64_t absent)
{
  lua_Number seconds = lua_tonumber(L, index);

  if (lua_isnoneornil(L, index))
    return absent;
  /* 1e9 seconds are 31 years; the comparison refuses NaN too. */
  if (lua_type(L, index) != LUA_TNUMBER || !(seconds >= 0 && seconds <= 1e9)) {
    signet_lua_invalid(L,
                       "%s: a number of seconds from 0 to 1e9 is needed, "
                       "not %.64s",
                       what, luaL_tolstring(L, index, NULL));
  }
  return (int64_t)ceil(seconds * 1000);
}
