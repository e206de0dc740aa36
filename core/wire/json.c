/* SPDX-License-Identifier: MIT */
#include "wire/json.h"

#include "model/fields.h"
#include "model/list.h"
#include "model/text.h"
#include "wire/scan.h"
#include "wire/types.h"

#include <math.h>
#include <string.h>

static const char no_memory[] = "out of memory";

bool signet_json_ran_out(const char *problem)
{
  return problem == no_memory;
}

bool signet_json_is_too_deep(const char *problem)
{
  return problem != NULL && strcmp(problem, SIGNET_JSON_TOO_DEEP) == 0;
}

/* json-c 0.16 says nothing of a lack of memory, and gives what JSON null gives.
 */
static bool is_null(const char *text, size_t length)
{
  size_t blank = 0;
  while (blank < length && strchr(" \t\r\n", text[blank]) != NULL)
    blank++;
  return blank < length && text[blank] == 'n';
}

json_object *signet_json_parse(const char *text, size_t length,
                               const char **problem)
{
  *problem = NULL;
  if (length > INT32_MAX - 1) {
    *problem = "the JSON text is larger than 2 GiB";
    return NULL;
  }
  if (!signet_utf8_valid(text, length)) {
    *problem = "the text isn't valid UTF-8";
    return NULL;
  }
  *problem = signet_json_scan(text, length);
  if (*problem != NULL)
    return NULL;
  json_tokener *tokener = json_tokener_new_ex(SIGNET_JSON_DEPTH + 1);
  if (tokener == NULL) {
    *problem = no_memory;
    return NULL;
  }
  json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
  json_object *object = json_tokener_parse_ex(tokener, text, (int)length);
  enum json_tokener_error error = json_tokener_get_error(tokener);
  /* A number at the very end is only complete once something follows it. */
  if (error == json_tokener_continue) {
    object = json_tokener_parse_ex(tokener, " ", 1);
    error = json_tokener_get_error(tokener);
  }
  if (error == json_tokener_continue)
    *problem = "the JSON text ends too early";
  else if (error != json_tokener_success)
    *problem = json_tokener_error_desc(error);
  else if (object == NULL && !is_null(text, length))
    *problem = no_memory;
  json_tokener_free(tokener);
  return object;
}

static signet_value as_text(json_object *object)
{
  signet_value value = {.type = SIGNET_NULL};
  value.as.text.data = json_object_to_json_string_length(
      object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
      &value.as.text.length);
  if (value.as.text.data != NULL)
    value.type = SIGNET_JSON;
  return value;
}

/* json-c reads what lies between int64 and uint64 as another type of integer,
 * and gives the nearest int64 when asked for one. */
static bool is_beyond(json_object *integer)
{
  return json_object_get_int64(integer) == INT64_MAX &&
         json_object_get_uint64(integer) > (uint64_t)INT64_MAX;
}

signet_value signet_json_value(json_object *object)
{
  signet_value value = {.type = SIGNET_NULL};
  switch (json_object_get_type(object)) {
  case json_type_null:
    break;
  case json_type_boolean:
    return signet_value_boolean(json_object_get_boolean(object));
  case json_type_int:
    if (is_beyond(object))
      return as_text(object);
    return signet_value_integer(json_object_get_int64(object));
  case json_type_double:
    if (!isfinite(json_object_get_double(object)))
      return as_text(object); /* 1e400: json-c keeps how it was written */
    value.type = SIGNET_NUMBER;
    value.as.number = json_object_get_double(object);
    break;
  case json_type_string:
    return signet_value_text(json_object_get_string(object),
                             (size_t)json_object_get_string_len(object));
  case json_type_object:
  case json_type_array:
    return as_text(object);
  }
  return value;
}

bool signet_json_fields(json_object *object, signet_fields *fields,
                        const char **problem)
{
  if (!json_object_is_type(object, json_type_object)) {
    *problem = "a JSON object is expected";
    return false;
  }
  json_object_object_foreach(object, name, member)
  {
    signet_value value = signet_json_value(member);
    if (!signet_fields_set(fields, name, &value)) {
      *problem = no_memory;
      return false;
    }
  }
  return true;
}

const signet_record *signet_json_record(json_object *object, signet_list *list)
{
  signet_list_begin(list);
  json_object_object_foreach(object, name, member)
  {
    signet_value value = signet_json_value(member);
    signet_list_add(list, name, strlen(name), &value);
  }
  return signet_list_end(list);
}

const signet_record *signet_json_configs_record(json_object *object,
                                                signet_list *list)
{
  char digits[SIGNET_TYPES_DIGITS];
  signet_kind kind = signet_list_kind(list);
  signet_list_begin(list);
  json_object_object_foreach(object, name, member)
  {
    signet_value value = signet_json_value(member);
    size_t length = strlen(name);
    signet_types_bring(kind, name, length, &value, digits);
    signet_list_add(list, name, length, &value);
  }
  return signet_list_end(list);
}

bool signet_json_int64(json_object *object, int64_t *integer)
{
  if (!json_object_is_type(object, json_type_int) || is_beyond(object))
    return false;
  *integer = json_object_get_int64(object);
  return true;
}

bool signet_json_matches(json_object *object, const signet_fields *filter)
{
  const char *name;
  signet_value wanted;
  for (size_t i = 0; signet_fields_at(filter, i, &name, &wanted); i++) {
    json_object *member;
    if (!json_object_object_get_ex(object, name, &member))
      return false;
    signet_value value = signet_json_value(member);
    if (!signet_value_matches(&value, &wanted))
      return false;
  }
  return true;
}
