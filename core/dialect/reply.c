/* SPDX-License-Identifier: MIT */
#include "dialect/reply.h"

#include "model/kinds.h"
#include "model/list.h"
#include "signet/rules.h"
#include "wire/id_set.h"

#include <stdio.h>
#include <string.h>

json_object *signet_reply_member(json_object *object, const char *name,
                                 json_type type)
{
  json_object *member;
  if (json_object_is_type(object, json_type_object) &&
      json_object_object_get_ex(object, name, &member) &&
      json_object_is_type(member, type))
    return member;
  return NULL;
}

static bool lacks_memory(signet_reply *reply)
{
  reply->no_memory = true;
  return false;
}

bool signet_reply_take_record(signet_reply *reply, json_object *object)
{
  char id[SIGNET_ID_SIZE];
  reply->list = signet_list_new(reply->kind);
  const signet_record *record =
      reply->list != NULL ? reply->add(object, reply->list) : NULL;
  if (record == NULL)
    return lacks_memory(reply);
  signet_list_seal(reply->list);
  return strcmp(signet_record_id(record, id, sizeof id), reply->id) == 0;
}

/* A list that shows an entry twice is taken as if it did so once.
 * @return false: out of memory */
static bool take_element(signet_reply *reply, signet_id_set *ids,
                         json_object *element)
{
  json_object *member = NULL;
  bool known = false;
  json_object_object_get_ex(element, signet_kind_id_field(reply->kind),
                            &member);
  const signet_value id = signet_json_value(member);
  if (member != NULL && !signet_id_set_add(ids, &id, &known))
    return false;
  if (!known)
    return reply->add(element, reply->list) != NULL;
  if (reply->duplicates++ == 0)
    snprintf(reply->duplicate, sizeof reply->duplicate, "%s",
             json_object_get_string(member));
  return true;
}

bool signet_reply_take_list(signet_reply *reply, json_object *array)
{
  signet_id_set ids = {0};
  bool good = true;
  reply->duplicates = 0;
  reply->too_long = json_object_array_length(array) > reply->max_list;
  if (reply->too_long)
    return false;
  reply->list = signet_list_new(reply->kind);
  if (reply->list == NULL)
    return lacks_memory(reply);
  for (size_t i = 0; good && i < json_object_array_length(array); i++) {
    json_object *element = json_object_array_get_idx(array, i);
    good = json_object_is_type(element, json_type_object);
    if (good && signet_json_matches(element, reply->fields) &&
        !take_element(reply, &ids, element))
      good = lacks_memory(reply);
  }
  signet_id_set_free(&ids);
  signet_list_seal(reply->list);
  return good;
}

bool signet_reply_take_id(signet_reply *reply, json_object *object)
{
  json_object *member;
  signet_violation violation;
  if (!json_object_is_type(object, json_type_object) ||
      !json_object_object_get_ex(object, signet_kind_id_field(reply->kind),
                                 &member))
    return false;
  if (!json_object_is_type(member, json_type_string) &&
      !json_object_is_type(member, json_type_int))
    return false;
  const char *text = json_object_get_string(member);
  if (text == NULL)
    return lacks_memory(reply);
  if (!signet_rule_check_id(text, strlen(text), &violation))
    return false;
  snprintf(reply->new_id, sizeof reply->new_id, "%s", text);
  return true;
}
