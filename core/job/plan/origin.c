/* SPDX-License-Identifier: MIT */
/* A plan that is made from a job: what that one has left is carried out once,
 * by it or by the job that applies the plan. */
#include "job/plan/origin.h"
#include "account/account.h"
#include "job/kept_steps.h"

#include "job/plan/plan.h"
#include "job/undone.h"
#include "model/error_fill.h"
#include "overlay/overlay.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- making it ---- */

void signet_apply_count_origin(signet_plan_apply *apply,
                               const signet_write_view *view)
{
  apply->origin_writes++;
  int state = signet_write_state_number(view->state);
  apply->origin_open +=
      state == SIGNET_WRITE_INTENT || state == SIGNET_WRITE_UNKNOWN;
}

typedef struct seen_origin {
  signet_plan_apply *apply;
  bool runs;
} seen_origin;

static bool take_view(void *user, const signet_job_view *view)
{
  seen_origin *seen = user;
  signet_plan_apply *apply = seen->apply;
  if (strcmp(view->id, apply->options.from) != 0)
    return true;
  seen->runs = view->running != NULL;
  if (apply->account->overlay == NULL)
    return false;
  signet_plan_origin *from = &apply->account->overlay->from;
  snprintf(from->job, sizeof from->job, "%s", view->id);
  if (signet_job_type_number(view->type) == SIGNET_JOB_UNDO &&
      view->parent != NULL)
    snprintf(from->undoes, sizeof from->undoes, "%s", view->parent);
  from->writes = apply->origin_writes;
  return false;
}

/* Whether a write took effect decides whether the plan needs it: a create that
 * is planned again makes a twin. */
bool signet_apply_find_origin(signet_plan_apply *apply, signet_error *error)
{
  seen_origin seen = {.apply = apply};
  if (!signet_jobs_each(apply->options.state_dir, apply->options.from,
                        take_view, NULL, &seen, error))
    return false;
  if (seen.runs)
    return signet_error_set(error, SIGNET_ERROR_REFUSED,
                            "job %s is running: make the plan when it has "
                            "ended",
                            apply->options.from);
  if (apply->origin_open > 0) {
    snprintf(apply->to_resume, sizeof apply->to_resume, "%s",
             apply->options.from);
    return signet_error_set(
        error, SIGNET_ERROR_UNKNOWN_OUTCOME,
        "it is not known yet whether %" PRIu64 " %s of job %s took effect, and "
        "a plan could make the same again",
        apply->origin_open, apply->origin_open == 1 ? "write" : "writes",
        apply->options.from);
  }
  return true;
}

/* ---- applying it ---- */

static bool count_write(void *user, const signet_write_row *row)
{
  uint64_t *writes = user;
  (void)row;
  ++*writes;
  return true;
}

typedef struct named_job {
  const char *id;
  bool found;
  bool done;
} named_job;

static bool take_job(void *user, const signet_job_row *row)
{
  named_job *job = user;
  job->found = strcmp(row->id, job->id) == 0;
  job->done =
      job->found && signet_job_state_number(row->state) == SIGNET_JOB_DONE;
  return !job->found;
}

static bool find(signet_store *store, const char *id, named_job *job,
                 signet_error *error)
{
  *job = (named_job){.id = id};
  return store->operations->each_job(store, id, take_job, job, error);
}

static bool refuse_heir(signet_plan_apply *apply, signet_store *store,
                        const char *heir, signet_error *error)
{
  named_job job;
  if (!find(store, heir, &job, error))
    return false;
  if (!job.done)
    snprintf(apply->to_resume, sizeof apply->to_resume, "%s", heir);
  return signet_error_set(error, SIGNET_ERROR_REFUSED,
                          "what was left of job %s is carried out already, by "
                          "job %s",
                          apply->plan->from.job, heir);
}

/* @return false: `error` says why the plan can't be applied */
static bool is_as_it_was(signet_plan_apply *apply, signet_store *store,
                         const signet_undos *undos, signet_error *error)
{
  const signet_plan_origin *from = &apply->plan->from;
  uint64_t writes = 0;
  signet_undone undone = signet_undos_find(undos, from->job, NULL);
  const char *heir = signet_undos_heir(undos, from->job);
  if (undone != SIGNET_UNDONE_NOT)
    return signet_error_set(error, SIGNET_ERROR_REFUSED,
                            "the plan goes on with job %s, which is %s",
                            from->job,
                            signet_job_state_name(signet_undone_state(undone)));
  if (heir != NULL)
    return refuse_heir(apply, store, heir, error);
  if (!store->operations->each_write(store, from->job, count_write, &writes,
                                     error))
    return false;
  return writes == from->writes ||
         signet_error_set(error, SIGNET_ERROR_REFUSED,
                          "job %s has gone on since the plan was made from it: "
                          "make a new one by signet plan --from %s",
                          from->job, from->job);
}

/* What says in the journal that this job goes on with another one. */
static bool take_over(signet_plan_apply *apply, signet_error *error)
{
  char value[40];
  snprintf(value, sizeof value, "\"%s\"", apply->plan->from.job);
  return signet_job_keep_for_later(apply->job, SIGNET_JOB_FROM, value, error);
}

bool signet_apply_check_origin(signet_plan_apply *apply, signet_store *store,
                               signet_error *error)
{
  signet_undos undos = {0};
  named_job origin = {.found = false};
  const char *id = apply->plan->from.job;
  if (id[0] == '\0')
    return true;
  bool good = find(store, id, &origin, error);
  if (good && origin.found)
    good = signet_undos_read(&undos, store, error) &&
           is_as_it_was(apply, store, &undos, error) &&
           (apply->options.check || take_over(apply, error));
  signet_undos_free(&undos);
  return good;
}
