/* SPDX-License-Identifier: MIT */
/* A state file, read strictly: a member that is misspelt would otherwise be
 * taken for absent without a word. */
#include "world/load.h"

#include "world/entry.h"
#include "world/load_entry.h"

#include "model/error_fill.h"
#include "model/memory.h"
#include "model/text.h"
#include "wire/json.h"

#include <limits.h>
#include <string.h>

enum { STATE_VERSION = 1, REVIEWERS_MAXIMUM = 1000 };

static bool wrong(signet_error *error, const char *name, const char *what)
{
  char shown[64];
  signet_text_escape(shown, sizeof shown, name, strlen(name));
  return signet_error_set(error, SIGNET_ERROR_VALIDATION, "%s %s", shown, what);
}

static bool read_test_rule(json_object *member, signet_world_options *options)
{
  static const char *const names[] = {"word", "anywhere", "exact"};
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
    if (json_object_is_type(member, json_type_string) &&
        strcmp(json_object_get_string(member), names[i]) == 0) {
      options->test_rule = (signet_world_test_rule)i;
      return true;
    }
  return false;
}

static bool read_max_signs(json_object *member, signet_world_options *options)
{
  int64_t number = json_object_get_int64(member);
  if (!json_object_is_type(member, json_type_int) || number < 0 ||
      number > UINT_MAX)
    return false;
  options->max_signs = (unsigned)number;
  return true;
}

/* The switch of that name, or NULL. */
static bool *find_switch(signet_world_options *options, const char *name)
{
  const struct {
    const char *name;
    bool *value;
  } switches[] = {
      {"delete_pending", &options->delete_pending},
      {"free_name_on_submit", &options->free_name_on_submit},
      {"review_unchanged", &options->review_unchanged},
      {"length_in_bytes", &options->length_in_bytes},
      {"delete_used_sign", &options->delete_used_sign},
      {"create_tells_id", &options->create_tells_id},
  };
  for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
    if (strcmp(switches[i].name, name) == 0)
      return switches[i].value;
  return NULL;
}

static bool read_option(const char *name, json_object *member,
                        signet_world_options *options, signet_error *error)
{
  bool *value = find_switch(options, name);
  if (strcmp(name, "test_rule") == 0) {
    if (!read_test_rule(member, options))
      return wrong(error, name, "must be \"word\", \"anywhere\" or \"exact\"");
  } else if (strcmp(name, "max_signs") == 0) {
    if (!read_max_signs(member, options))
      return wrong(error, name, "must be an integer of 0 to 4294967295");
  } else if (value == NULL) {
    return wrong(error, name, "is no option");
  } else if (!json_object_is_type(member, json_type_boolean)) {
    return wrong(error, name, "must be true or false");
  } else {
    *value = json_object_get_boolean(member);
  }
  return true;
}

bool signet_world_load_options(struct json_object *object,
                               signet_world_options *options,
                               signet_error *error)
{
  if (!json_object_is_type(object, json_type_object))
    return wrong(error, "options", "must be an object");
  json_object_object_foreach(object, name, member)
  {
    if (!read_option(name, member, options, error))
      return false;
  }
  return true;
}

static bool read_kind(json_object *member, signet_world_reviewer *rule)
{
  const char *kind = json_object_is_type(member, json_type_string)
                         ? json_object_get_string(member)
                         : "";
  rule->any_kind = strcmp(kind, "any") == 0;
  int number = signet_kind_number(kind);
  rule->kind = number == SIGNET_SIGN ? SIGNET_SIGN : SIGNET_TEMPLATE;
  return rule->any_kind || number >= 0;
}

bool signet_world_load_status(struct json_object *member, int *status)
{
  if (json_object_is_type(member, json_type_string)) {
    *status = signet_status_number(json_object_get_string(member));
    return *status > SIGNET_STATUS_PENDING;
  }
  int64_t number = json_object_get_int64(member);
  *status = (int)number;
  return json_object_is_type(member, json_type_int) && number >= 0 &&
         number <= INT_MAX && number != SIGNET_STATUS_PENDING;
}

static bool read_after(json_object *member, signet_world_reviewer *rule)
{
  rule->after_ms = json_object_get_int64(member);
  return json_object_is_type(member, json_type_int) && rule->after_ms >= 0;
}

static bool read_string(json_object *member, const char **text)
{
  *text = json_object_get_string(member);
  return json_object_is_type(member, json_type_string);
}

/* What is wrong with a member of a rule; NULL: nothing. */
static const char *read_rule(const char *name, json_object *member,
                             signet_world_reviewer *rule)
{
  if (strcmp(name, "kind") == 0)
    return read_kind(member, rule)
               ? NULL
               : "must be \"sign\", \"template\" or \"any\"";
  if (strcmp(name, "name") == 0)
    return read_string(member, &rule->pattern) ? NULL
                                               : "must be a shell pattern";
  if (strcmp(name, "after_ms") == 0)
    return read_after(member, rule) ? NULL : "must be an integer of 0 or more";
  if (strcmp(name, "status") == 0)
    return signet_world_load_status(member, &rule->status)
               ? NULL
               : "must be \"approved\", \"rejected\" or a number other than 1";
  if (strcmp(name, "remark") == 0)
    return read_string(member, &rule->remark) ? NULL : "must be a string";
  return "is no field of a reviewer's rule";
}

static bool read_reviewer(json_object *object, size_t index,
                          signet_world_reviewer *rule, signet_error *error)
{
  *rule = (signet_world_reviewer){
      true, SIGNET_SIGN, NULL, 0, SIGNET_STATUS_APPROVED, NULL};
  if (!json_object_is_type(object, json_type_object))
    return signet_error_set(error, SIGNET_ERROR_VALIDATION,
                            "reviewers[%zu] must be an object", index);
  json_object_object_foreach(object, name, member)
  {
    char shown[64];
    const char *problem = read_rule(name, member, rule);
    signet_text_escape(shown, sizeof shown, name, strlen(name));
    if (problem != NULL)
      return signet_error_set(error, SIGNET_ERROR_VALIDATION,
                              "reviewers[%zu].%s %s", index, shown, problem);
  }
  return true;
}

bool signet_world_load_reviewers(signet_world *world, struct json_object *array,
                                 signet_error *error)
{
  if (!json_object_is_type(array, json_type_array))
    return wrong(error, "reviewers", "must be an array");
  size_t count = json_object_array_length(array);
  if (count > REVIEWERS_MAXIMUM)
    return wrong(error, "reviewers", "are more than 1000");
  signet_world_reviewer *rules = signet_memory_zeroed(count + 1, sizeof *rules);
  bool right = rules != NULL;
  if (rules == NULL)
    signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  for (size_t i = 0; right && i < count; i++)
    right =
        read_reviewer(json_object_array_get_idx(array, i), i, &rules[i], error);
  if (right && !signet_world_set_reviewers(world, rules, count))
    right = signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  signet_memory_free(rules);
  return right;
}

static bool load_entries(signet_world *world, signet_kind kind,
                         json_object *array, signet_error *error)
{
  if (!json_object_is_type(array, json_type_array))
    return wrong(error, signet_kind_collection(kind), "must be an array");
  size_t count = json_object_array_length(array);
  for (size_t i = 0; i < count; i++)
    if (!signet_world_load_entry(
            world, kind, json_object_array_get_idx(array, i), i, false, error))
      return false;
  return true;
}

static bool load_next_id(signet_world *world, json_object *member,
                         signet_error *error)
{
  int64_t id = 0;
  if (!json_object_is_type(member, json_type_string) ||
      !signet_entry_id_parse(json_object_get_string(member),
                             (size_t)json_object_get_string_len(member), &id) ||
      id == 0 || id > SIGNET_WORLD_LAST_ID)
    return wrong(error, "next_id", "must be an id, digits in a string");
  world->next_id = id;
  return true;
}

static bool load_version(json_object *member, signet_error *error)
{
  if (!json_object_is_type(member, json_type_int) ||
      json_object_get_int64(member) != STATE_VERSION)
    return wrong(error, "version", "must be 1");
  return true;
}

/* The parts in the order in which they need each other: signatures before the
 * templates that are counted at them, the reviewer behind what he judges. */
static bool load_parts(signet_world *world, json_object *object,
                       signet_error *error)
{
  json_object *member;
  if (!json_object_object_get_ex(object, "version", &member))
    return wrong(error, "version", "is missing");
  if (!load_version(member, error))
    return false;
  if (json_object_object_get_ex(object, "next_id", &member) &&
      !load_next_id(world, member, error))
    return false;
  if (json_object_object_get_ex(object, "options", &member) &&
      !signet_world_load_options(member, &world->options, error))
    return false;
  for (signet_kind kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++)
    if (json_object_object_get_ex(object, signet_kind_collection(kind),
                                  &member) &&
        !load_entries(world, kind, member, error))
      return false;
  return !json_object_object_get_ex(object, "reviewers", &member) ||
         signet_world_load_reviewers(world, member, error);
}

static bool check_members(json_object *object, signet_error *error)
{
  static const char *const members[] = {"version", "next_id", "options",
                                        "reviewers"};
  json_object_object_foreach(object, name, member)
  {
    bool known = signet_kind_of_collection(name) >= 0;
    (void)member;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
      known = known || strcmp(members[i], name) == 0;
    if (!known)
      return wrong(error, name, "is no member of a state");
  }
  return true;
}

void signet_world_swap(signet_world *a, signet_world *b)
{
  signet_world keep = *a;
  *a = *b;
  *b = keep;
}

bool signet_world_load(signet_world *world, const char *text, size_t length,
                       signet_error *error)
{
  const char *problem;
  json_object *object = signet_json_parse(text, length, &problem);
  signet_world *fresh = signet_world_new(NULL);
  bool done = false;
  if (fresh == NULL)
    signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  else if (signet_json_ran_out(problem))
    signet_error_set(error, SIGNET_ERROR_MEMORY, "%s", problem);
  else if (problem != NULL)
    signet_error_set(error, SIGNET_ERROR_VALIDATION, "no JSON: %s", problem);
  else if (!json_object_is_type(object, json_type_object))
    wrong(error, "the state", "must be an object");
  else {
    fresh->now_ms = world->now_ms;
    done = check_members(object, error) && load_parts(fresh, object, error);
  }
  if (done)
    signet_world_swap(world, fresh);
  signet_world_free(fresh);
  json_object_put(object);
  return done;
}
