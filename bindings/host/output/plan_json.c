/* SPDX-License-Identifier: MIT */
#include "host/output/plan_json.h"

#include "host/output/json.h"
#include "host/output/plan_words.h"
#include "host/output/report_line.h"

#include <inttypes.h>
#include <string.h>

static void add(json_object *object, const char *name, json_object *value)
{
  (void)json_object_object_add(object, name, value);
}

static void add_number(json_object *object, const char *name, size_t number)
{
  add(object, name, json_object_new_uint64(number));
}

static void add_numbers(json_object *object, const char *name,
                        const size_t *numbers, size_t count)
{
  json_object *array = json_object_new_array();

  for (size_t i = 0; i < count; i++)
    (void)json_object_array_add(array, json_object_new_uint64(numbers[i]));
  add(object, name, array);
}

static void add_ids(json_object *object, const char *name, const int64_t *ids,
                    size_t count)
{
  json_object *array = json_object_new_array();
  char text[24];

  for (size_t i = 0; i < count; i++) {
    (void)snprintf(text, sizeof text, "%" PRId64, ids[i]);
    (void)json_object_array_add(array, json_object_new_string(text));
  }
  add(object, name, array);
}

static void add_image(json_object *object, const char *name, const char *text)
{
  add(object, name, text != NULL ? json_tokener_parse(text) : NULL);
}

static json_object *step_object(const signet_plan_step *step)
{
  json_object *object = signet_host_json_event("step");
  const char *mark = signet_undo_mark_word(step->mark);

  add_number(object, "step", step->number);
  add(object, "verb", json_object_new_string(signet_verb_name(step->verb)));
  add(object, "kind", json_object_new_string(signet_kind_name(step->kind)));
  add(object, "id", json_object_new_string(step->id));
  add(object, "name", json_object_new_string(step->name));
  add_image(object, "before", step->before);
  add_image(object, "after", step->after);
  add_numbers(object, "needs", step->needs, step->need_count);
  add_numbers(object, "reviews", step->reviews, step->review_count);
  add_number(object, "after_round", step->after_round);
  add_number(object, "round", step->round);
  add(object, "assumed", json_object_new_boolean(step->assumed));
  add(object, "assumed_sign", json_object_new_boolean(step->assumed_sign));
  add(object, "review", json_object_new_boolean(step->review));
  add_ids(object, "outage", step->outage, step->outage_count);
  if (*mark != '\0') {
    add(object, "mark", json_object_new_string(mark));
    if (step->old[0] != '\0')
      add(object, "old", json_object_new_string(step->old));
  }
  return object;
}

static json_object *rounds_array(const signet_plan *plan)
{
  json_object *array = json_object_new_array();
  signet_plan_round round;

  for (size_t i = 0; signet_plan_round_at(plan, i, &round); i++) {
    json_object *object = json_object_new_object();

    add_number(object, "steps", round.steps);
    add_number(object, "reviews", round.reviews);
    add_ids(object, "outage", round.outage, round.outage_count);
    (void)json_object_array_add(array, object);
  }
  return array;
}

void signet_host_plan_json(struct report *report, const signet_plan *plan)
{
  json_object *object;
  struct plan_totals totals;
  signet_plan_about about;

  for (size_t i = 0; i < signet_plan_count(plan); i++)
    signet_host_report_object(report, step_object(signet_plan_at(plan, i)));
  signet_plan_describe(plan, &about);
  signet_host_plan_totals(plan, &totals);
  object = signet_host_json_event("plan");
  signet_host_json_text(object, "account", about.account,
                        strlen(about.account));
  add(object, "digest", json_object_new_string(signet_plan_digest(plan)));
  add_number(object, "steps", signet_plan_count(plan));
  add_number(object, "creates", totals.creates);
  add_number(object, "updates", totals.updates);
  add_number(object, "deletes", totals.deletes);
  add_number(object, "reviews", totals.reviews);
  add(object, "rounds", rounds_array(plan));
  signet_host_report_object(report, object);
}
