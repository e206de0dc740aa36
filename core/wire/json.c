/* SPDX-License-Identifier: MIT */
#include "wire/json.h"

#include "model/text.h"
#include "wire/scan.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

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
  signet_json_scan scan = {0};
  *problem = signet_json_scan_feed(&scan, text, length);
  if (*problem == NULL)
    *problem = signet_json_scan_finish(&scan);
  if (*problem != NULL)
    return NULL;
  json_tokener *tokener = json_tokener_new_ex(SIGNET_JSON_DEPTH);
  if (tokener == NULL) {
    *problem = "out of memory";
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
      *problem = "out of memory";
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

static bool is_plain(unsigned char byte)
{
  return byte >= 0x20 && byte != '"' && byte != '\\';
}

static void write_escaped(signet_buffer *out, unsigned char byte)
{
  static const char letters[] = {
      ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
      ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
  char text[8];
  int length;
  if (byte < sizeof letters && letters[byte] != '\0')
    length = snprintf(text, sizeof text, "\\%c", letters[byte]);
  else
    length = snprintf(text, sizeof text, "\\u%04x", byte);
  signet_buffer_append(out, text, (size_t)length);
}

void signet_json_write_string(signet_buffer *out, const char *text,
                              size_t length)
{
  signet_buffer_append(out, "\"", 1);
  for (size_t i = 0; i < length;) {
    size_t begin = i;
    while (i < length && is_plain((unsigned char)text[i]))
      i++;
    if (i > begin)
      signet_buffer_append(out, text + begin, i - begin);
    if (i < length)
      write_escaped(out, (unsigned char)text[i++]);
  }
  signet_buffer_append(out, "\"", 1);
}

static void write_number(signet_buffer *out, double number)
{
  char text[40];
  if (!isfinite(number)) { /* JSON has no word for these */
    signet_buffer_string(out, "null");
    return;
  }
  int length = snprintf(text, sizeof text, "%.17g", number);
  signet_buffer_append(out, text, (size_t)length);
  if (strpbrk(text, ".eE") == NULL)
    signet_buffer_string(out, ".0");
}

void signet_json_write_value(signet_buffer *out, const signet_value *value)
{
  char text[24];
  int length;
  switch (value->type) {
  case SIGNET_NULL:
    signet_buffer_string(out, "null");
    break;
  case SIGNET_BOOLEAN:
    signet_buffer_string(out, value->as.boolean ? "true" : "false");
    break;
  case SIGNET_INTEGER:
    length = snprintf(text, sizeof text, "%" PRId64, value->as.integer);
    signet_buffer_append(out, text, (size_t)length);
    break;
  case SIGNET_NUMBER:
    write_number(out, value->as.number);
    break;
  case SIGNET_STRING:
    signet_json_write_string(out, value->as.text.data, value->as.text.length);
    break;
  case SIGNET_JSON:
    signet_buffer_append(out, value->as.text.data, value->as.text.length);
    break;
  }
}

static void write_member(signet_buffer *out, size_t index, const char *name,
                         const signet_value *value)
{
  signet_buffer_append(out, index == 0 ? "{" : ",", 1);
  signet_json_write_string(out, name, strlen(name));
  signet_buffer_append(out, ":", 1);
  signet_json_write_value(out, value);
}

void signet_json_write_record(signet_buffer *out, const signet_record *record)
{
  const char *name;
  signet_value value;
  size_t i = 0;
  for (; signet_record_at(record, i, &name, &value); i++)
    write_member(out, i, name, &value);
  signet_buffer_string(out, i == 0 ? "{}" : "}");
}

void signet_json_write_fields(signet_buffer *out, const signet_fields *fields)
{
  const char *name;
  signet_value value;
  size_t i = 0;
  for (; signet_fields_at(fields, i, &name, &value); i++)
    write_member(out, i, name, &value);
  signet_buffer_string(out, i == 0 ? "{}" : "}");
}
