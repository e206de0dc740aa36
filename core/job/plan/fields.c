/* SPDX-License-Identifier: MIT */
/* What a step says: its entry, with the real ids of what the plan has made, and
 * the fields that it writes. */
#include "job/plan/fields.h"

#include "wire/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const signet_plan_step *signet_apply_step_of(const signet_plan_apply *apply,
                                             uint32_t step)
{
  return signet_plan_at(apply->plan, step);
}

typedef struct entry_key {
  const signet_plan_apply *apply;
  signet_kind kind;
  const char *id;
} entry_key;

uint64_t signet_apply_entry_hash(signet_kind kind, const char *id)
{
  return signet_table_hash_text(id, strlen(id)) + (uint64_t)kind;
}

static bool is_entry(const void *item, const void *key)
{
  const entry_key *wanted = key;
  const signet_apply_entry *entry = item;
  const signet_plan_step *first =
      signet_apply_step_of(wanted->apply, entry->first);
  return first->kind == wanted->kind && strcmp(first->id, wanted->id) == 0;
}

signet_apply_entry *signet_apply_find(const signet_plan_apply *apply,
                                      signet_kind kind, const char *id)
{
  const entry_key key = {apply, kind, id};
  return signet_table_find(&apply->table, signet_apply_entry_hash(kind, id),
                           is_entry, &key);
}

const char *signet_apply_id(const signet_plan_apply *apply, signet_kind kind,
                            const char *id, char *text, size_t size)
{
  const signet_apply_entry *entry = signet_apply_find(apply, kind, id);
  if (entry != NULL && entry->id > 0)
    snprintf(text, size, "%" PRId64, entry->id);
  else
    snprintf(text, size, "%s", id);
  return text;
}

signet_fields *signet_apply_fields_of(const signet_plan_apply *apply,
                                      uint32_t step)
{
  char id[32];
  const char *problem = NULL;
  signet_value value;
  const char *after = signet_apply_step_of(apply, step)->after;
  json_object *object = signet_json_parse(after, strlen(after), &problem);
  signet_fields *fields = signet_fields_new();
  bool good = fields != NULL && object != NULL &&
              signet_json_fields(object, fields, &problem);
  json_object_put(object);
  if (good && signet_fields_get(fields, "sign_id", &value) &&
      value.type == SIGNET_STRING && value.as.text.length < 24) {
    char text[24] = "";
    memcpy(text, value.as.text.data, value.as.text.length);
    signet_apply_id(apply, SIGNET_SIGN, text, id, sizeof id);
    good = signet_fields_set_string(fields, "sign_id", id);
  }
  if (good)
    return fields;
  signet_fields_free(fields);
  return NULL;
}

bool signet_apply_sign_of(const signet_plan_apply *apply, uint32_t step,
                          char *id, size_t size)
{
  const signet_plan_step *of = signet_apply_step_of(apply, step);
  const char *problem = NULL;
  json_object *member;
  id[0] = '\0';
  if (of->kind != SIGNET_TEMPLATE || of->after == NULL)
    return true;
  json_object *after =
      signet_json_parse(of->after, strlen(of->after), &problem);
  bool hidden = json_object_object_get_ex(after, "add_signature", &member) &&
                !json_object_get_boolean(member);
  if (!hidden && json_object_object_get_ex(after, "sign_id", &member) &&
      member != NULL)
    snprintf(id, size, "%s", json_object_get_string(member));
  if (strcmp(id, "0") == 0)
    id[0] = '\0';
  json_object_put(after);
  return !signet_json_ran_out(problem);
}
