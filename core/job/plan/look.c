/* SPDX-License-Identifier: MIT */
/* The look before the first write: one list of each kind, and all that stands
 * against the plan. */
#include "job/plan/look.h"

#include "job/guard_plan.h"
#include "job/plan/compare.h"
#include "job/plan/fields.h"
#include "job/plan/former.h"
#include "job/plan/graph.h"
#include "job/plan/tell.h"
#include "job/plan/users.h"

#include "account/account.h"
#include "account/protect.h"
#include "account/same.h"
#include "model/error_fill.h"
#include "model/fields.h"
#include "model/kinds.h"
#include "model/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void judge(signet_plan_apply *apply);

/* ---- lists ---- */

static void on_list(signet_call *call, void *user)
{
  signet_plan_apply *apply = user;
  const signet_error *error = signet_call_error(call);
  if (error != NULL) {
    signet_apply_fail(apply, error);
  } else if (!apply->fatal) {
    signet_list *list = signet_call_list(call);
    apply->lists[call->kind] = list;
    signet_list_retain(list);
  }
  apply->looks[call->kind] = NULL;
  signet_call_release(call);
  if (--apply->looking == 0 && !apply->fatal)
    judge(apply);
  signet_apply_turn(apply);
}

static bool is_about(const signet_plan_apply *apply, signet_kind kind)
{
  char sign[24];
  for (uint32_t i = 0; i < apply->count; i++)
    if (signet_apply_step_of(apply, i)->kind == kind ||
        (kind == SIGNET_SIGN &&
         signet_apply_sign_of(apply, i, sign, sizeof sign) && sign[0] != '\0'))
      return true;
  return false;
}

void signet_apply_look(signet_plan_apply *apply)
{
  for (int kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++) {
    signet_operation operation = SIGNET_OPERATION_INIT;
    if (!is_about(apply, (signet_kind)kind))
      continue;
    operation.verb = SIGNET_LIST;
    operation.kind = (signet_kind)kind;
    apply->looks[kind] =
        signet_call_start(apply->account, &operation, on_list, apply);
    if (apply->looks[kind] == NULL)
      signet_apply_no_memory(apply);
    else
      apply->looking++;
  }
  if (apply->looking == 0 && !apply->fatal)
    judge(apply); /* a plan of nothing */
}

/* ---- what the lists show ---- */

static bool take_list(signet_plan_apply *apply, signet_kind kind)
{
  const signet_list *list = apply->lists[kind];
  size_t count = list != NULL ? signet_list_count(list) : 0;
  if (kind == SIGNET_SIGN && !signet_table_reserve(&apply->signs, count))
    return false;
  for (size_t i = 0; i < count; i++) {
    char id[24];
    const signet_record *record = signet_list_at(list, i);
    signet_record_id(record, id, sizeof id);
    signet_apply_entry *entry = signet_apply_find(apply, kind, id);
    if (entry != NULL)
      entry->live = record;
    if (kind == SIGNET_SIGN)
      signet_table_insert(&apply->signs, signet_id_hash(id),
                          (void *)(uintptr_t)record);
  }
  return true;
}

static void forget_lists(signet_plan_apply *apply)
{
  for (size_t i = 0; i < apply->entry_count; i++)
    apply->entries[i].live = NULL;
  signet_table_clear(&apply->signs);
  signet_table_clear(&apply->names);
  for (int kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++) {
    signet_list_release(apply->lists[kind]);
    apply->lists[kind] = NULL;
  }
}

/* ---- what stands against it ---- */

/* Whether what doesn't fit is left alone while the rest goes on. */
static bool goes_on(const signet_plan_apply *apply)
{
  return apply->options.skip_drifted || apply->options.undo || apply->resumed;
}

static void find(signet_plan_apply *apply, uint32_t step,
                 const signet_error *error)
{
  signet_plan_event event = {.type = SIGNET_PLAN_FOUND, .error = error};
  if (error->kind == SIGNET_ERROR_MEMORY) {
    signet_apply_no_memory(apply);
    return;
  }
  apply->found++;
  if (goes_on(apply) && !apply->options.check) {
    apply->steps[step].left_out = true;
    signet_apply_end_step(apply, step, SIGNET_STEP_FAILED, error, NULL);
    return;
  }
  apply->counts.failed++;
  event.step = signet_apply_step_of(apply, step);
  event.result = SIGNET_STEP_FAILED;
  signet_apply_tell(apply, &event);
}

static bool is_protected(const signet_plan_apply *apply, uint32_t step,
                         const signet_record *live, signet_error *error)
{
  const signet_plan_step *of = signet_apply_step_of(apply, step);
  return signet_account_protects(apply->account, live,
                                 of->verb == SIGNET_DELETE, error);
}

/* The first change of an entry that the journal doesn't answer is compared with
 * the list; those after it, with what the apply leaves. */
static bool is_first(const signet_plan_apply *apply, uint32_t step)
{
  const signet_apply_step *at = &apply->steps[step];
  return signet_apply_step_of(apply, step)->verb != SIGNET_CREATE &&
         apply->entries[at->entry].id != 0 &&
         signet_apply_answered(apply, step) == at->turn;
}

/* ---- what somebody has put back ---- */

/*
 * Before a job was undone, somebody may have put back by hand what it changed:
 * an entry holds what the undo would write, or a signature that it would make
 * again is there. There is nothing to do, and nothing is in conflict.
 */

static bool holds(const signet_plan_apply *apply, uint32_t step,
                  const signet_record *record)
{
  const signet_plan_step *of = signet_apply_step_of(apply, step);
  signet_fields *fields =
      of->after != NULL ? signet_apply_fields_of(apply, step) : NULL;
  bool same = fields != NULL && signet_entry_is_same(of->kind, fields, record);
  signet_fields_free(fields);
  return same;
}

static bool has_name(const void *item, const void *key)
{
  signet_value name;
  return signet_record_get(item, "sign_name", &name) &&
         signet_value_equal(&name, key);
}

/* At the first signature that the undo would make again. */
static bool index_names(signet_plan_apply *apply)
{
  const signet_list *list = apply->lists[SIGNET_SIGN];
  size_t count = list != NULL ? signet_list_count(list) : 0;
  if (apply->names.count > 0)
    return true;
  if (!signet_table_reserve(&apply->names, count))
    return false;
  for (size_t i = 0; i < count; i++) {
    signet_value name;
    const signet_record *record = signet_list_at(list, i);
    if (signet_record_get(record, "sign_name", &name) &&
        name.type == SIGNET_STRING)
      signet_table_insert(
          &apply->names,
          signet_table_hash_text(name.as.text.data, name.as.text.length),
          (void *)(uintptr_t)record);
  }
  return true;
}

static const signet_record *find_named(signet_plan_apply *apply, uint32_t step)
{
  signet_value name;
  const signet_record *found = NULL;
  signet_fields *fields = signet_apply_fields_of(apply, step);
  if (fields != NULL && signet_fields_get(fields, "sign_name", &name) &&
      name.type == SIGNET_STRING && index_names(apply))
    found = signet_table_find(
        &apply->names,
        signet_table_hash_text(name.as.text.data, name.as.text.length),
        has_name, &name);
  signet_fields_free(fields);
  return found;
}

/* A signature of the name that the deleted one had: names are unique. */
static bool is_made_again(signet_plan_apply *apply, uint32_t step)
{
  char id[24];
  const signet_record *record = find_named(apply, step);
  if (record == NULL)
    return false;
  signet_record_id(record, id, sizeof id);
  if (signet_apply_find(apply, SIGNET_SIGN, id) != NULL)
    return false;
  apply->entries[apply->steps[step].entry].id = strtoll(id, NULL, 10);
  return true;
}

/* Of an entry that is not as the job left it, or that is in review. */
static bool is_put_back(signet_plan_apply *apply, uint32_t step,
                        const signet_record *live)
{
  uint32_t last = apply->entries[apply->steps[step].entry].last;
  if (live == NULL || !apply->options.undo ||
      signet_apply_step_of(apply, last)->verb != SIGNET_UPDATE ||
      !holds(apply, last, live))
    return false;
  apply->steps[step].await_own = false;
  return true;
}

/* Whether the first step about an entry has nothing to do, nor those after. */
static bool is_restored(signet_plan_apply *apply, uint32_t step,
                        const signet_record *live, const signet_error *error)
{
  const signet_plan_step *of = signet_apply_step_of(apply, step);
  if (of->verb == SIGNET_CREATE)
    return apply->options.undo && of->kind == SIGNET_SIGN &&
           apply->entries[apply->steps[step].entry].id == 0 &&
           is_made_again(apply, step);
  return of->verb == SIGNET_UPDATE &&
         (error->kind != SIGNET_OK || apply->steps[step].await_own) &&
         is_put_back(apply, step, live);
}

/* The first change of an entry, against the list. @return false: it doesn't fit
 */
static bool look_at_entry(signet_plan_apply *apply, uint32_t step,
                          signet_error *error)
{
  signet_apply_entry *entry = &apply->entries[apply->steps[step].entry];
  const signet_record *live = entry->live;
  const signet_kind kind = signet_apply_step_of(apply, step)->kind;
  /* What the list hides is compared when the step is carried out. */
  apply->steps[step].looked = live == NULL || signet_entry_is_whole(kind, live);
  bool fits =
      signet_apply_compare(apply, step, live, error) &&
      (live == NULL || signet_apply_count_users(apply, step, live, error));
  entry->restored = is_restored(apply, step, live, error);
  return entry->restored ||
         (fits && (live == NULL || !is_protected(apply, step, live, error)));
}

static void look_at(signet_plan_apply *apply, uint32_t step)
{
  signet_error error = SIGNET_ERROR_INIT;
  const signet_plan_step *of = signet_apply_step_of(apply, step);
  signet_apply_entry *entry = &apply->entries[apply->steps[step].entry];
  if (of->verb == SIGNET_CREATE)
    entry->restored = is_restored(apply, step, NULL, &error);
  else if (!entry->restored && is_first(apply, step) &&
           !signet_apply_deletes_absent(apply, step, entry->live) &&
           !look_at_entry(apply, step, &error)) {
    find(apply, step, &error);
    return;
  }
  if (entry->restored) {
    signet_apply_end_restored(apply, step);
    return;
  }
  /* What a job that goes on has made of signatures since is not known here: the
   * service says whether they can be used. */
  if (of->kind == SIGNET_TEMPLATE && of->verb != SIGNET_DELETE &&
      !signet_apply_check_sign(apply, step, &error) && !apply->resumed)
    find(apply, step, &error);
}

/* ---- limits ---- */

static bool is_within_limits(signet_plan_apply *apply)
{
  signet_guard_plan plan = {{0}, {0}, {-1, -1}};
  signet_error error = SIGNET_ERROR_INIT;
  if (apply->job == NULL || apply->resumed)
    return true; /* the guard goes on counting */
  for (uint32_t i = 0; i < apply->count; i++) {
    const signet_plan_step *of = signet_apply_step_of(apply, i);
    plan.changes[of->kind]++;
    plan.deletes[of->kind] += of->verb == SIGNET_DELETE;
  }
  for (int kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++)
    if (apply->lists[kind] != NULL)
      plan.entries[kind] = (int64_t)signet_list_count(apply->lists[kind]);
  if (signet_guard_judge(&apply->job->guard, &plan, &error) &&
      (apply->options.check || apply->found > 0 ||
       signet_guard_confirm(&apply->job->guard, &plan, apply->account, &error)))
    return true;
  signet_apply_fail(apply, &error);
  return false;
}

/* ---- the judgement ---- */

static void refuse_found(signet_plan_apply *apply)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_error_set(&error, SIGNET_ERROR_REFUSED,
                   "%zu of the plan's %zu steps can't be carried out as they "
                   "stand, so nothing was sent: make a new plan, or go on "
                   "with the others by --skip-drifted",
                   apply->found, apply->count);
  signet_apply_fail(apply, &error);
}

static void judge(signet_plan_apply *apply)
{
  if (!take_list(apply, SIGNET_SIGN) || !take_list(apply, SIGNET_TEMPLATE)) {
    signet_apply_no_memory(apply);
    return;
  }
  if (apply->account->overlay == NULL)
    for (uint32_t i = 0; i < apply->count && !apply->fatal; i++)
      look_at(apply, i);
  if (!apply->fatal && is_within_limits(apply)) {
    if (apply->found > 0 && (!goes_on(apply) || apply->options.check))
      refuse_found(apply);
    else
      apply->carrying = !apply->options.check;
  }
  forget_lists(apply);
}
