/* SPDX-License-Identifier: MIT */
#include "lua/json_read.h"

#include "lua/box.h"
#include "lua/error.h"
#include "lua/json.h"

#include <inttypes.h>
#include <json-c/json.h>
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
         text[from] != '\0')
    from++;
  return from >= length;
}

/* Stack: +1, the decoded value. */
void signet_lua_json_push(lua_State *L, const char *text, size_t length)
{
  signet_box *tokener = signet_box_push(L, release_tokener);
  signet_box *object = signet_box_push(L, release_object);
  enum json_tokener_error result;

  tokener->memory = json_tokener_new_ex(SIGNET_LUA_DEPTH + 1);
  if (tokener->memory == NULL)
    signet_lua_no_memory(L);
  if (length > INT32_MAX - 1)
    signet_lua_invalid(L, "JSON text of more than 2 GiB");
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
