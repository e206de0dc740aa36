/* SPDX-License-Identifier: MIT */
/* Whether an entry is what a step of a plan expects. */
#include "job/plan_apply.h"

#include "model/error_fill.h"
#include "model/record_build.h"
#include "model/text.h"
#include "wire/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_MAXIMUM = 200 };

/* A field's value as text. */
typedef struct field_text {
  const char *data; /* NULL: it isn't set */
  size_t length;
  char number[32]; /* of an integer, or an id */
} field_text;

static const char *const contents[2][7] = {{"sign_name", NULL},
                                           {"template_name", "template_type",
                                            "template_content", "country_codes",
                                            "sign_id", "sign_position", NULL}};
static const char *const reviews[] = {"status", "updated_time", "update_time",
                                      NULL};

static bool is_text(const field_text *text, const char *wanted)
{
  return text->length == strlen(wanted) &&
         memcmp(text->data, wanted, text->length) == 0;
}

/* As a list shows it: no signature in several ways, an old type's new name, the
 * real id of a signature that the plan makes. */
static void normalise(const signet_plan_apply *apply, const char *name,
                      field_text *text)
{
  if (text->length == 0 || is_text(text, "0")) {
    text->data = NULL;
  } else if (strcmp(name, "template_type") == 0 && is_text(text, "otp")) {
    text->data = "authentication";
    text->length = strlen(text->data);
  } else if (strcmp(name, "sign_id") == 0 &&
             text->length < sizeof text->number) {
    char id[sizeof text->number];
    memcpy(id, text->data, text->length);
    id[text->length] = '\0';
    text->data = signet_apply_id(apply, SIGNET_SIGN, id, text->number,
                                 sizeof text->number);
    text->length = strlen(text->data);
  }
}

static void take_value(const signet_plan_apply *apply, const char *name,
                       const signet_value *value, field_text *text)
{
  *text = (field_text){0};
  if (value->type == SIGNET_STRING || value->type == SIGNET_JSON) {
    text->data = value->as.text.data;
    text->length = value->as.text.length;
  } else if (value->type == SIGNET_INTEGER) {
    snprintf(text->number, sizeof text->number, "%" PRId64, value->as.integer);
    text->data = text->number;
    text->length = strlen(text->number);
  }
  normalise(apply, name, text);
}

static bool same(const field_text *a, const field_text *b)
{
  if (a->data == NULL || b->data == NULL)
    return a->data == b->data;
  return a->length == b->length && memcmp(a->data, b->data, a->length) == 0;
}

static void show(const field_text *text, const char *absent, char *out,
                 size_t size)
{
  if (text->data == NULL)
    snprintf(out, size, "%s", absent);
  else
    signet_text_escape(out, size, text->data, text->length);
}

/* One comparison of an entry with what a step has seen of it. */
typedef struct comparing {
  const signet_plan_apply *apply;
  json_object *before;
  const signet_record *record;
  signet_error *error;
} comparing;

static const char *word_of(const comparing *all)
{
  return all->apply->options.undo ? "conflict" : "drift";
}

static bool fail(const comparing *all, const char *name,
                 const field_text *wanted, const field_text *is)
{
  char shown[2][SHOWN_MAXIMUM];
  show(is, "not set", shown[0], sizeof shown[0]);
  show(wanted, "none", shown[1], sizeof shown[1]);
  return signet_error_set(all->error, SIGNET_ERROR_CONFLICT,
                          "%s: %s is %s, and the %s expects %s", word_of(all),
                          name, shown[0],
                          all->apply->options.undo ? "undo" : "plan", shown[1]);
}

/* @param known  a field that one of the two lacks is no difference */
static bool compare_fields(const comparing *all, const char *const *names,
                           bool known)
{
  for (; *names != NULL; names++) {
    json_object *member;
    signet_value value = {.type = SIGNET_NULL};
    field_text wanted = {0};
    field_text is = {0};
    if (json_object_object_get_ex(all->before, *names, &member)) {
      value = signet_json_value(member);
      take_value(all->apply, *names, &value, &wanted);
    }
    if (signet_record_get(all->record, *names, &value))
      take_value(all->apply, *names, &value, &is);
    if (known && (wanted.data == NULL || is.data == NULL))
      continue;
    if (!same(&wanted, &is))
      return fail(all, *names, &wanted, &is);
  }
  return true;
}

/* What the plan's own steps made of an entry is known by its content alone. */
static bool is_own_doing(const signet_plan_apply *apply, uint32_t step)
{
  const signet_apply_step *at = &apply->steps[step];
  return at->turn > 0 || apply->entries[at->entry].first < step;
}

static bool compare_all(const comparing *all, uint32_t step)
{
  static const char *const status[] = {"status", NULL};
  const signet_plan_step *of = signet_apply_step_of(all->apply, step);
  if (!compare_fields(all, contents[of->kind], false))
    return false;
  if (of->assumed)
    return compare_fields(all, status, false);
  return all->apply->options.undo || is_own_doing(all->apply, step) ||
         compare_fields(all, reviews, true);
}

/* A review that the step rests on, or that keeps an undo from changing it. */
static bool may_wait(const signet_plan_apply *apply, uint32_t step,
                     const signet_record *record)
{
  const signet_plan_step *of = signet_apply_step_of(apply, step);
  bool waits =
      of->assumed || (apply->options.undo && of->verb == SIGNET_UPDATE);
  return waits &&
         signet_record_integer(record, "status", 0) == SIGNET_STATUS_PENDING;
}

bool signet_apply_compare(signet_plan_apply *apply, uint32_t step,
                          const signet_record *record, signet_error *error)
{
  const char *problem;
  const char *before = signet_apply_step_of(apply, step)->before;
  comparing all = {apply, NULL, record, error};
  error->outcome = SIGNET_OUTCOME_NOT_SENT;
  if (record == NULL)
    return signet_error_set(error, SIGNET_ERROR_CONFLICT,
                            "%s: the entry is gone", word_of(&all));
  apply->steps[step].await_own = may_wait(apply, step, record);
  if (apply->steps[step].await_own || before == NULL)
    return true;
  all.before = signet_json_parse(before, strlen(before), &problem);
  bool good = all.before != NULL ? compare_all(&all, step)
                                 : signet_error_set(error, SIGNET_ERROR_MEMORY,
                                                    "out of memory");
  json_object_put(all.before);
  return good;
}

/* ---- the signature of a template ---- */

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

static bool has_id(const void *item, const void *key)
{
  char id[24];
  return strcmp(signet_record_id(item, id, sizeof id), key) == 0;
}

bool signet_apply_check_sign(signet_plan_apply *apply, uint32_t step,
                             signet_error *error)
{
  char id[24];
  error->outcome = SIGNET_OUTCOME_NOT_SENT;
  if (!signet_apply_sign_of(apply, step, id, sizeof id))
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  const signet_apply_entry *own = signet_apply_find(apply, SIGNET_SIGN, id);
  if (id[0] == '\0' || (own != NULL && own->first < step))
    return true; /* none, or the plan itself sees to it */
  const signet_record *sign =
      signet_table_find(&apply->signs, signet_id_hash(id), has_id, id);
  if (sign == NULL)
    return signet_error_set(error, SIGNET_ERROR_NOT_FOUND,
                            "the signature %s that it is to show is gone", id);
  int64_t status = signet_record_integer(sign, "status", 0);
  if (status == SIGNET_STATUS_APPROVED)
    return true;
  apply->steps[step].await_sign =
      status == SIGNET_STATUS_PENDING &&
      (apply->options.undo || signet_apply_step_of(apply, step)->assumed_sign);
  return apply->steps[step].await_sign ||
         signet_error_set(error, SIGNET_ERROR_NOT_APPROVED,
                          "the signature %s that it is to show is %s, and "
                          "only an approved one can be used",
                          id, signet_status_name(status));
}
