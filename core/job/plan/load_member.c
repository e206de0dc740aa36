/* SPDX-License-Identifier: MIT */
#include "job/plan/load_member.h"

#include "model/error_fill.h"
#include "model/memory.h"
#include "model/text.h"
#include "signet/rules.h"

#include <string.h>

bool signet_load_wrong(const signet_loading *in, const char *name,
                       const char *what)
{
  char shown[64];
  signet_text_escape(shown, sizeof shown, name, strlen(name));
  if (in->number > 0)
    return signet_error_set(in->error, SIGNET_ERROR_REFUSED,
                            "the plan can't be read: step %zu: %s %s",
                            in->number, shown, what);
  return signet_error_set(in->error, SIGNET_ERROR_REFUSED,
                          "the plan can't be read: %s %s", shown, what);
}

bool signet_load_no_memory(const signet_loading *in)
{
  return signet_error_set(in->error, SIGNET_ERROR_MEMORY, "out of memory");
}

bool signet_load_check(const signet_loading *in, const char *const *names)
{
  json_object_object_foreach(in->object, name, member)
  {
    const char *const *known = names;
    (void)member;
    while (*known != NULL && strcmp(*known, name) != 0)
      known++;
    if (*known == NULL)
      return signet_load_wrong(in, name, "is nothing that a plan holds");
  }
  return true;
}

json_object *signet_load_member(const signet_loading *in, const char *name,
                                json_type type, const char *must)
{
  json_object *member;
  if (json_object_object_get_ex(in->object, name, &member) &&
      json_object_is_type(member, type))
    return member;
  signet_load_wrong(in, name, must);
  return NULL;
}

const char *signet_load_text(const signet_loading *in, const char *name)
{
  json_object *member =
      signet_load_member(in, name, json_type_string, "must be a string");
  return member != NULL ? json_object_get_string(member) : NULL;
}

bool signet_load_size(const signet_loading *in, const char *name, size_t *size)
{
  json_object *member =
      signet_load_member(in, name, json_type_int, "must be a whole number");
  if (member == NULL)
    return false;
  int64_t number = json_object_get_int64(member);
  if (number < 0 || number > INT32_MAX)
    return signet_load_wrong(in, name, "is out of range");
  *size = (size_t)number;
  return true;
}

bool signet_load_boolean(const signet_loading *in, const char *name,
                         bool *value)
{
  json_object *member =
      signet_load_member(in, name, json_type_boolean, "must be true or false");
  *value = member != NULL && json_object_get_boolean(member);
  return member != NULL;
}

bool signet_load_word(const signet_loading *in, const char *name,
                      int (*number_of)(const char *word), int *choice)
{
  const char *text = signet_load_text(in, name);
  if (text == NULL)
    return false;
  *choice = number_of(text);
  return *choice >= 0 ||
         signet_load_wrong(in, name, "is no word that a plan knows there");
}

bool signet_load_numbers(const signet_loading *in, const char *name,
                         const size_t **numbers, size_t *count)
{
  json_object *array =
      signet_load_member(in, name, json_type_array, "must be an array");
  if (array == NULL)
    return false;
  for (size_t i = 0; i < json_object_array_length(array); i++) {
    json_object *member = json_object_array_get_idx(array, i);
    int64_t number = json_object_get_int64(member);
    if (!json_object_is_type(member, json_type_int) || number < 1 ||
        number >= (int64_t)in->number)
      return signet_load_wrong(in, name, "must name steps before it");
    if (!signet_plan_push(numbers, count, (size_t)number))
      return signet_load_no_memory(in);
  }
  return true;
}

bool signet_load_is_id(json_object *member)
{
  signet_violation violation;
  return json_object_is_type(member, json_type_string) &&
         signet_rule_check_id(json_object_get_string(member),
                              (size_t)json_object_get_string_len(member),
                              &violation);
}

bool signet_load_outage(const signet_loading *in, signet_plan_step *step)
{
  json_object *array =
      signet_load_member(in, "outage", json_type_array, "must be an array");
  if (array == NULL)
    return false;
  size_t count = json_object_array_length(array);
  if (count == 0)
    return true;
  int64_t *ids = signet_memory_zeroed(count, sizeof ids[0]);
  if (ids == NULL)
    return signet_load_no_memory(in);
  step->outage = ids;
  step->outage_count = count;
  for (size_t i = 0; i < count; i++) {
    json_object *member = json_object_array_get_idx(array, i);
    if (!signet_load_is_id(member))
      return signet_load_wrong(in, "outage", "must hold ids");
    ids[i] = json_object_get_int64(member);
  }
  return true;
}

bool signet_load_image(const signet_loading *in, const char *name, bool wanted,
                       const char **text)
{
  json_object *member;
  *text = NULL;
  if (!json_object_object_get_ex(in->object, name, &member))
    return signet_load_wrong(in, name, "is missing");
  if (!wanted)
    return member == NULL || signet_load_wrong(in, name, "must be null");
  if (!json_object_is_type(member, json_type_object))
    return signet_load_wrong(in, name, "must be an object");
  *text = json_object_to_json_string_ext(
      member, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
  return *text != NULL || signet_load_no_memory(in);
}
