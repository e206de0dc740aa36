/* SPDX-License-Identifier: MIT */
#include "lua/values.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* JSON of the service, integers exact: null is cjson.null (the light userdata
 * NULL), arrays are sequences. */

static void release_object(void *memory)
{
  (void)json_object_put(memory);
}

static void release_tokener(void *memory)
{
  json_tokener_free(memory);
}

static void push_value(lua_State *L, json_object *object);

static void push_array(lua_State *L, json_object *array)
{
  size_t count = json_object_array_length(array);

  lua_createtable(L, count < INT32_MAX ? (int)count : 0, 0);
  for (size_t i = 0; i < count; i++) {
    push_value(L, json_object_array_get_idx(array, i));
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}

static void push_object(lua_State *L, json_object *object)
{
  lua_createtable(L, 0, json_object_object_length(object));
  json_object_object_foreach(object, name, value)
  {
    push_value(L, value);
    lua_setfield(L, -2, name);
  }
}

/* Stack: +1, the integer; one beyond Lua's, for which json-c would give the
 * nearest, as the string of its digits. */
static void push_integer(lua_State *L, json_object *object)
{
  uint64_t beyond = json_object_get_uint64(object);
  char digits[24];

  if (beyond > INT64_MAX) {
    (void)snprintf(digits, sizeof digits, "%" PRIu64, beyond);
    lua_pushstring(L, digits);
  } else {
    lua_pushinteger(L, json_object_get_int64(object));
  }
}

/* Stack: +1, the value. The parser has bounded the depth. */
static void push_value(lua_State *L, json_object *object)
{
  luaL_checkstack(L, 4, "JSON");
  switch (json_object_get_type(object)) {
  case json_type_null:
    lua_pushlightuserdata(L, NULL);
    break;
  case json_type_boolean:
    lua_pushboolean(L, json_object_get_boolean(object));
    break;
  case json_type_int:
    push_integer(L, object);
    break;
  case json_type_double:
    lua_pushnumber(L, json_object_get_double(object));
    break;
  case json_type_string:
    lua_pushlstring(L, json_object_get_string(object),
                    (size_t)json_object_get_string_len(object));
    break;
  case json_type_array:
    push_array(L, object);
    break;
  case json_type_object:
    push_object(L, object);
    break;
  }
}

static bool only_space(const char *text, size_t from, size_t length)
{
  while (from < length && strchr(" \t\r\n", text[from]) != NULL &&
         text[from] != '\0') {
    from++;
  }
  return from >= length;
}

/* Stack: +1, the decoded value. */
void signet_lua_json_push(lua_State *L, const char *text, size_t length)
{
  signet_box *tokener = signet_box_push(L, release_tokener);
  signet_box *object = signet_box_push(L, release_object);
  enum json_tokener_error result;

  tokener->memory = json_tokener_new_ex(SIGNET_LUA_DEPTH + 1);
  if (tokener->memory == NULL) {
    signet_lua_no_memory(L);
  }
  if (length > INT32_MAX - 1) {
    signet_lua_invalid(L, "JSON text of more than 2 GiB");
  }
  /* The NUL behind the text ends a number that ends the text. */
  object->memory =
      json_tokener_parse_ex(tokener->memory, text, (int)(length + 1));
  result = json_tokener_get_error(tokener->memory);
  if (result != json_tokener_success ||
      !only_space(text, json_tokener_get_parse_end(tokener->memory), length)) {
    signet_lua_invalid(L, "not a JSON text: %s",
                       result == json_tokener_success
                           ? "something stands behind its end"
                           : json_tokener_error_desc(result));
  }
  push_value(L, object->memory);
  signet_box_clear(object);
  signet_box_clear(tokener);
  lua_replace(L, -3);
  lua_pop(L, 1);
}

/* How many elements a table has if it is a sequence, else -1. An empty table
 * is an object: no call of the service takes an empty array. */
static lua_Integer sequence_length(lua_State *L, int index)
{
  lua_Integer count = 0, length = (lua_Integer)lua_rawlen(L, index);

  if (length == 0) {
    return -1;
  }
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
  if (object == NULL) {
    signet_lua_no_memory(L);
  }
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
    if (strlen(name) != length || !signet_lua_utf8_valid(name, length)) {
      signet_lua_invalid(L, "%s: a name in it is not UTF-8 text", what);
    }
    add(L, box->memory, name, what, depth);
  }
  return taken(L, box);
}

static json_object *build_number(lua_State *L, int index, const char *what)
{
  if (lua_isinteger(L, index)) {
    return json_object_new_int64(lua_tointeger(L, index));
  }
  if (!isfinite(lua_tonumber(L, index))) {
    signet_lua_invalid(L, "%s: JSON has no infinite number and no NaN", what);
  }
  return json_object_new_double(lua_tonumber(L, index));
}

static json_object *build_string(lua_State *L, int index, const char *what)
{
  size_t length;
  const char *text = lua_tolstring(L, index, &length);

  if (length > INT32_MAX || !signet_lua_utf8_valid(text, length)) {
    signet_lua_invalid(L, "%s: a text in it is not UTF-8", what);
  }
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
      signet_lua_list_at(L, index) == NULL) {
    signet_lua_invalid(L, "%s: a userdata can't be written as JSON", what);
  }
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
    if (lua_touserdata(L, index) == NULL) {
      return NULL;
    }
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
  if (text == NULL) {
    signet_lua_no_memory(L);
  }
  lua_pushlstring(L, text, length);
  signet_box_clear(box);
  lua_replace(L, -2);
}
