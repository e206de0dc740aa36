/* SPDX-License-Identifier: MIT */
#include "lua/json.h"

#include "lua/box.h"
#include "lua/error.h"
#include "lua/record.h"
#include "lua/text.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* JSON for the service: sequences are arrays, cjson.null (the light userdata
 * NULL) is null. */

static void release_object(void *memory)
{
  (void)json_object_put(memory);
}

/* How many elements a table has if it is a sequence, else -1. An empty table
 * is an object: no call of the service takes an empty array. */
static lua_Integer sequence_length(lua_State *L, int index)
{
  lua_Integer count = 0, length = (lua_Integer)lua_rawlen(L, index);

  if (length == 0)
    return -1;
  lua_pushnil(L);
  while (lua_next(L, index)) {
    lua_pop(L, 1);
    count++;
  }
  return count == length ? length : -1;
}

static json_object *build(lua_State *L, int index, const char *what, int depth);

/* Builds the value on top and pops it. What is built already is in @p parent,
 * which a box owns, so that an error loses nothing. */
static void add(lua_State *L, json_object *parent, const char *name,
                const char *what, int depth)
{
  json_object *child = build(L, lua_gettop(L), what, depth);
  int result = name != NULL ? json_object_object_add(parent, name, child)
                            : json_object_array_add(parent, child);

  if (result != 0) {
    (void)json_object_put(child);
    signet_lua_no_memory(L);
  }
  lua_pop(L, 1);
}

static json_object *made(lua_State *L, json_object *object)
{
  if (object == NULL)
    signet_lua_no_memory(L);
  return object;
}

/* A container is owned by a box on the stack until it is complete. */
static json_object *taken(lua_State *L, signet_box *box)
{
  json_object *object = box->memory;

  box->memory = NULL;
  lua_pop(L, 1);
  return object;
}

static json_object *build_array(lua_State *L, int index, lua_Integer length,
                                const char *what, int depth)
{
  signet_box *box = signet_box_push(L, release_object);

  box->memory = made(L, json_object_new_array());
  for (lua_Integer i = 1; i <= length; i++) {
    lua_rawgeti(L, index, i);
    add(L, box->memory, NULL, what, depth);
  }
  return taken(L, box);
}

static json_object *build_object(lua_State *L, int index, const char *what,
                                 int depth)
{
  signet_box *box = signet_box_push(L, release_object);

  box->memory = made(L, json_object_new_object());
  lua_pushnil(L);
  while (lua_next(L, index)) {
    size_t length;
    const char *name;

    if (lua_type(L, -2) != LUA_TSTRING) {
      signet_lua_invalid(L,
                         "%s: a table must be a sequence or have only names "
                         "as keys, not a %s",
                         what, luaL_typename(L, -2));
    }
    name = lua_tolstring(L, -2, &length);
    if (strlen(name) != length || !signet_lua_utf8_valid(name, length))
      signet_lua_invalid(L, "%s: a name in it is not UTF-8 text", what);
    add(L, box->memory, name, what, depth);
  }
  return taken(L, box);
}

static json_object *build_number(lua_State *L, int index, const char *what)
{
  if (lua_isinteger(L, index))
    return json_object_new_int64(lua_tointeger(L, index));
  if (!isfinite(lua_tonumber(L, index)))
    signet_lua_invalid(L, "%s: JSON has no infinite number and no NaN", what);
  return json_object_new_double(lua_tonumber(L, index));
}

static json_object *build_string(lua_State *L, int index, const char *what)
{
  size_t length;
  const char *text = lua_tolstring(L, index, &length);

  if (length > INT32_MAX || !signet_lua_utf8_valid(text, length))
    signet_lua_invalid(L, "%s: a text in it is not UTF-8", what);
  return json_object_new_string_len(text, (int)length);
}

/* Records and lists are written as the tables that totable() makes of them. */
static json_object *build_table(lua_State *L, int index, const char *what,
                                int depth)
{
  lua_Integer length = sequence_length(L, index);

  if (depth >= SIGNET_LUA_DEPTH) {
    signet_lua_invalid(L, "%s: more than %d levels of tables", what,
                       SIGNET_LUA_DEPTH);
  }
  return length >= 0 ? build_array(L, index, length, what, depth + 1)
                     : build_object(L, index, what, depth + 1);
}

static json_object *build_userdata(lua_State *L, int index, const char *what,
                                   int depth)
{
  json_object *object;

  if (signet_lua_record_at(L, index) == NULL &&
      signet_lua_list_at(L, index) == NULL)
    signet_lua_invalid(L, "%s: a userdata can't be written as JSON", what);
  signet_lua_table_push(L, index);
  object = build_table(L, lua_gettop(L), what, depth);
  lua_pop(L, 1);
  return object;
}

/* The value at @p index as an object of its own; NULL is JSON null. Stack:
 * unchanged. */
static json_object *build(lua_State *L, int index, const char *what, int depth)
{
  luaL_checkstack(L, 8, "JSON");
  switch (lua_type(L, index)) {
  case LUA_TBOOLEAN:
    return made(L, json_object_new_boolean(lua_toboolean(L, index)));
  case LUA_TNUMBER:
    return made(L, build_number(L, index, what));
  case LUA_TSTRING:
    return made(L, build_string(L, index, what));
  case LUA_TTABLE:
    return build_table(L, index, what, depth);
  case LUA_TUSERDATA:
    return build_userdata(L, index, what, depth);
  case LUA_TNIL:
    return NULL;
  case LUA_TLIGHTUSERDATA:
    if (lua_touserdata(L, index) == NULL)
      return NULL;
    break;
  default:
    break;
  }
  signet_lua_invalid(L, "%s: a %s can't be written as JSON", what,
                     luaL_typename(L, index));
  return NULL;
}

/* Stack: +1, the text. */
void signet_lua_json_text(lua_State *L, int index, const char *what)
{
  signet_box *box;
  size_t length;
  const char *text;

  index = lua_absindex(L, index);
  box = signet_box_push(L, release_object);
  box->memory = build(L, index, what, 0);
  text = json_object_to_json_string_length(
      box->memory, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
      &length);
  if (text == NULL)
    signet_lua_no_memory(L);
  lua_pushlstring(L, text, length);
  signet_box_clear(box);
  lua_replace(L, -2);
}
