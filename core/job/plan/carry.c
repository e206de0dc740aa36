/* SPDX-License-Identifier: MIT */
/* One step: what keeps it, what its entry is now, the write, what came of it.
 */
#include "job/plan/carry.h"
#include "account/account.h"
#include "job/plan/compare.h"
#include "job/plan/fields.h"
#include "job/plan/former.h"
#include "job/plan/graph.h"
#include "job/plan/review.h"
#include "job/plan/tell.h"
#include "job/plan/users.h"

#include "model/error_fill.h"
#include "model/memory.h"
#include "wire/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- its end ---- */

static void end_blocked(signet_plan_apply *apply, uint32_t step)
{
  char reason[120];
  signet_apply_step *at = &apply->steps[step];
  size_t cause = at->cause + (size_t)1;
  at->left_out = apply->steps[at->cause].left_out;
  if (at->block == SIGNET_BLOCK_REVIEW)
    snprintf(reason, sizeof reason,
             "the review of step %zu did not end as the plan takes it", cause);
  else
    snprintf(reason, sizeof reason,
             at->block == SIGNET_BLOCK_WAITS
                 ? "waits for step %zu"
                 : "needs step %zu, which was not done",
             cause);
  signet_apply_end_step(apply, step,
                        at->block == SIGNET_BLOCK_WAITS ? SIGNET_STEP_WAITING
                                                        : SIGNET_STEP_SKIPPED,
                        NULL, reason);
}

/* ---- steps that run ---- */

static signet_apply_run *run_of(signet_plan_apply *apply, uint32_t step)
{
  signet_apply_run *run = signet_memory_zeroed(1, sizeof *run);
  if (run == NULL)
    return NULL;
  run->apply = apply;
  run->step = step;
  run->next = apply->runs;
  if (apply->runs != NULL)
    apply->runs->previous = run;
  apply->runs = run;
  apply->running++;
  apply->steps[step].phase = SIGNET_PHASE_RUNNING;
  return run;
}

static void end_run(signet_apply_run *run)
{
  signet_plan_apply *apply = run->apply;
  if (run->previous != NULL)
    run->previous->next = run->next;
  else
    apply->runs = run->next;
  if (run->next != NULL)
    run->next->previous = run->previous;
  apply->running--;
  signet_call_release(run->call);
  signet_memory_free(run);
}

void signet_apply_cancel_runs(signet_plan_apply *apply)
{
  for (signet_apply_run *run = apply->runs; run != NULL; run = run->next)
    signet_call_cancel(run->call);
}

void signet_apply_drop_runs(signet_plan_apply *apply)
{
  while (apply->runs != NULL)
    end_run(apply->runs);
}

/* @return false: out of memory, and nothing has begun */
static bool start(signet_plan_apply *apply, uint32_t step,
                  const signet_operation *operation, signet_call_fn done)
{
  signet_apply_run *run = run_of(apply, step);
  if (run == NULL)
    return false;
  run->call = signet_call_start(apply->account, operation, done, run);
  if (run->call != NULL)
    return true;
  end_run(run);
  return false;
}

static void end_for_memory(signet_plan_apply *apply, uint32_t step)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
  signet_apply_end_step(apply, step, SIGNET_STEP_FAILED, &error, NULL);
}

/* ---- a name that is not free yet ---- */

static char *name_in(const char *text)
{
  const char *problem;
  json_object *member = NULL;
  json_object *object =
      text != NULL ? signet_json_parse(text, strlen(text), &problem) : NULL;
  json_object_object_get_ex(object, "sign_name", &member);
  const char *name = json_object_get_string(member);
  char *copy = name != NULL ? signet_memory_text(name, strlen(name)) : NULL;
  json_object_put(object);
  return copy;
}

/* The step before it that gives the name up which it takes, in a review that is
 * not decided; SIGNET_NO_STEP: there is none. */
static uint32_t who_frees(signet_plan_apply *apply, uint32_t step)
{
  const signet_plan_step *of = signet_apply_step_of(apply, step);
  char *wanted = of->kind == SIGNET_SIGN ? name_in(of->after) : NULL;
  uint32_t found = SIGNET_NO_STEP;
  for (size_t i = 0; wanted != NULL && i < of->need_count; i++) {
    uint32_t other = (uint32_t)of->needs[i] - 1;
    const signet_plan_step *earlier = signet_apply_step_of(apply, other);
    if (earlier->kind != SIGNET_SIGN || !earlier->review ||
        apply->steps[other].result != SIGNET_STEP_DONE ||
        apply->steps[other].review >= SIGNET_REVIEW_DECIDED)
      continue;
    char *name = name_in(earlier->before);
    if (name != NULL && strcmp(name, wanted) == 0)
      found = other;
    signet_memory_free(name);
  }
  signet_memory_free(wanted);
  return found;
}

/* Where names are free only once a rename is approved, the step waits for that,
 * and is sent again then. */
static bool waits_for_name(signet_plan_apply *apply, uint32_t step)
{
  signet_apply_step *at = &apply->steps[step];
  uint32_t other = who_frees(apply, step);
  if (other == SIGNET_NO_STEP)
    return false;
  at->phase = SIGNET_PHASE_OPEN;
  at->open = 1;
  at->next = apply->steps[other].retry;
  apply->steps[other].retry = step;
  if (apply->steps[other].review == SIGNET_REVIEW_NOT_BEGUN)
    signet_apply_await(apply, other);
  return true;
}

/* ---- what came of the write ---- */

static bool may_come_later(const signet_error *error)
{
  switch (error->kind) {
  case SIGNET_ERROR_IN_USE:
  case SIGNET_ERROR_NOT_APPROVED:
  case SIGNET_ERROR_PENDING:
  case SIGNET_ERROR_RATE_LIMITED:
    return true;
  default:
    return false;
  }
}

/* Errors that no other step can escape: going on would only repeat them. */
static bool is_fatal(const signet_error *error)
{
  return error->kind == SIGNET_ERROR_AUTH ||
         error->kind == SIGNET_ERROR_CONFIGURATION ||
         error->kind == SIGNET_ERROR_STORE ||
         error->kind == SIGNET_ERROR_LOCKED;
}

static void end_failed(signet_plan_apply *apply, uint32_t step,
                       const signet_error *error)
{
  if (is_fatal(error))
    signet_apply_fail(apply, error);
  if (error->kind == SIGNET_ERROR_CONFLICT && waits_for_name(apply, step))
    return;
  apply->steps[step].left_out = error->kind == SIGNET_ERROR_CONFLICT &&
                                error->outcome == SIGNET_OUTCOME_NOT_SENT;
  if (error->kind == SIGNET_ERROR_UNKNOWN_OUTCOME)
    signet_apply_end_step(apply, step, SIGNET_STEP_UNKNOWN, error, NULL);
  else if (error->kind == SIGNET_ERROR_CANCELLED && apply->stopping)
    signet_apply_end_step(apply, step, SIGNET_STEP_SKIPPED, NULL,
                          "interrupted");
  else if (may_come_later(error))
    signet_apply_end_step(apply, step, SIGNET_STEP_WAITING, error,
                          error->message);
  else
    signet_apply_end_step(apply, step, SIGNET_STEP_FAILED, error, NULL);
}

static void read_entry(signet_plan_apply *apply, uint32_t step);

/* Nothing was sent, because the entry is not what the step expects of it: what
 * it is decides whether that is a drift, or a review to wait for. */
static bool is_unexpected(const signet_plan_apply *apply, uint32_t step,
                          const signet_error *error)
{
  return !apply->steps[step].looked && !apply->fatal && !apply->stopping &&
         signet_apply_step_of(apply, step)->verb != SIGNET_CREATE &&
         error->outcome == SIGNET_OUTCOME_NOT_SENT &&
         error->kind == SIGNET_ERROR_CONFLICT;
}

static void on_written(signet_call *call, void *user)
{
  signet_apply_run *run = user;
  signet_plan_apply *apply = run->apply;
  uint32_t step = run->step;
  signet_error error = SIGNET_ERROR_INIT;
  if (signet_call_error(call) != NULL)
    error = *signet_call_error(call);
  else if (signet_apply_step_of(apply, step)->verb == SIGNET_CREATE)
    apply->entries[apply->steps[step].entry].id =
        strtoll(signet_call_id(call), NULL, 10);
  end_run(run);
  if (error.kind == SIGNET_OK)
    signet_apply_end_step(apply, step, SIGNET_STEP_DONE, NULL, NULL);
  else if (error.kind == SIGNET_ERROR_NOT_FOUND &&
           signet_apply_deletes_absent(apply, step, NULL))
    signet_apply_end_restored(apply, step);
  else if (is_unexpected(apply, step, &error))
    read_entry(apply, step);
  else
    end_failed(apply, step, &error);
  signet_apply_turn(apply);
}

/* ---- the write ---- */

/* Whether its entry is compared with what the step expects of it: what the look
 * has seen is old by the second round, and other steps may have come between.
 */
static bool needs_comparing(const signet_plan_apply *apply, uint32_t step)
{
  const signet_plan_step *of = signet_apply_step_of(apply, step);
  const signet_apply_step *at = &apply->steps[step];
  return of->verb != SIGNET_CREATE && apply->account->overlay == NULL &&
         signet_apply_answered(apply, step) <= at->turn && !at->looked;
}

/* @param expected  what the write rests on; NULL: it was compared already */
static void carry_out(signet_plan_apply *apply, uint32_t step,
                      const char *expected)
{
  char id[32];
  signet_operation operation = SIGNET_OPERATION_INIT;
  const signet_plan_step *of = signet_apply_step_of(apply, step);
  signet_fields *fields =
      of->after != NULL ? signet_apply_fields_of(apply, step) : NULL;
  if (fields != NULL || of->after == NULL) {
    if (signet_apply_was_done(apply, step, fields)) {
      signet_fields_free(fields);
      signet_apply_end_step(apply, step, SIGNET_STEP_DONE, NULL, NULL);
      return;
    }
  }
  operation.kind = of->kind;
  operation.verb = of->verb;
  operation.fields = fields;
  operation.expected = expected;
  if (of->verb != SIGNET_CREATE) {
    operation.id = signet_apply_id(apply, of->kind, of->id, id, sizeof id);
    operation.id_length = strlen(id);
  }
  if ((of->after != NULL && fields == NULL) ||
      !start(apply, step, &operation, on_written))
    end_for_memory(apply, step);
  signet_fields_free(fields);
}

/* ---- its entry ---- */

static void go(signet_plan_apply *apply, uint32_t step);

/* What is in review may not be changed before that is decided. */
static bool waits_for_review(signet_plan_apply *apply, uint32_t step)
{
  char sign[24] = "";
  signet_apply_step *at = &apply->steps[step];
  if (at->await_own)
    signet_apply_await_former(apply, step, false, apply->entries[at->entry].id);
  else if (at->await_sign &&
           signet_apply_sign_of(apply, step, sign, sizeof sign))
    signet_apply_await_former(apply, step, true, strtoll(sign, NULL, 10));
  else
    return false;
  at->phase = SIGNET_PHASE_OPEN;
  return true;
}

static void on_templates(signet_call *call, void *user)
{
  signet_apply_run *run = user;
  signet_plan_apply *apply = run->apply;
  uint32_t step = run->step;
  signet_error error = SIGNET_ERROR_INIT;
  if (signet_call_error(call) != NULL)
    error = *signet_call_error(call);
  else
    signet_apply_check_users(apply, step, signet_call_list(call), &error);
  end_run(run);
  if (error.kind == SIGNET_OK)
    go(apply, step);
  else
    end_failed(apply, step, &error);
  signet_apply_turn(apply);
}

static void read_templates(signet_plan_apply *apply, uint32_t step)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  operation.verb = SIGNET_LIST;
  operation.kind = SIGNET_TEMPLATE;
  if (!start(apply, step, &operation, on_templates))
    end_for_memory(apply, step);
}

static void on_read(signet_call *call, void *user)
{
  signet_apply_run *run = user;
  signet_plan_apply *apply = run->apply;
  uint32_t step = run->step;
  signet_error error = SIGNET_ERROR_INIT;
  const signet_error *problem = signet_call_error(call);
  bool gone = problem != NULL && problem->kind == SIGNET_ERROR_NOT_FOUND;
  if (problem != NULL && !gone)
    error = *problem;
  else
    signet_apply_compare(apply, step, gone ? NULL : signet_call_record(call),
                         &error);
  bool used =
      error.kind == SIGNET_OK && !gone &&
      signet_apply_may_have_users(apply, step, signet_call_record(call));
  bool absent = gone && signet_apply_deletes_absent(apply, step, NULL);
  end_run(run);
  apply->steps[step].looked = true;
  apply->steps[step].unused = true; /* or it is known who uses it */
  if (absent)
    signet_apply_end_restored(apply, step);
  else if (used)
    read_templates(apply, step);
  else if (error.kind == SIGNET_OK)
    go(apply, step);
  else
    end_failed(apply, step, &error);
  signet_apply_turn(apply);
}

static void read_entry(signet_plan_apply *apply, uint32_t step)
{
  char id[32];
  signet_operation operation = SIGNET_OPERATION_INIT;
  const signet_plan_step *of = signet_apply_step_of(apply, step);
  operation.kind = of->kind;
  operation.id = signet_apply_id(apply, of->kind, of->id, id, sizeof id);
  operation.id_length = strlen(id);
  if (!start(apply, step, &operation, on_read))
    end_for_memory(apply, step);
}

/* The write itself looks at the entry, as fresh as the account asks for. Where
 * nothing is known of what it was, only a read tells. */
static void go(signet_plan_apply *apply, uint32_t step)
{
  const signet_plan_step *of = signet_apply_step_of(apply, step);
  if (waits_for_review(apply, step))
    return;
  if (signet_apply_asks_users(apply, step) &&
      signet_apply_answered(apply, step) <= apply->steps[step].turn) {
    read_entry(apply, step);
    return;
  }
  if (!needs_comparing(apply, step)) {
    carry_out(apply, step, NULL);
  } else if (of->before == NULL) {
    read_entry(apply, step);
  } else {
    char *expected = signet_apply_expected(apply, step);
    if (expected != NULL)
      carry_out(apply, step, expected);
    else
      end_for_memory(apply, step);
    signet_memory_free(expected);
  }
}

void signet_apply_begin(signet_plan_apply *apply, uint32_t step)
{
  signet_apply_step *at = &apply->steps[step];
  if (at->phase != SIGNET_PHASE_READY)
    return; /* the look has ended it */
  if (at->block != SIGNET_BLOCK_NONE) {
    end_blocked(apply, step);
    return;
  }
  if (signet_apply_step_of(apply, step)->round > 1)
    at->looked = false;
  go(apply, step);
}
