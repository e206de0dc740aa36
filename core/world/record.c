/* SPDX-License-Identifier: MIT */
/* Entries as the service shows them, in either dialect. */
#include "world/record.h"

#include "world/entry.h"

#include "dialect/dialect.h"
#include "model/fields.h"
#include "model/list.h"
#include "wire/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { EAST_OF_GREENWICH_S = 8 * 3600 }; /* the zone of the service's times */

static void add(signet_list *list, const char *name, signet_value value)
{
  signet_list_add(list, name, strlen(name), &value);
}

static void add_text(signet_list *list, const char *name,
                     const signet_world_text *text)
{
  add(list, name,
      signet_value_text(signet_world_text_data(text), text->length));
}

static void add_id(signet_list *list, const char *name, int64_t id)
{
  char text[24];
  int length = snprintf(text, sizeof text, "%" PRId64, id);
  add(list, name, signet_value_text(text, (size_t)length));
}

/* What a state file said beyond the known fields is shown as it was.
 * @return false: out of memory */
static bool add_extra(signet_list *list, const signet_entry *entry)
{
  const char *problem;
  bool good = true;
  if (entry->extra.length == 0)
    return true;
  json_object *extra =
      signet_json_parse(entry->extra.data, entry->extra.length, &problem);
  if (extra == NULL)
    return false;
  json_object_object_foreach(extra, name, member)
  {
    signet_value value = signet_json_value(member);
    good = good && (value.type != SIGNET_NULL || member == NULL);
    add(list, name, value);
  }
  json_object_put(extra);
  return good;
}

static bool add_review(signet_list *list, const signet_entry *entry)
{
  add_text(list, "audit_remark", &entry->remark);
  add(list, "created_time", signet_value_integer(entry->created_ms / 1000));
  add(list, "updated_time", signet_value_integer(entry->updated_ms / 1000));
  return add_extra(list, entry);
}

static bool add_sign_configs(signet_list *list, const signet_entry *entry)
{
  add_id(list, "sign_id", entry->id);
  add_text(list, "sign_name", &entry->name);
  add(list, "status", signet_value_integer(entry->status));
  add(list, "related_template_count",
      signet_value_integer(entry->related_templates));
  return add_review(list, entry);
}

static void add_signature(const signet_world *world, signet_list *list,
                          const signet_entry *entry)
{
  const signet_entry *sign = NULL;
  if (entry->sign_id != 0) {
    sign = signet_world_find(world, SIGNET_SIGN, entry->sign_id);
    add_id(list, "sign_id", entry->sign_id);
  }
  if (sign != NULL)
    add_text(list, "sign_name", &sign->name);
  add(list, "sign_position", signet_value_integer(entry->sign_position));
  if (sign != NULL)
    add(list, "sign_status", signet_value_integer(sign->status));
}

static bool add_template(const signet_world *world, signet_list *list,
                         const signet_entry *entry)
{
  add_id(list, "template_id", entry->id);
  add_text(list, "template_name", &entry->name);
  add_text(list, "template_type", &entry->type);
  add_text(list, "template_content", &entry->content);
  add_text(list, "country_codes", &entry->countries);
  add(list, "status", signet_value_integer(entry->status));
  add_signature(world, list, entry);
  return add_review(list, entry);
}

static void add_time(signet_list *list, const char *name, int64_t unix_ms)
{
  char text[64];
  struct tm parts;
  time_t seconds = (time_t)(unix_ms / 1000 + EAST_OF_GREENWICH_S);
  gmtime_r(&seconds, &parts); /* a year of int64's milliseconds fits */
  size_t length = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S+0800", &parts);
  add(list, name, signet_value_text(text, length));
}

static void add_sign_signs(signet_list *list, const signet_entry *entry)
{
  add(list, "sign_id", signet_value_integer(entry->id));
  add_text(list, "sign_name", &entry->name);
  add_time(list, "create_time", entry->created_ms);
  add_time(list, "update_time", entry->updated_ms);
}

const signet_record *signet_world_record(const signet_world *world,
                                         signet_dialect dialect,
                                         const signet_entry *entry,
                                         signet_list *list)
{
  bool good = true;
  signet_list_begin(list);
  if (signet_dialect_row_of(dialect)->short_records)
    add_sign_signs(list, entry);
  else if (entry->kind == SIGNET_SIGN)
    good = add_sign_configs(list, entry);
  else
    good = add_template(world, list, entry);
  const signet_record *record = signet_list_end(list);
  return good ? record : NULL;
}
