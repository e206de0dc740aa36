/* SPDX-License-Identifier: MIT */
#include "wire/list_reader.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

bool signet_list_reader_init(signet_list_reader *reader, signet_list *list,
                             const signet_fields *filter)
{
  *reader = (signet_list_reader){.list = list, .filter = filter};
  reader->tokener = json_tokener_new_ex(SIGNET_JSON_DEPTH);
  if (reader->tokener == NULL)
    return false;
  /* The tokener stops behind each object; what follows is ours to read. */
  json_tokener_set_flags(
      reader->tokener, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
  return true;
}

void signet_list_reader_free(signet_list_reader *reader)
{
  if (reader->tokener != NULL)
    json_tokener_free(reader->tokener);
  reader->tokener = NULL;
}

static bool fail(signet_list_reader *reader, const char *what)
{
  reader->place = SIGNET_LIST_FAILED;
  snprintf(reader->problem, sizeof reader->problem,
           "%s, near byte %" PRIu64 " of the list", what, reader->offset);
  return false;
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

static bool keep(signet_list_reader *reader, json_object *object)
{
  reader->read++;
  if (!json_object_is_type(object, json_type_object))
    return fail(reader, "an entry is no JSON object");
  if (!signet_json_matches(object, reader->filter))
    return true;
  if (json_object_object_length(object) > SIGNET_FIELDS_MAXIMUM)
    return fail(reader, "an entry has more than 256 fields");
  if (signet_json_record(object, reader->list) != NULL)
    return true;
  reader->memory = true;
  return fail(reader, "out of memory");
}

/* Feeds the object at hand. @return bytes used, 0 on failure */
static size_t feed_element(signet_list_reader *reader, const char *data,
                           size_t length)
{
  int piece = length > INT_MAX ? INT_MAX : (int)length;
  json_object *object = json_tokener_parse_ex(reader->tokener, data, piece);
  enum json_tokener_error error = json_tokener_get_error(reader->tokener);
  if (error == json_tokener_continue)
    return (size_t)piece;
  if (error != json_tokener_success) {
    fail(reader, json_tokener_error_desc(error));
    return 0;
  }
  size_t used = json_tokener_get_parse_end(reader->tokener);
  bool kept = keep(reader, object);
  json_object_put(object);
  json_tokener_reset(reader->tokener);
  if (kept)
    reader->place = SIGNET_LIST_AFTER;
  return kept ? used : 0;
}

static bool is_space(char byte)
{
  return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

/* One byte between the objects. */
static bool feed_byte(signet_list_reader *reader, char byte)
{
  switch (reader->place) {
  case SIGNET_LIST_BEFORE:
    if (byte != '[')
      return fail(reader, "the reply is no JSON array");
    reader->place = SIGNET_LIST_FIRST;
    return true;
  case SIGNET_LIST_FIRST: /* not an object: that would not come here */
    if (byte != ']')
      return fail(reader, "an entry is no JSON object");
    reader->place = SIGNET_LIST_DONE;
    return true;
  case SIGNET_LIST_AFTER:
    if (byte != ',' && byte != ']')
      return fail(reader, "a comma or the end of the list is missing");
    reader->place = byte == ',' ? SIGNET_LIST_ELEMENT : SIGNET_LIST_DONE;
    return true;
  default:
    return fail(reader, "something follows the end of the list");
  }
}

/* An HTML page is told for what it is, not for what is wrong in it. */
static bool is_no_array(const signet_list_reader *reader, const char *data,
                        size_t length)
{
  size_t i = 0;
  while (i < length && is_space(data[i]))
    i++;
  return reader->place == SIGNET_LIST_BEFORE && i < length && data[i] != '[';
}

bool signet_list_reader_feed(signet_list_reader *reader, const char *data,
                             size_t length)
{
  if (reader->place == SIGNET_LIST_FAILED)
    return false;
  if (!signet_utf8_check(&reader->utf8, data, length))
    return fail(reader, "the text isn't valid UTF-8");
  if (is_no_array(reader, data, length))
    return fail(reader, "the reply is no JSON array");
  const char *problem = signet_json_scan_feed(&reader->scan, data, length);
  if (problem != NULL)
    return fail(reader, problem);
  for (size_t i = 0; i < length;) {
    size_t used = 1;
    if (reader->place == SIGNET_LIST_FIRST && data[i] == '{')
      reader->place = SIGNET_LIST_ELEMENT;
    if (reader->place == SIGNET_LIST_ELEMENT)
      used = feed_element(reader, data + i, length - i);
    else if (!is_space(data[i]) && !feed_byte(reader, data[i]))
      used = 0;
    if (used == 0)
      return false;
    i += used;
    reader->offset += used;
  }
  return true;
}

bool signet_list_reader_finish(signet_list_reader *reader)
{
  if (reader->place == SIGNET_LIST_FAILED)
    return false;
  if (reader->place != SIGNET_LIST_DONE)
    return fail(reader, "the list ends too early");
  return true;
}
