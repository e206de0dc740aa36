/* SPDX-License-Identifier: MIT */
/* What json-c allocates for signet fails in its turn. */
#include "failing_libraries.h"

#include <json-c/json.h>

FAILING(json_tokener *, json_tokener_new_ex, (int depth), (depth), NULL)
/* What json-c 0.16 gives where an object's memory is lacking: no object, and no
 * error. */
FAILING(json_object *, json_tokener_parse_ex,
        (json_tokener * tokener, const char *text, int length),
        (tokener, text, length), NULL)
FAILING(json_object *, json_object_new_object, (void), (), NULL)
FAILING(json_object *, json_object_new_string, (const char *text), (text), NULL)
FAILING(json_object *, json_object_new_boolean, (json_bool value), (value),
        NULL)
FAILING(json_object *, json_object_new_int64, (int64_t number), (number), NULL)
FAILING(int, json_object_object_add,
        (json_object * object, const char *name, json_object *member),
        (object, name, member), -1)
FAILING(const char *, json_object_to_json_string_ext,
        (json_object * object, int flags), (object, flags), NULL)
FAILING(const char *, json_object_to_json_string_length,
        (json_object * object, int flags, size_t *length),
        (object, flags, length), NULL)
