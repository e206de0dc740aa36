/* SPDX-License-Identifier: MIT */
#include "job/plan/undo_image.h"

#include "model/error_fill.h"
#include "wire/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool signet_undo_no_memory(signet_undoing *all)
{
  all->failed = true;
  return signet_error_set(all->error, SIGNET_ERROR_MEMORY, "out of memory");
}

bool signet_undo_damaged(signet_undoing *all, int64_t number, const char *what)
{
  all->failed = true;
  return signet_error_set(all->error, SIGNET_ERROR_STORE,
                          "job %.32s can't be undone: the journal's write "
                          "%" PRId64 " of it has %s",
                          all->job, number, what);
}

bool signet_undo_parse(signet_undoing *all, const signet_past *write,
                       const char *text, json_object **image)
{
  const char *problem = NULL;
  *image =
      text != NULL ? signet_json_parse(text, strlen(text), &problem) : NULL;
  if (text == NULL || json_object_is_type(*image, json_type_object))
    return true;
  json_object_put(*image);
  *image = NULL;
  return signet_json_ran_out(problem)
             ? signet_undo_no_memory(all)
             : signet_undo_damaged(all, write->number,
                                   "an image that is no JSON object");
}

bool signet_undo_put(signet_undoing *all, json_object *to, const char *name,
                     json_object *member)
{
  if (member != NULL && json_object_object_add(to, name, member) == 0)
    return true;
  json_object_put(member);
  return signet_undo_no_memory(all);
}

static const char *const fields_of[2][8] = {
    {"sign_name", NULL},
    {"template_name", "template_type", "template_content", "country_codes",
     "sign_id", "sign_position", NULL}};

/* @param shown  whether the template shows a signature */
static bool take_fields(signet_undoing *all, signet_kind kind, bool shown,
                        json_object *from, json_object *to)
{
  for (const char *const *name = fields_of[kind]; *name != NULL; name++) {
    json_object *member;
    bool of_sign = kind == SIGNET_TEMPLATE && strncmp(*name, "sign_", 5) == 0;
    if ((of_sign && !shown) ||
        !json_object_object_get_ex(from, *name, &member) || member == NULL)
      continue;
    if (!signet_undo_put(all, to, *name, json_object_get(member)))
      return false;
  }
  return true;
}

static bool shows_signature(json_object *record)
{
  json_object *member;
  const char *id = json_object_object_get_ex(record, "sign_id", &member)
                       ? json_object_get_string(member)
                       : NULL;
  return id != NULL && id[0] != '\0' && strcmp(id, "0") != 0 &&
         json_object_object_get_ex(record, "sign_position", &member) &&
         json_object_get_int64(member) > 0;
}

/* A signature that the undo makes again has another id. */
static bool map_sign(signet_undoing *all, json_object *image)
{
  char key[32];
  json_object *member;
  if (!json_object_object_get_ex(image, "sign_id", &member))
    return true;
  snprintf(key, sizeof key, "s%.24s", json_object_get_string(member));
  return !json_object_object_get_ex(all->renewed, key, &member) ||
         signet_undo_put(all, image, "sign_id", json_object_get(member));
}

json_object *signet_undo_fields(signet_undoing *all, signet_kind kind,
                                json_object *record)
{
  json_object *fields = json_object_new_object();
  bool shown = shows_signature(record);
  bool good = fields != NULL || signet_undo_no_memory(all);
  good = good && take_fields(all, kind, shown, record, fields);
  if (good && kind == SIGNET_TEMPLATE)
    good = signet_undo_put(all, fields, "add_signature",
                           json_object_new_boolean(shown)) &&
           map_sign(all, fields);
  if (good)
    return fields;
  json_object_put(fields);
  return NULL;
}

static bool fill_image(signet_undoing *all, const signet_past *write,
                       const char *id, json_object *after, json_object *image)
{
  json_object *member;
  bool hidden = json_object_object_get_ex(after, "add_signature", &member) &&
                !json_object_get_boolean(member);
  return signet_undo_put(all, image,
                         write->kind == SIGNET_SIGN ? "sign_id" : "template_id",
                         json_object_new_string(id)) &&
         take_fields(all, write->kind, !hidden, after, image) &&
         (write->kind == SIGNET_SIGN || map_sign(all, image));
}

json_object *signet_undo_image(signet_undoing *all, const signet_past *write,
                               const char *id)
{
  json_object *after;
  if (!signet_undo_parse(all, write, write->after, &after))
    return NULL;
  json_object *image = json_object_new_object();
  bool good = (image != NULL || signet_undo_no_memory(all)) &&
              fill_image(all, write, id, after, image);
  json_object_put(after);
  if (good)
    return image;
  json_object_put(image);
  return NULL;
}
