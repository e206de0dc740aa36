/* SPDX-License-Identifier: MIT */
/* The life of an apply: hold the journal, look, carry out, end. */
#include "job/intents.h"
#include "job/plan/carry.h"
#include "job/plan/fields.h"
#include "job/plan/former.h"
#include "job/plan/graph.h"
#include "job/plan/look.h"
#include "job/plan/once.h"
#include "job/plan/review.h"
#include "job/plan/tell.h"
#include "job/row.h"

#include "account/account.h"
#include "account/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "net/loop.h"
#include "net/post.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void signet_plan_apply_options_init(signet_plan_apply_options *options)
{
  *options = (signet_plan_apply_options)SIGNET_PLAN_APPLY_OPTIONS_INIT;
}

/* ---- the end ---- */

/* What is left waits for reviews. */
static void end_waiting(signet_plan_apply *apply)
{
  for (uint32_t i = 0; i < apply->count; i++) {
    signet_plan_event event = {.type = SIGNET_PLAN_ENDED,
                               .step = signet_apply_step_of(apply, i),
                               .result = SIGNET_STEP_WAITING,
                               .reason = "waits for a review"};
    if (apply->steps[i].phase != SIGNET_PHASE_OPEN)
      continue;
    apply->counts.waiting++;
    signet_apply_tell(apply, &event);
  }
}

static bool is_driven(const signet_plan_apply *apply)
{
  return apply->watches[0].driver != NULL || apply->watches[1].driver != NULL;
}

static bool is_busy(const signet_plan_apply *apply)
{
  return apply->holding || apply->looking > 0 || apply->running > 0 ||
         is_driven(apply);
}

/* ---- its turns ---- */

static void begin_steps(signet_plan_apply *apply)
{
  size_t room = apply->count + 1;
  while (apply->ready_count > 0 && apply->running < apply->options.at_once &&
         !apply->fatal && !apply->stopping) {
    uint32_t step = apply->ready[apply->ready_first];
    apply->ready_first = (apply->ready_first + 1) % room;
    apply->ready_count--;
    apply->parks = false; /* there may be news of reviews then */
    signet_apply_begin(apply, step);
  }
}

/* A job that had nothing else to do is kept too: it says that the other one is
 * undone. */
static void tell_restored(signet_plan_apply *apply)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_job *job = apply->job;
  char text[160];
  if (apply->restored == 0)
    return;
  snprintf(text, sizeof text,
           "%zu %s had nothing to do: what the job had changed there was put "
           "back already",
           apply->restored, apply->restored == 1 ? "step" : "steps");
  signet_account_notify(apply->account, text);
  if (job != NULL && job->store != NULL && !job->life.broken &&
      !signet_job_need_row(job, &error))
    signet_apply_fail(apply, &error);
}

static void finish(signet_plan_apply *apply)
{
  if (apply->carrying && !apply->fatal && !apply->stopping)
    end_waiting(apply);
  tell_restored(apply);
  signet_watch_observe(apply->account, SIGNET_SIGN, NULL, NULL);
  signet_watch_observe(apply->account, SIGNET_TEMPLATE, NULL, NULL);
  signet_loop_count(apply->loop);
  apply->finished = true;
  if (apply->done != NULL)
    apply->done(apply, apply->user);
}

/* From the loop, after something came to its end. */
static void take_turn(void *user)
{
  signet_plan_apply *apply = user;
  bool over = apply->fatal || apply->stopping;
  if (apply->carrying)
    begin_steps(apply);
  if (is_busy(apply) || apply->turn.queued)
    return;
  if (apply->carrying && !over && !apply->fatal && signet_apply_awaits(apply)) {
    if (!apply->options.park || apply->account->overlay != NULL)
      return; /* lists, or the copy's reviewer, will tell */
    if (!apply->parks) {
      signet_apply_park(apply);
      return;
    }
  }
  finish(apply);
}

/* ---- beginning ---- */

/* A job that takes another one back does so whatever the caller says; it may be
 * known only once its journal is held. */
static void take_type(signet_plan_apply *apply)
{
  const signet_job *job = apply->job;
  if (job != NULL && signet_job_type_number(job->about.type) == SIGNET_JOB_UNDO)
    apply->options.undo = true;
  if (apply->options.undo)
    apply->options.once = false;
}

static void look(signet_plan_apply *apply)
{
  take_type(apply);
  if (!signet_apply_refuse_former(apply) && signet_apply_recall(apply))
    signet_apply_look(apply);
  signet_apply_turn(apply);
}

static void on_held(void *user, const signet_error *error)
{
  signet_plan_apply *apply = user;
  apply->holding = false;
  if (error != NULL)
    signet_apply_fail(apply, error);
  else if (apply->stopping)
    signet_apply_turn(apply);
  else
    look(apply);
}

static bool check_options(const signet_plan_apply_options *options,
                          const signet_account *account,
                          const signet_plan *plan, signet_error *error)
{
  signet_plan_about about;
  signet_plan_describe(plan, &about);
  if (options->version != SIGNET_PLAN_APPLY_OPTIONS_VERSION ||
      options->at_once == 0)
    return signet_error_set(error, SIGNET_ERROR_VALIDATION,
                            "the options of the apply are of another version, "
                            "or allow no step at once");
  if (signet_plan_count(plan) > 0 &&
      strcmp(about.account, signet_account_identity(account)) != 0)
    return signet_error_set(
        error, SIGNET_ERROR_CONFIGURATION,
        "the plan is for %.200s, and these settings lead to %.200s",
        about.account, signet_account_identity(account));
  return true;
}

static void init_watch(signet_plan_apply *apply, signet_kind kind)
{
  apply->watches[kind].apply = apply;
  apply->watches[kind].kind = kind;
}

static signet_plan_apply *make(signet_account *account, signet_job *job,
                               const signet_plan *plan,
                               const signet_plan_apply_options *options)
{
  signet_plan_apply *apply = signet_memory_zeroed(1, sizeof *apply);
  if (apply == NULL)
    return NULL;
  apply->account = account;
  apply->loop = account->loop;
  apply->job = job;
  apply->plan = plan;
  apply->options = *options;
  apply->await = signet_apply_await;
  apply->turn = (signet_post){.function = take_turn, .user = apply};
  signet_error_init(&apply->error);
  init_watch(apply, SIGNET_SIGN);
  init_watch(apply, SIGNET_TEMPLATE);
  if (signet_apply_link(apply))
    return apply;
  signet_plan_apply_free(apply);
  return NULL;
}

signet_plan_apply *signet_plan_apply_start(
    signet_account *account, signet_job *job, const signet_plan *plan,
    const signet_plan_apply_options *options, signet_plan_apply_fn done,
    void *user, signet_error *error)
{
  const signet_plan_apply_options defaults = SIGNET_PLAN_APPLY_OPTIONS_INIT;
  signet_error_init(error);
  options = options != NULL ? options : &defaults;
  if (!check_options(options, account, plan, error))
    return NULL;
  signet_plan_apply *apply = make(account, job, plan, options);
  if (apply == NULL) {
    signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
    return NULL;
  }
  apply->done = done;
  apply->user = user;
  if (job != NULL && !options->check) {
    apply->holding = true;
    signet_job_hold(job, on_held, apply);
  } else {
    look(apply);
  }
  return apply;
}

/* ---- from outside ---- */

bool signet_plan_apply_is_done(const signet_plan_apply *apply)
{
  return apply->finished;
}

const signet_error *signet_plan_apply_wait(signet_plan_apply *apply)
{
  while (!apply->finished)
    signet_loop_step(apply->loop, -1);
  return signet_plan_apply_error(apply);
}

const signet_error *signet_plan_apply_error(const signet_plan_apply *apply)
{
  return apply->fatal ? &apply->error : NULL;
}

signet_job_counts signet_plan_apply_counts(const signet_plan_apply *apply)
{
  return apply->counts;
}

const char *signet_plan_apply_id(const signet_plan_apply *apply, size_t number,
                                 char *buffer, size_t size)
{
  const signet_plan_step *step = signet_plan_at(apply->plan, number - 1);
  buffer[0] = '\0';
  if (step == NULL || step->verb != SIGNET_CREATE)
    return buffer;
  int64_t id = apply->entries[apply->steps[number - 1].entry].id;
  if (id > 0)
    snprintf(buffer, size, "%" PRId64, id);
  return buffer;
}

const char *signet_plan_apply_to_resume(const signet_plan_apply *apply)
{
  return apply->to_resume;
}

void signet_plan_apply_stop(signet_plan_apply *apply, bool now)
{
  apply->stopping = true;
  if (apply->holding) {
    signet_job_unhold(apply->job);
    apply->holding = false;
  }
  signet_account_hold(apply->account, true);
  signet_apply_stop_reviews(apply);
  if (now)
    signet_apply_cancel_runs(apply);
  signet_apply_turn(apply);
}

static void drop_looks(signet_plan_apply *apply)
{
  for (int kind = SIGNET_SIGN; kind <= SIGNET_TEMPLATE; kind++) {
    signet_call_release(apply->looks[kind]);
    signet_list_release(apply->lists[kind]);
  }
  signet_table_clear(&apply->signs);
  signet_table_clear(&apply->names);
}

void signet_plan_apply_free(signet_plan_apply *apply)
{
  if (apply == NULL)
    return;
  if (apply->holding)
    signet_job_unhold(apply->job);
  signet_loop_unpost(apply->loop, &apply->turn);
  drop_looks(apply);
  signet_apply_drop_runs(apply);
  signet_apply_drop_reviews(apply);
  signet_apply_unlink(apply);
  signet_memory_free(apply->former);
  signet_memo_free(&apply->made);
  signet_memory_free(apply);
}
