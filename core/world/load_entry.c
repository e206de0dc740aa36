/* SPDX-License-Identifier: MIT */
/* One entry of a state file. It may be a record as the service lists it: the
 * fields that follow from other entries are read over. */
#include "world/load_entry.h"

#include "world/entry.h"

#include "model/error_fill.h"
#include "model/text.h"
#include "wire/json.h"

#include <string.h>

/* What is read, and where problems are told. */
typedef struct reading {
  signet_world *world;
  signet_entry *entry;
  json_object *object;
  json_object *extra; /* unknown fields, NULL: none so far */
  size_t index;
  bool listed; /* what a service shows: a name may be missing */
  signet_error *error;
} reading;

static const char *word(const reading *in)
{
  return signet_kind_collection(in->entry->kind);
}

static bool wrong(const reading *in, const char *field, const char *what)
{
  return signet_error_set(in->error, SIGNET_ERROR_VALIDATION, "%s[%zu].%s %s",
                          word(in), in->index, field, what);
}

static bool out_of_memory(const reading *in)
{
  return signet_error_set(in->error, SIGNET_ERROR_MEMORY, "out of memory");
}

/* Text that stands in a member; absent: empty. */
static bool read_text(const reading *in, const char *field,
                      signet_world_text *text)
{
  json_object *member;
  if (!json_object_object_get_ex(in->object, field, &member))
    return true;
  if (!json_object_is_type(member, json_type_string))
    return wrong(in, field, "must be a string");
  size_t length = (size_t)json_object_get_string_len(member);
  const char *data = json_object_get_string(member);
  if (memchr(data, '\0', length) != NULL)
    return wrong(in, field, "holds a NUL character");
  if (!signet_world_text_set(text, data, length))
    return out_of_memory(in);
  return true;
}

static bool read_name(const reading *in, const char *field,
                      signet_world_text *text)
{
  if (!read_text(in, field, text))
    return false;
  return text->length > 0 || in->listed ||
         wrong(in, field, "is missing or empty");
}

static bool read_integer(const reading *in, const char *field, int64_t *integer)
{
  json_object *member;
  if (!json_object_object_get_ex(in->object, field, &member))
    return true;
  return signet_json_int64(member, integer) ||
         wrong(in, field, "must be an integer");
}

/* Seconds of the service into the world's milliseconds; absent: now. */
static bool read_time(const reading *in, const char *field, int64_t *unix_ms)
{
  int64_t seconds = in->world->now_ms / 1000;
  if (!read_integer(in, field, &seconds))
    return false;
  if (__builtin_mul_overflow(seconds, 1000, unix_ms))
    return wrong(in, field, "is out of range");
  return true;
}

/* An id as text (configs) or as an integer (signs). */
static bool read_id(const reading *in, const char *field, int64_t *id)
{
  json_object *member;
  if (!json_object_object_get_ex(in->object, field, &member))
    return true;
  bool good =
      signet_json_int64(member, id) ||
      (json_object_is_type(member, json_type_string) &&
       signet_entry_id_parse(json_object_get_string(member),
                             (size_t)json_object_get_string_len(member), id));
  if (!good)
    return wrong(in, field, "is no id: 1 to 19 digits are expected");
  if (*id <= 0)
    return wrong(in, field, "must be above 0");
  return true;
}

static bool read_locked(const reading *in)
{
  json_object *member;
  if (!json_object_object_get_ex(in->object, "locked", &member))
    return true;
  if (!json_object_is_type(member, json_type_boolean))
    return wrong(in, "locked", "must be true or false");
  in->entry->locked = json_object_get_boolean(member);
  return true;
}

static bool read_sign(const reading *in)
{
  signet_entry *entry = in->entry;
  if (!read_id(in, "sign_id", &entry->id) ||
      !read_name(in, "sign_name", &entry->name) ||
      !read_text(in, "held_name", &entry->held_name))
    return false;
  if (entry->id == 0)
    return wrong(in, "sign_id", "is missing");
  if (entry->name.length > 0 &&
      signet_world_find_name(in->world, entry->name.data, entry->name.length) !=
          NULL)
    return wrong(in, "sign_name", "stands twice in the state");
  if (entry->held_name.length > 0 &&
      (signet_world_find_name(in->world, entry->held_name.data,
                              entry->held_name.length) != NULL ||
       signet_world_text_equal(&entry->name, entry->held_name.data,
                               entry->held_name.length)))
    return wrong(in, "held_name", "stands twice in the state");
  return true;
}

static bool read_template(const reading *in)
{
  signet_entry *entry = in->entry;
  if (!read_id(in, "template_id", &entry->id) ||
      !read_name(in, "template_name", &entry->name) ||
      !read_text(in, "template_type", &entry->type) ||
      !read_text(in, "template_content", &entry->content) ||
      !read_text(in, "country_codes", &entry->countries) ||
      !read_id(in, "sign_id", &entry->sign_id) ||
      !read_integer(in, "sign_position", &entry->sign_position))
    return false;
  if (entry->id == 0)
    return wrong(in, "template_id", "is missing");
  return true;
}

static bool read_review(const reading *in)
{
  signet_entry *entry = in->entry;
  entry->status = SIGNET_STATUS_APPROVED;
  if (!read_integer(in, "status", &entry->status) ||
      !read_text(in, "audit_remark", &entry->remark) ||
      !read_time(in, "created_time", &entry->created_ms) ||
      !read_time(in, "updated_time", &entry->updated_ms) || !read_locked(in))
    return false;
  entry->submitted_ms = entry->updated_ms;
  return read_integer(in, "submitted_ms", &entry->submitted_ms);
}

static bool is_known(signet_kind kind, const char *name)
{
  static const char *const known[] = {
      "sign_id", "sign_name", "status", "related_template_count",
      "audit_remark", "created_time", "updated_time", "submitted_ms",
      "held_name", "locked",
      /* templates only */
      "template_id", "template_name", "template_type", "template_content",
      "country_codes", "sign_position", "sign_status"};
  const size_t of_sign = 10;
  size_t count = kind == SIGNET_SIGN ? of_sign : sizeof known / sizeof *known;
  for (size_t i = 0; i < count; i++)
    if (strcmp(known[i], name) == 0)
      return true;
  return false;
}

static bool keep_extra(reading *in)
{
  json_object_object_foreach(in->object, name, member)
  {
    if (is_known(in->entry->kind, name))
      continue;
    if (in->extra == NULL && (in->extra = json_object_new_object()) == NULL)
      return out_of_memory(in);
    if (json_object_object_add(in->extra, name, member) != 0)
      return out_of_memory(in);
    json_object_get(member); /* belongs to both now */
  }
  if (in->extra == NULL)
    return true;
  signet_value text = signet_json_value(in->extra);
  if (text.type == SIGNET_NULL ||
      !signet_world_text_set(&in->entry->extra, text.as.text.data,
                             text.as.text.length))
    return out_of_memory(in);
  return true;
}

static bool take_in(const reading *in)
{
  signet_entry *entry = in->entry;
  if (signet_world_find(in->world, entry->kind, entry->id) != NULL)
    return wrong(in, entry->kind == SIGNET_SIGN ? "sign_id" : "template_id",
                 "stands twice in the state");
  if (!signet_world_add(in->world, entry))
    return out_of_memory(in);
  if (entry->id >= in->world->next_id && entry->id < SIGNET_WORLD_LAST_ID)
    in->world->next_id = entry->id + 1;
  return true;
}

bool signet_world_load_entry(signet_world *world, signet_kind kind,
                             struct json_object *object, size_t index,
                             bool listed, signet_error *error)
{
  reading in = {.world = world,
                .entry = signet_entry_new(kind),
                .object = object,
                .index = index,
                .listed = listed,
                .error = error};
  if (in.entry == NULL)
    return out_of_memory(&in);
  bool done =
      json_object_is_type(object, json_type_object)
          ? (kind == SIGNET_SIGN ? read_sign(&in) : read_template(&in)) &&
                read_review(&in) && keep_extra(&in) && take_in(&in)
          : signet_error_set(error, SIGNET_ERROR_VALIDATION,
                             "%s[%zu] must be an object", word(&in), index);
  json_object_put(in.extra);
  if (!done)
    signet_entry_free(in.entry);
  return done;
}
