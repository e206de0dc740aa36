/* SPDX-License-Identifier: MIT */
/* A plan is applied once, by one job. A check asks that too: it holds no
 * journal, and reads it as it is now. */
#include "job/plan/once.h"
#include "job/plan/origin.h"
#include "job/plan/tell.h"

#include "job/undone.h"
#include "model/error_fill.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

typedef struct former_job {
  const signet_job *job;
  char id[SIGNET_JOB_ID_SIZE]; /* "": there is none */
  signet_job_state state;
  int64_t at_ms;                 /* when it ended, or began */
  bool running;                  /* now */
  bool undone;                   /* taken back, in part at least */
  char heir[SIGNET_JOB_ID_SIZE]; /* the job that goes on with it, "": none */
} former_job;

/* ---- finding it ---- */

static bool take_job(void *user, const signet_job_row *row)
{
  former_job *former = user;
  const signet_job *job = former->job;
  if (row->type == NULL || row->parent == NULL || job->about.type == NULL ||
      strcmp(row->type, job->about.type) != 0 ||
      strcmp(row->parent, job->about.parent) != 0 ||
      strcmp(row->id, job->about.id) == 0)
    return true;
  snprintf(former->id, sizeof former->id, "%s", row->id);
  int state = signet_job_state_number(row->state);
  former->state = state == SIGNET_JOB_RUNNING ? SIGNET_JOB_CRASHED
                                              : (signet_job_state)state;
  former->at_ms = row->ended_ms != 0 ? row->ended_ms : row->started_ms;
  return false;
}

/* A job that was taken back is not gone on with. */
static bool take_undone(signet_store *store, former_job *former,
                        signet_error *error)
{
  signet_undos undos;
  bool good = signet_undos_read(&undos, store, error);
  signet_undone undone =
      good ? signet_undos_find(&undos, former->id, NULL) : SIGNET_UNDONE_NOT;
  former->undone = undone != SIGNET_UNDONE_NOT;
  if (former->undone)
    former->state = signet_undone_state(undone);
  const char *heir = good ? signet_undos_heir(&undos, former->id) : NULL;
  if (heir != NULL)
    snprintf(former->heir, sizeof former->heir, "%s", heir);
  signet_undos_free(&undos);
  return good;
}

/* Of a journal that is only read: another process may have it. */
static bool is_running(const former_job *former, const signet_store *store)
{
  signet_job_running holder;
  return former->job->store == NULL && former->state == SIGNET_JOB_CRASHED &&
         store->operations->held_by(store, &holder) &&
         (holder.id[0] == '\0' || strcmp(holder.id, former->id) == 0);
}

static bool find_former(signet_store *store, former_job *former,
                        signet_error *error)
{
  if (!store->operations->each_job(store, NULL, take_job, former, error))
    return false;
  if (former->id[0] == '\0')
    return true;
  former->running = is_running(former, store);
  return take_undone(store, former, error);
}

/* ---- refusing ---- */

/* " on DATE"; "": it isn't known */
static void tell_when(char *text, size_t size, int64_t unix_ms)
{
  struct tm local;
  time_t seconds = (time_t)(unix_ms / 1000);
  if (seconds <= 0 || localtime_r(&seconds, &local) == NULL ||
      strftime(text, size, " on %Y-%m-%d %H:%M:%S", &local) == 0)
    text[0] = '\0';
}

static void refuse(signet_plan_apply *apply, const former_job *former)
{
  signet_error error = SIGNET_ERROR_INIT;
  char when[40], rest[160];
  tell_when(when, sizeof when, former->at_ms);
  if (former->state == SIGNET_JOB_DONE)
    snprintf(rest, sizeof rest,
             ": a new plan shows what there is to do now, and an undo of that "
             "job takes it back");
  else if (former->undone)
    snprintf(rest, sizeof rest, ", which is %s: make a new plan",
             signet_job_state_name(former->state));
  else if (former->heir[0] != '\0')
    snprintf(rest, sizeof rest, ", and job %s carries out what that left",
             former->heir);
  else if (former->running)
    snprintf(rest, sizeof rest, ", which is running: wait for its end");
  else {
    memcpy(apply->to_resume, former->id, sizeof former->id);
    snprintf(rest, sizeof rest,
             ", which is %s: go on with that job, not with the plan",
             signet_job_state_name(former->state));
  }
  signet_error_set(&error, SIGNET_ERROR_REFUSED,
                   "the plan was applied already, by job %s%s%s", former->id,
                   when, rest);
  signet_apply_fail(apply, &error);
}

static bool look(signet_plan_apply *apply, signet_store *store)
{
  signet_error error = SIGNET_ERROR_INIT;
  former_job former = {.job = apply->job};
  if (!signet_apply_check_origin(apply, store, &error) ||
      (apply->options.once && apply->job->about.parent != NULL &&
       !find_former(store, &former, &error)))
    signet_apply_fail(apply, &error);
  else if (former.id[0] != '\0')
    refuse(apply, &former);
  return apply->fatal;
}

/* A journal that changes too fast to be read stands in no check's way: the
 * apply asks again, with the journal held. */
static bool look_beside(signet_plan_apply *apply)
{
  signet_error error = SIGNET_ERROR_INIT;
  const signet_job *job = apply->job;
  if (!apply->options.check || job->opening.no_journal)
    return false;
  signet_store *store =
      signet_store_read(job->opening.state_dir, job->about.identity, &error);
  if (store == NULL) {
    if (error.kind != SIGNET_ERROR_NOT_FOUND &&
        error.kind != SIGNET_ERROR_LOCKED)
      signet_apply_fail(apply, &error);
    return apply->fatal;
  }
  bool refused = look(apply, store);
  store->operations->close(store);
  return refused;
}

bool signet_apply_refuse_former(signet_plan_apply *apply)
{
  if (apply->job == NULL || apply->job->opening.resume[0] != '\0')
    return false;
  return apply->job->store != NULL ? look(apply, apply->job->store)
                                   : look_beside(apply);
}
