/* SPDX-License-Identifier: MIT */
/* What a plan holds: making it, asking it, freeing it. */
#include "job/plan/plan.h"

#include "job/memo.h"
#include "model/clock.h"
#include "model/memory.h"
#include "model/text.h"
#include "wire/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool copy(char **to, const char *text)
{
  *to = signet_memory_text(text, strlen(text));
  return *to != NULL;
}

signet_plan *signet_plan_new(const char *account, const char *script,
                             const char *arguments)
{
  signet_plan *plan = signet_memory_zeroed(1, sizeof *plan);
  if (plan == NULL)
    return NULL;
  plan->created_ms = signet_clock_unix_ms();
  if (copy(&plan->account, account) && copy(&plan->tool, signet_version()) &&
      copy(&plan->script, script != NULL ? script : "") &&
      copy(&plan->arguments, arguments != NULL ? arguments : "[]"))
    return plan;
  signet_plan_free(plan);
  return NULL;
}

/* The plan owns what its steps show as const. */
static void free_owned(const void *memory)
{
  signet_memory_free((void *)(uintptr_t)memory);
}

static void free_step(const signet_plan_step *step)
{
  free_owned(step->name);
  free_owned(step->before);
  free_owned(step->after);
  free_owned(step->needs);
  free_owned(step->reviews);
  free_owned(step->outage);
}

static void free_rounds(signet_plan *plan)
{
  for (size_t i = 0; i < plan->round_count; i++)
    free_owned(plan->rounds[i].outage);
  signet_memory_free(plan->rounds);
  plan->rounds = NULL;
  plan->round_count = 0;
}

void signet_plan_free(signet_plan *plan)
{
  if (plan == NULL)
    return;
  for (size_t i = 0; i < plan->count; i++)
    free_step(&plan->steps[i]);
  free_rounds(plan);
  signet_memory_free(plan->steps);
  signet_memory_free(plan->account);
  signet_memory_free(plan->tool);
  signet_memory_free(plan->script);
  signet_memory_free(plan->arguments);
  signet_memory_free(plan->text);
  signet_memory_free(plan);
}

bool signet_plan_push(const size_t **numbers, size_t *count, size_t number)
{
  enum { LOOK_BACK = 16 }; /* a number twice does no harm in a long list */
  size_t *list = (size_t *)(uintptr_t)*numbers;
  for (size_t i = *count; i > 0 && *count - i < LOOK_BACK; i--)
    if (list[i - 1] == number)
      return true;
  if ((*count & (*count - 1)) == 0) { /* room grows at powers of two */
    list =
        signet_memory_resize(list, *count > 0 ? *count * 2 : 1, sizeof list[0]);
    if (list == NULL)
      return false;
    *numbers = list;
  }
  list[(*count)++] = number;
  return true;
}

/* The name in a record or in fields, as it can be shown. NULL: memory. */
static char *name_in(const char *text, signet_kind kind)
{
  const char *field = kind == SIGNET_SIGN ? "sign_name" : "template_name";
  const char *problem;
  json_object *member = NULL;
  char shown[1024];
  json_object *object = signet_json_parse(text, strlen(text), &problem);
  if (signet_json_ran_out(problem))
    return NULL;
  json_object_object_get_ex(object, field, &member);
  const char *name = json_object_is_type(member, json_type_string)
                         ? json_object_get_string(member)
                         : "";
  signet_text_escape(shown, sizeof shown, name,
                     member != NULL ? (size_t)json_object_get_string_len(member)
                                    : 0);
  json_object_put(object);
  return signet_memory_text(shown, strlen(shown));
}

static bool reserve(signet_plan *plan)
{
  if (plan->count < plan->capacity)
    return true;
  size_t capacity = plan->capacity > 0 ? plan->capacity * 2 : 64;
  signet_plan_step *steps =
      signet_memory_resize(plan->steps, capacity, sizeof steps[0]);
  if (steps == NULL)
    return false;
  plan->steps = steps;
  plan->capacity = capacity;
  return true;
}

signet_plan_step *signet_plan_add(signet_plan *plan, signet_verb verb,
                                  signet_kind kind, const char *id,
                                  const char *before, const char *after)
{
  if (!reserve(plan))
    return NULL;
  signet_plan_step *step = &plan->steps[plan->count];
  *step =
      (signet_plan_step){.number = plan->count + 1, .verb = verb, .kind = kind};
  snprintf(step->id, sizeof step->id, "%s", id);
  step->name = name_in(before != NULL ? before : after, kind);
  if (before != NULL)
    step->before = signet_memory_text(before, strlen(before));
  if (after != NULL)
    step->after = signet_memory_text(after, strlen(after));
  plan->count++;
  return step->name != NULL && (before == NULL || step->before != NULL) &&
                 (after == NULL || step->after != NULL)
             ? step
             : NULL;
}

/* ---- rounds ---- */

static int compare_ids(const void *left, const void *right)
{
  int64_t a = *(const int64_t *)left;
  int64_t b = *(const int64_t *)right;
  return a < b ? -1 : a > b;
}

size_t signet_plan_unique(int64_t *ids, size_t count)
{
  size_t kept = 0;
  qsort(ids, count, sizeof ids[0], compare_ids);
  for (size_t i = 0; i < count; i++)
    if (kept == 0 || ids[kept - 1] != ids[i])
      ids[kept++] = ids[i];
  return kept;
}

/* Room for the templates that the reviews of each round keep from sending. */
static bool reserve_outage(signet_plan *plan)
{
  for (size_t i = 0; i < plan->count; i++)
    plan->rounds[plan->steps[i].round - 1].outage_count +=
        plan->steps[i].outage_count;
  for (size_t i = 0; i < plan->round_count; i++) {
    signet_plan_round *round = &plan->rounds[i];
    if (round->outage_count == 0)
      continue;
    round->outage =
        signet_memory_zeroed(round->outage_count, sizeof round->outage[0]);
    if (round->outage == NULL)
      return false;
    round->outage_count = 0;
  }
  return true;
}

static bool gather_outage(signet_plan *plan)
{
  if (!reserve_outage(plan))
    return false;
  for (size_t i = 0; i < plan->count; i++) {
    const signet_plan_step *step = &plan->steps[i];
    signet_plan_round *round = &plan->rounds[step->round - 1];
    if (step->outage_count == 0)
      continue;
    memcpy((int64_t *)(uintptr_t)round->outage + round->outage_count,
           step->outage, step->outage_count * sizeof step->outage[0]);
    round->outage_count += step->outage_count;
  }
  for (size_t i = 0; i < plan->round_count; i++)
    if (plan->rounds[i].outage != NULL)
      plan->rounds[i].outage_count =
          signet_plan_unique((int64_t *)(uintptr_t)plan->rounds[i].outage,
                             plan->rounds[i].outage_count);
  return true;
}

bool signet_plan_gather(signet_plan *plan)
{
  size_t count = 0;
  for (size_t i = 0; i < plan->count; i++)
    if (plan->steps[i].round > count)
      count = plan->steps[i].round;
  free_rounds(plan);
  if (count == 0)
    return true;
  plan->rounds = signet_memory_zeroed(count, sizeof plan->rounds[0]);
  if (plan->rounds == NULL)
    return false;
  plan->round_count = count;
  for (size_t i = 0; i < plan->count; i++) {
    signet_plan_round *round = &plan->rounds[plan->steps[i].round - 1];
    round->steps++;
    round->reviews += plan->steps[i].review;
  }
  return gather_outage(plan);
}

/* ---- asking ---- */

void signet_plan_describe(const signet_plan *plan, signet_plan_about *about)
{
  *about = (signet_plan_about){
      plan->account,    plan->tool,
      plan->script,     plan->arguments,
      plan->created_ms, plan->from.job[0] != '\0' ? &plan->from : NULL,
      plan->unplanned,
  };
}

size_t signet_plan_count(const signet_plan *plan)
{
  return plan->count;
}

const signet_plan_step *signet_plan_at(const signet_plan *plan, size_t index)
{
  return index < plan->count ? &plan->steps[index] : NULL;
}

size_t signet_plan_rounds(const signet_plan *plan)
{
  return plan->round_count;
}

bool signet_plan_round_at(const signet_plan *plan, size_t index,
                          signet_plan_round *round)
{
  if (index >= plan->round_count)
    return false;
  *round = plan->rounds[index];
  return true;
}

const char *signet_plan_digest(const signet_plan *plan)
{
  return plan->digest;
}

const char *signet_plan_text(const signet_plan *plan, size_t *length)
{
  *length = plan->length;
  return plan->text;
}

void signet_plan_drop_text(signet_plan *plan)
{
  signet_memory_free(plan->text);
  plan->text = NULL;
  plan->length = 0;
}

void signet_plan_make_digest(const char *text, char *digest)
{
  uint64_t sums[2];
  const char *line = strchr(text, '\n');
  signet_memo_digest_text("plan", line != NULL ? line + 1 : "", sums);
  snprintf(digest, SIGNET_PLAN_DIGEST_SIZE, "%016" PRIx64 "%016" PRIx64,
           sums[0], sums[1]);
}
