/* SPDX-License-Identifier: MIT */
/* More of json-c's calls that fail, beside those of failing_libraries.c. */
#include "failing_memory.h"

#include <json-c/json.h>

#define WRAPPED(type, name, parameters) \
  type __real_##name parameters;        \
  type __wrap_##name parameters;        \
  type __wrap_##name parameters

WRAPPED(json_object *, json_object_new_string, (const char *text))
{
  return failing_turn() ? NULL : __real_json_object_new_string(text);
}

WRAPPED(json_object *, json_object_new_boolean, (json_bool value))
{
  return failing_turn() ? NULL : __real_json_object_new_boolean(value);
}

/* What json-c 0.16 gives where an object's memory is lacking: no object, and no
 * error. */
WRAPPED(json_object *, json_tokener_parse_ex,
        (json_tokener * tokener, const char *text, int length))
{
  return failing_turn() ? NULL
                        : __real_json_tokener_parse_ex(tokener, text, length);
}
