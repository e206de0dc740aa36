/* SPDX-License-Identifier: MIT */
/* Whether an entry is what a step of a plan expects. */
#include "job/plan/compare.h"

#include "job/plan/fields.h"

#include "account/same.h"
#include "model/error_fill.h"
#include "model/kinds.h"
#include "model/list.h"
#include "model/memory.h"
#include "model/text.h"
#include "wire/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_MAXIMUM = 200 };

/* One comparison of an entry with what a step has seen of it. */
typedef struct comparing {
  const signet_plan_apply *apply;
  signet_list *list; /* of the record before alone */
  const signet_record *before;
  const signet_record *record;
  signet_error *error;
} comparing;

static const char *word_of(const comparing *all)
{
  return signet_apply_finding(all->apply);
}

static void show(const signet_record *record, const char *name,
                 const char *absent, char *out, size_t size)
{
  signet_value value = {.type = SIGNET_NULL};
  signet_record_get(record, name, &value);
  if (value.type == SIGNET_INTEGER)
    snprintf(out, size, "%" PRId64, value.as.integer);
  else if (value.type == SIGNET_STRING && value.as.text.length > 0)
    signet_text_escape(out, size, value.as.text.data, value.as.text.length);
  else
    snprintf(out, size, "%s", absent);
}

static bool fail(const comparing *all, const char *name)
{
  char shown[2][SHOWN_MAXIMUM];
  show(all->record, name, "not set", shown[0], sizeof shown[0]);
  show(all->before, name, "none", shown[1], sizeof shown[1]);
  return signet_error_set(
      all->error, SIGNET_ERROR_CONFLICT, "%s: %s is %s, and the %s expects %s",
      word_of(all), name, shown[0], signet_apply_noun(all->apply), shown[1]);
}

/* Where both show it. */
static bool compare_number(const comparing *all, const char *name)
{
  int64_t wanted = signet_record_integer(all->before, name, -1);
  int64_t is = signet_record_integer(all->record, name, -1);
  return wanted < 0 || is < 0 || wanted == is || fail(all, name);
}

/* Of the other dialect, which is text. */
static bool compare_time(const comparing *all, const char *name)
{
  signet_value wanted, is;
  return !signet_record_get(all->before, name, &wanted) ||
         !signet_record_get(all->record, name, &is) ||
         signet_value_same(name, &wanted, &is) || fail(all, name);
}

/* What the plan's own steps made of an entry is known by its content alone. */
static bool is_own_doing(const signet_plan_apply *apply, uint32_t step)
{
  const signet_apply_step *at = &apply->steps[step];
  return at->turn > 0 || apply->entries[at->entry].first < step;
}

static bool compare_all(const comparing *all, uint32_t step)
{
  const signet_plan_step *of = signet_apply_step_of(all->apply, step);
  const char *name =
      signet_entry_difference(of->kind, all->before, all->record);
  if (name != NULL)
    return fail(all, name);
  if (of->assumed)
    return compare_number(all, "status");
  return all->apply->options.undo || is_own_doing(all->apply, step) ||
         (compare_number(all, "status") && compare_time(all, "updated_time") &&
          compare_time(all, "update_time"));
}

/* The entry as the step has seen it, with the real id of a signature that the
 * plan makes. NULL: out of memory */
static json_object *parse_before(const signet_plan_apply *apply,
                                 const signet_plan_step *step)
{
  char id[32];
  const char *problem;
  json_object *sign;
  json_object *object =
      signet_json_parse(step->before, strlen(step->before), &problem);
  bool good = json_object_is_type(object, json_type_object);
  if (good && step->kind == SIGNET_TEMPLATE &&
      json_object_object_get_ex(object, "sign_id", &sign) && sign != NULL) {
    signet_apply_id(apply, SIGNET_SIGN, json_object_get_string(sign), id,
                    sizeof id);
    json_object *real = json_object_new_string(id);
    good = real != NULL && json_object_object_add(object, "sign_id", real) == 0;
    if (!good)
      json_object_put(real);
  }
  if (good)
    return object;
  json_object_put(object);
  return NULL;
}

char *signet_apply_expected(const signet_plan_apply *apply, uint32_t step)
{
  const signet_plan_step *of = signet_apply_step_of(apply, step);
  json_object *object = parse_before(apply, of);
  if (object != NULL && apply->options.undo)
    json_object_object_del(object, "status"); /* a review is no edit */
  const char *text =
      object != NULL
          ? json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN)
          : NULL;
  char *copy = text != NULL ? signet_memory_text(text, strlen(text)) : NULL;
  json_object_put(object);
  return copy;
}

static bool read_before(comparing *all, const signet_plan_step *step)
{
  json_object *object = parse_before(all->apply, step);
  all->list = object != NULL ? signet_list_new(step->kind) : NULL;
  if (all->list != NULL)
    all->before = signet_json_record(object, all->list);
  json_object_put(object);
  return all->before != NULL;
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

/* Whether the entry is as the step leaves it, which an earlier run may have
 * done without the journal's knowing any more: the job finds that out. */
static bool may_be_done(const signet_plan_apply *apply, uint32_t step,
                        const signet_record *record)
{
  const signet_plan_step *of = signet_apply_step_of(apply, step);
  if (apply->job == NULL || !apply->job->lost.any)
    return false;
  if (of->verb == SIGNET_DELETE || record == NULL)
    return of->verb == SIGNET_DELETE && record == NULL;
  signet_fields *fields = signet_apply_fields_of(apply, step);
  bool done = fields != NULL && signet_entry_is_same(of->kind, fields, record);
  signet_fields_free(fields);
  return done;
}

bool signet_apply_compare(signet_plan_apply *apply, uint32_t step,
                          const signet_record *record, signet_error *error)
{
  const signet_plan_step *of = signet_apply_step_of(apply, step);
  comparing all = {.apply = apply, .record = record, .error = error};
  error->outcome = SIGNET_OUTCOME_NOT_SENT;
  if (may_be_done(apply, step, record))
    return true;
  if (record == NULL)
    return signet_error_set(error, SIGNET_ERROR_CONFLICT,
                            "%s: the entry is gone", word_of(&all));
  apply->steps[step].await_own = may_wait(apply, step, record);
  if (apply->steps[step].await_own || of->before == NULL)
    return true;
  bool good =
      read_before(&all, of)
          ? compare_all(&all, step)
          : signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  signet_list_release(all.list);
  return good;
}

bool signet_apply_deletes_absent(const signet_plan_apply *apply, uint32_t step,
                                 const signet_record *live)
{
  return apply->options.undo && live == NULL &&
         signet_apply_step_of(apply, step)->verb == SIGNET_DELETE;
}

/* ---- the signature of a template ---- */

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
  signet_value shown;
  int64_t status = signet_record_integer(sign, "status", 0);
  const char *name = signet_status_name(status);
  if (status == SIGNET_STATUS_APPROVED ||
      !signet_record_get(sign, "status", &shown))
    return true; /* what isn't shown, the service judges */
  apply->steps[step].await_sign =
      status == SIGNET_STATUS_PENDING &&
      (apply->options.undo || signet_apply_step_of(apply, step)->assumed_sign);
  return apply->steps[step].await_sign ||
         signet_error_set(error, SIGNET_ERROR_NOT_APPROVED,
                          "the signature %s that it is to show is %s, and "
                          "only an approved one can be used",
                          id, name != NULL ? name : "of no known status");
}
