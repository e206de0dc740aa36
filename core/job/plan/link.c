/* SPDX-License-Identifier: MIT */
/*
 * What each step of a plan needs first, from what it is about:
 *
 * - the step before on the same entry, or on the signature that it names; its
 *   review too where the service would refuse without;
 * - the step that frees the name that it takes;
 * - for a signature, the steps before on templates that use it;
 * - and where none of these tells of a review, every review that the script had
 *   waited for.
 */
#include "job/plan/link.h"

#include "model/memory.h"
#include "wire/json.h"
#include "world/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_MAXIMUM = 4096 };

/* What the steps so far did with one entry, or one name. */
typedef struct trace {
  struct trace *next;
  size_t last;         /* the step that touched it last, 0: none */
  const size_t *users; /* steps on templates since, of a signature */
  size_t user_count;
  char key[];
} trace;

typedef struct linking {
  signet_plan *plan;
  const signet_plan_hint *hints;
  signet_table table;
  trace *traces;
  size_t *awaited; /* steps that somebody waited for, by when */
  size_t awaited_count;
  size_t awaited_at;    /* of them, those before the current step */
  size_t awaited_round; /* the last round of those */
} linking;

/* One step as it is linked. */
typedef struct current {
  signet_plan_step *step;
  json_object *before;
  json_object *after;
  bool follows; /* it has to do with something that was waited for */
} current;

static bool same_key(const void *item, const void *key)
{
  return strcmp(((const trace *)item)->key, key) == 0;
}

static trace *trace_of(linking *all, char type, const char *name)
{
  char key[KEY_MAXIMUM];
  snprintf(key, sizeof key, "%c%s", type, name);
  size_t length = strlen(key);
  uint64_t hash = signet_table_hash_text(key, length);
  trace *found = signet_table_find(&all->table, hash, same_key, key);
  if (found != NULL || !signet_table_reserve(&all->table, 1))
    return found;
  found = signet_memory_zeroed(1, sizeof *found + length + 1);
  if (found == NULL)
    return NULL;
  memcpy(found->key, key, length + 1);
  found->next = all->traces;
  all->traces = found;
  signet_table_insert(&all->table, hash, found);
  return found;
}

static trace *entry_trace(linking *all, signet_kind kind, const char *id)
{
  return trace_of(all, kind == SIGNET_SIGN ? 's' : 't', id);
}

static const char *text_in(json_object *object, const char *field)
{
  json_object *member;
  if (!json_object_is_type(object, json_type_object) ||
      !json_object_object_get_ex(object, field, &member))
    return "";
  return json_object_is_type(member, json_type_string) ||
                 json_object_is_type(member, json_type_int)
             ? json_object_get_string(member)
             : "";
}

/* The signature that a template shows: of fields only if they say so. */
static const char *sign_of(json_object *object)
{
  json_object *member;
  if (json_object_is_type(object, json_type_object) &&
      json_object_object_get_ex(object, "add_signature", &member) &&
      !json_object_get_boolean(member))
    return "";
  return text_in(object, "sign_id");
}

static bool need(current *at, size_t number)
{
  return signet_plan_push(&at->step->needs, &at->step->need_count, number);
}

static bool need_review(current *at, size_t number)
{
  return signet_plan_push(&at->step->reviews, &at->step->review_count, number);
}

/* Something that this step touches, or names, was written by `number`. */
static bool follow(const linking *all, current *at, size_t number, bool strict)
{
  if (number == 0)
    return true;
  const signet_plan_step *earlier = &all->plan->steps[number - 1];
  bool decided = false;
  if (all->hints != NULL) {
    const signet_plan_hint *hint = &all->hints[number - 1];
    decided = hint->decided > 0 &&
              hint->decided <= all->hints[at->step->number - 1].jumps;
    at->follows = at->follows || (decided && hint->awaited);
  }
  return earlier->review && (strict || decided) ? need_review(at, number)
                                                : need(at, number);
}

static bool link_entry(linking *all, current *at)
{
  trace *entry = entry_trace(all, at->step->kind, at->step->id);
  if (entry == NULL ||
      !follow(all, at, entry->last, at->step->verb == SIGNET_UPDATE))
    return false;
  entry->last = at->step->number;
  if (at->step->kind != SIGNET_SIGN)
    return true;
  for (size_t i = 0; i < entry->user_count; i++)
    if (!follow(all, at, entry->users[i], false))
      return false;
  entry->user_count = 0;
  return true;
}

static bool link_name(linking *all, current *at)
{
  const char *old = text_in(at->before, "sign_name");
  const char *new = text_in(at->after, "sign_name");
  if (strcmp(old, new) == 0)
    return true;
  if (new[0] != '\0') {
    trace *taken = trace_of(all, 'n', new);
    if (taken == NULL || (taken->last > 0 && !need(at, taken->last)))
      return false;
  }
  if (old[0] == '\0')
    return true;
  trace *freed = trace_of(all, 'n', old);
  if (freed != NULL)
    freed->last = at->step->number;
  return freed != NULL;
}

static bool use_sign(linking *all, current *at, const char *id, bool shown)
{
  if (id[0] == '\0' || strcmp(id, "0") == 0)
    return true;
  trace *sign = trace_of(all, 's', id);
  return sign != NULL && (!shown || follow(all, at, sign->last, true)) &&
         signet_plan_push(&sign->users, &sign->user_count, at->step->number);
}

static bool link_template(linking *all, current *at)
{
  const char *now = sign_of(at->after);
  const char *old = sign_of(at->before);
  return use_sign(all, at, now, true) &&
         (strcmp(now, old) == 0 || use_sign(all, at, old, false));
}

/* ---- reviews that were waited for ---- */

static int by_awaited_from(const void *left, const void *right, void *user)
{
  const signet_plan_hint *hints = user;
  size_t a = hints[*(const size_t *)left - 1].awaited_from;
  size_t b = hints[*(const size_t *)right - 1].awaited_from;
  return a < b ? -1 : a > b;
}

static bool gather_awaited(linking *all)
{
  all->awaited = signet_memory_zeroed(all->plan->count + 1, sizeof(size_t));
  if (all->awaited == NULL)
    return false;
  for (size_t i = 0; all->hints != NULL && i < all->plan->count; i++)
    if (all->hints[i].awaited && all->plan->steps[i].review)
      all->awaited[all->awaited_count++] = i + 1;
  qsort_r(all->awaited, all->awaited_count, sizeof(size_t), by_awaited_from,
          (void *)(uintptr_t)all->hints);
  return true;
}

static void link_awaited(linking *all, current *at)
{
  while (all->awaited_at < all->awaited_count) {
    size_t number = all->awaited[all->awaited_at];
    if (all->hints[number - 1].awaited_from >= at->step->number)
      break;
    size_t round = all->plan->steps[number - 1].round;
    if (round > all->awaited_round)
      all->awaited_round = round;
    all->awaited_at++;
  }
  if (!at->follows)
    at->step->after_round = all->awaited_round;
}

size_t signet_plan_round_of(const signet_plan *plan,
                            const signet_plan_step *step)
{
  size_t round = step->after_round + 1;
  for (size_t i = 0; i < step->need_count; i++)
    if (plan->steps[step->needs[i] - 1].round > round)
      round = plan->steps[step->needs[i] - 1].round;
  for (size_t i = 0; i < step->review_count; i++)
    if (plan->steps[step->reviews[i] - 1].round + 1 > round)
      round = plan->steps[step->reviews[i] - 1].round + 1;
  return round;
}

/* @return false: out of memory */
static bool parse(const char *text, json_object **object)
{
  const char *problem = NULL;
  *object =
      text != NULL ? signet_json_parse(text, strlen(text), &problem) : NULL;
  return !signet_json_ran_out(problem);
}

static bool link_step(linking *all, signet_plan_step *step)
{
  current at = {.step = step};
  bool good = parse(step->before, &at.before) &&
              parse(step->after, &at.after) &&
              (step->kind == SIGNET_SIGN ? link_name(all, &at)
                                         : link_template(all, &at)) &&
              link_entry(all, &at);
  json_object_put(at.before);
  json_object_put(at.after);
  link_awaited(all, &at);
  step->round = signet_plan_round_of(all->plan, step);
  return good;
}

bool signet_plan_link(signet_plan *plan, const signet_plan_hint *hints)
{
  linking all = {.plan = plan, .hints = hints};
  bool good = gather_awaited(&all);
  for (size_t i = 0; good && i < plan->count; i++)
    good = link_step(&all, &plan->steps[i]);
  while (all.traces != NULL) {
    trace *next = all.traces->next;
    signet_memory_free((void *)(uintptr_t)all.traces->users);
    signet_memory_free(all.traces);
    all.traces = next;
  }
  signet_table_clear(&all.table);
  signet_memory_free(all.awaited);
  return good && signet_plan_gather(plan);
}
