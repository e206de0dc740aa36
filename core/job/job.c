/* SPDX-License-Identifier: MIT */
/*
 * The life of a job. An earlier run's writes come first: nothing new is sent
 * before they are settled.
 *
 *   stage      known by                  goes on when
 *   made       no store                  something is to be written or recalled
 *   waiting    no store, opening.retry   the lock of another job ends; it
 * breaks after opening.wait_lock_ms settling   a store                   what
 * an earlier run left open is known running    a store, life.settled     its
 * user ends it ended      life.ended                its row says how it came to
 * its end broken     life.broken               never: `failure` answers all
 * that waits
 *
 * A new job has nothing to settle: it is settled once it has its journal, and
 * from the start if it keeps none. Any stage but the last can break.
 */
#include "job/job.h"

#include "account/account.h"
#include "job/beat.h"
#include "job/claims.h"
#include "job/commit.h"
#include "job/dropped.h"
#include "job/intents.h"
#include "job/kept_steps.h"
#include "job/lost.h"
#include "job/newest.h"
#include "job/recall.h"
#include "job/record.h"
#include "job/reviews.h"
#include "job/row.h"
#include "job/waiting.h"

#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "net/loop.h"
#include "net/post.h"

#include <stdio.h>
#include <string.h>

void signet_job_options_init(signet_job_options *options)
{
  *options = (signet_job_options)SIGNET_JOB_OPTIONS_INIT;
}

/* ---- making and ending ---- */

static bool copy(char **to, const char *text)
{
  *to = text != NULL ? signet_memory_text(text, strlen(text)) : NULL;
  return text == NULL || *to != NULL;
}

static void free_now(signet_job *job)
{
  if (job->loop != NULL)
    signet_loop_unpost(job->loop, &job->writes.flush);
  signet_timer_cancel(job->opening.retry);
  if (job->store != NULL) {
    signet_job_end_beat(job);
    job->store->operations->close(job->store);
    signet_job_unlisten(job);
  }
  signet_job_free_open_writes(job);
  signet_job_free_sought(job);
  signet_claims_end(job);
  signet_memo_free(&job->memo);
  signet_made_free(&job->entries.made);
  signet_made_free(&job->entries.others);
  signet_made_free(&job->entries.touched);
  signet_job_free_shown(job);
  signet_job_free_pending(job);
  signet_job_free_waiting(job);
  signet_call_release(job->counting[0].call);
  signet_call_release(job->counting[1].call);
  signet_job_free_steps(job);
  signet_job_free_dropped(job);
  signet_memory_free(job->audits.contradicted);
  signet_memory_free(job->opening.state_dir);
  signet_memory_free(job->about.type);
  signet_memory_free(job->about.name);
  signet_memory_free(job->about.own_script);
  signet_memory_free(job->about.arguments);
  signet_memory_free(job->about.parent);
  signet_loop_free(job->loop);
  signet_memory_free(job);
}

static void released(signet_recorder *recorder)
{
  signet_job *job = (signet_job *)recorder;
  job->accounts--;
  if (job->life.freed && job->accounts == 0)
    free_now(job);
}

signet_job *signet_job_new(const signet_job_options *options,
                           signet_error *error)
{
  signet_error_init(error);
  if (options->version != SIGNET_JOB_OPTIONS_VERSION) {
    signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                     "the job options are of version %u; this library knows "
                     "version %d",
                     options->version, SIGNET_JOB_OPTIONS_VERSION);
    return NULL;
  }
  if (!options->no_journal &&
      (options->state_dir == NULL || options->state_dir[0] == '\0')) {
    signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                     "a job needs a state directory for its journal");
    return NULL;
  }
  signet_job *job = signet_memory_zeroed(1, sizeof *job);
  if (job == NULL || !copy(&job->opening.state_dir, options->state_dir) ||
      !copy(&job->about.type, options->type) ||
      !copy(&job->about.name, options->name) ||
      (!options->borrow_script &&
       !copy(&job->about.own_script, options->script)) ||
      !copy(&job->about.arguments, options->arguments) ||
      !copy(&job->about.parent, options->parent)) {
    signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
    signet_job_free(job);
    return NULL;
  }
  job->about.borrow_script = options->borrow_script;
  job->about.script =
      options->borrow_script ? options->script : job->about.own_script;
  snprintf(job->opening.resume, sizeof job->opening.resume, "%s",
           options->resume != NULL ? options->resume : "");
  job->opening.wait_lock_ms = options->wait_lock_ms;
  job->opening.accept_damage = options->accept_damage;
  job->opening.since = -1;
  job->about.started_ms = signet_clock_unix_ms();
  job->about.run_ms = job->about.started_ms;
  job->opening.no_journal = options->no_journal;
  job->opening.new_input = options->new_input;
  job->life.settled = options->no_journal;
  job->guard = (signet_guard){.max_changes = options->max_changes,
                              .max_deletes = options->max_deletes,
                              .entries = {SIGNET_GUARD_OPEN, SIGNET_GUARD_OPEN},
                              .confirm = options->confirm,
                              .confirm_user = options->confirm_user,
                              .in_lua = options->limits_in_lua};
  signet_job_init_recorder(job);
  job->recorder.released = released;
  return job;
}

bool signet_job_attach(signet_job *job, signet_account *account,
                       signet_error *error)
{
  signet_error_init(error);
  if (job->loop != NULL && job->loop != account->loop)
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "the accounts of a job share one loop");
  if (job->loop == NULL ||
      (job->account == NULL &&
       strcmp(job->about.identity, signet_account_identity(account)) == 0))
    signet_job_bind(job, account);
  if (job->loop == NULL)
    signet_loop_hold(account->loop);
  job->loop = account->loop;
  if (account->recorder != &job->recorder) {
    job->accounts++;
    signet_account_record(account, &job->recorder);
  }
  return true;
}

void signet_job_read_only(signet_job *job, const char *sentence)
{
  snprintf(job->life.read_only, sizeof job->life.read_only, "%s",
           sentence != NULL ? sentence : "");
}

void signet_job_ask_anew(signet_job *job)
{
  signet_guard_ask_anew(&job->guard);
}

/* ---- settling, ending ---- */

static void take_turn(signet_job *job)
{
  if (job->opening.retry == NULL && job->past.settling == 0 &&
      job->writes.flush.queued) {
    signet_loop_unpost(job->loop, &job->writes.flush);
    signet_job_flush(job);
  } else {
    signet_loop_step(job->loop, -1);
  }
}

bool signet_job_wait_settled(signet_job *job)
{
  signet_loop_post_early(job->loop, &job->writes.flush);
  while (!job->life.broken && (!job->life.settled || job->writes.flush.queued))
    take_turn(job);
  return !job->life.broken;
}

bool signet_job_settle(signet_job *job, signet_job_findings *findings,
                       signet_error *error)
{
  signet_error_init(error);
  if (job->loop == NULL)
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "a job is settled through its account: attach it");
  if (!signet_job_wait_settled(job))
    *error = job->life.failure;
  *findings = job->past.findings;
  findings->over = job->life.over;
  findings->remembered = (int64_t)(job->memo.count - job->memo.unsent);
  return !job->life.broken;
}

/* Lets everything that is under way come to its end. */
static void drain(signet_job *job)
{
  if (job->loop == NULL)
    return;
  if (job->opening.resume[0] != '\0' && job->store == NULL && !job->life.broken)
    signet_loop_post_early(job->loop, &job->writes.flush);
  while (!job->life.broken &&
         (job->writes.flush.queued || job->opening.retry != NULL ||
          job->past.settling > 0 || signet_job_commits(job)))
    take_turn(job);
}

bool signet_job_end(signet_job *job, signet_job_state state,
                    const signet_job_counts *counts, signet_error *error)
{
  signet_error_init(error);
  if (state > SIGNET_JOB_PARKED)
    return signet_error_set(error, SIGNET_ERROR_VALIDATION,
                            "no job ends as \"%s\"",
                            signet_job_state_name(state));
  drain(job);
  if (job->life.broken) {
    *error = job->life.failure;
    return false;
  }
  if (job->store == NULL || job->about.id[0] == '\0')
    return true;
  job->life.ended =
      signet_job_put(job, state, counts, signet_clock_unix_ms(), error) &&
      job->store->operations->commit(job->store, error);
  return job->life.ended;
}

/* Nothing is written any more, but the accounts still ask. */
static void free_later(signet_job *job)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_error_set(&error, SIGNET_ERROR_REFUSED,
                   "the job that records the writes of this account was freed");
  job->life.freed = true;
  signet_timer_cancel(job->opening.retry);
  job->opening.retry = NULL;
  signet_job_break(job, &error);
}

void signet_job_free(signet_job *job)
{
  if (job != NULL && job->accounts > 0)
    free_later(job);
  else if (job != NULL)
    free_now(job);
}

const char *signet_job_id(const signet_job *job)
{
  return job->about.id[0] != '\0' ? job->about.id : NULL;
}

bool signet_job_keeps_script(const signet_job *job)
{
  return job->about.script == NULL;
}

const signet_error *signet_job_refusal(const signet_job *job)
{
  return job->guard.refused ? &job->guard.refusal : NULL;
}

const char *signet_job_refusal_lifted_by(const signet_job *job)
{
  return job->guard.refused ? job->guard.lifted_by : NULL;
}

uint64_t signet_job_refused(const signet_job *job)
{
  return job->totals.refused;
}

uint64_t signet_job_to_decide(const signet_job *job)
{
  return job->totals.to_decide;
}

uint64_t signet_job_written(const signet_job *job)
{
  return job->totals.written;
}

uint64_t signet_job_unknown(const signet_job *job)
{
  return job->totals.unknown + (uint64_t)job->past.findings.open;
}

uint64_t signet_job_remembered(const signet_job *job)
{
  return job->totals.remembered;
}
