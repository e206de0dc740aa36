/* SPDX-License-Identifier: MIT */
/* Records that an account listed, as entries of a world. */
#include "world/import.h"

#include "world/load_entry.h"

#include "model/error_fill.h"
#include "model/memory.h"
#include "wire/json_write.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { RECORD_MAXIMUM = 4 << 20 };

/* A list shows a template without a signature in several ways, and null for
 * what is not there; a state file leaves such members out. */
static bool is_absent(signet_kind kind, const char *name, json_object *member)
{
  if (member == NULL)
    return true;
  if (kind != SIGNET_TEMPLATE || strcmp(name, "sign_id") != 0)
    return false;
  if (json_object_is_type(member, json_type_int))
    return json_object_get_int64(member) == 0;
  return json_object_is_type(member, json_type_string) &&
         (json_object_get_string_len(member) == 0 ||
          strcmp(json_object_get_string(member), "0") == 0);
}

/* The signs dialect writes its times as "2023-01-02T03:04:05+0800". */
static bool read_time(json_object *member, int64_t *seconds)
{
  struct tm parts = {0};
  if (!json_object_is_type(member, json_type_string) ||
      strptime(json_object_get_string(member), "%Y-%m-%dT%H:%M:%S%z", &parts) ==
          NULL)
    return false;
  long offset = parts.tm_gmtoff; /* timegm() sets it to 0 */
  *seconds = (int64_t)timegm(&parts) - offset;
  return true;
}

static const char *known_name(const char *name)
{
  if (strcmp(name, "create_time") == 0)
    return "created_time";
  return strcmp(name, "update_time") == 0 ? "updated_time" : NULL;
}

/* The record as a state file would have it. NULL: out of memory. */
static json_object *tidy(signet_kind kind, json_object *record)
{
  json_object *object = json_object_new_object();
  json_object_object_foreach(record, name, member)
  {
    const char *other = known_name(name);
    int64_t seconds;
    if (object == NULL || is_absent(kind, name, member))
      continue;
    bool time = other != NULL && read_time(member, &seconds);
    json_object *value =
        time ? json_object_new_int64(seconds) : json_object_get(member);
    if (value == NULL ||
        json_object_object_add(object, time ? other : name, value) != 0) {
      json_object_put(value);
      json_object_put(object);
      object = NULL;
    }
  }
  return object;
}

bool signet_world_import_record(signet_world *world,
                                const signet_record *record, size_t index,
                                signet_error *error)
{
  signet_kind kind = signet_record_kind(record);
  const char *problem;
  signet_buffer text;
  signet_buffer_init(&text, RECORD_MAXIMUM);
  signet_json_write_record(&text, record);
  json_object *object =
      text.failed ? NULL : signet_json_parse(text.data, text.length, &problem);
  json_object *fields = object != NULL ? tidy(kind, object) : NULL;
  bool done = fields != NULL;
  if (!done)
    signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  else
    done = signet_world_load_entry(world, kind, fields, index, true, error);
  json_object_put(fields);
  json_object_put(object);
  signet_buffer_free(&text);
  return done;
}

bool signet_world_import(signet_world *world, const signet_list *list,
                         signet_error *error)
{
  signet_error_init(error);
  for (size_t i = 0; i < signet_list_count(list); i++)
    if (!signet_world_import_record(world, signet_list_at(list, i), i, error))
      return false;
  return true;
}
