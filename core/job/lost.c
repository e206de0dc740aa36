/* SPDX-License-Identifier: MIT */
/*
 * Writes that the journal may have lost. After damage that was accepted, a
 * write which the journal doesn't know may have been sent all the same. So it
 * is looked for before it is sent, as one whose outcome is open since the job
 * began: what took effect is taken for done, and only what provably did not is
 * sent.
 */
#include "job/lost.h"

#include "job/row.h"
#include "job/waiting.h"

#include "account/outcome.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "net/post.h"
#include "wire/json_write.h"

#include <string.h>

enum { AFTER_MAXIMUM = 4 << 20 };

bool signet_job_recall_loss(signet_job *job, const char *id, int64_t since_at,
                            signet_error *error)
{
  signet_store_loss loss;
  signet_job_lost *lost = &job->lost;
  if (!job->store->operations->get_loss(job->store, id, false, &loss, error))
    return false;
  if (!loss.lost)
    return true;
  if (!lost->any || since_at < lost->since_at)
    lost->since_at = since_at;
  lost->any = true;
  lost->loss = loss;
  return true;
}

bool signet_job_seeks(const signet_job *job, const signet_call *call)
{
  return job->lost.any && !call->settle.sought;
}

/* What this run has written, or found written, is not what was lost. */
bool signet_job_touch(signet_job *job, const signet_call *call)
{
  signet_kind kind;
  if (job->opening.resume[0] != '\0' && call->verb == SIGNET_REQUEST &&
      signet_request_entry(call, &kind))
    return signet_made_add(&job->entries.touched, kind,
                           strrchr(call->path, '/') + 1);
  return job->opening.resume[0] == '\0' || call->verb != SIGNET_UPDATE ||
         signet_made_add(&job->entries.touched, call->kind, call->id);
}

/* ---- what came of it ---- */

static void free_sought(signet_lost_write *lost)
{
  signet_memory_free(lost->after);
  signet_memory_free(lost);
}

static void forget(signet_lost_write *lost)
{
  signet_lost_write **at = &lost->job->lost.writes;
  while (*at != lost)
    at = &(*at)->next;
  *at = lost->next;
  free_sought(lost);
}

static bool put(const signet_lost_write *lost, signet_write_state state,
                const char *id, signet_error *error)
{
  signet_job *job = lost->job;
  const signet_call *call = lost->call;
  const signet_error *problem = signet_call_error(lost->settlement);
  bool create = call->verb == SIGNET_CREATE;
  signet_write_row row = {.job = job->about.id,
                          .verb = signet_verb_name(call->verb),
                          .kind =
                              signet_write_kind_name(call->verb, call->kind),
                          .target = create && id != NULL ? id : call->id,
                          .after = lost->after,
                          .state = signet_write_state_name(state),
                          .answer = create ? id : NULL,
                          .attempts = 1,
                          .intended_ms = signet_clock_unix_ms(),
                          .decided_ms = signet_clock_unix_ms(),
                          .intended_at = job->lost.since_at};
  if (problem != NULL) {
    row.error_kind = signet_error_kind_name(problem->kind);
    row.error_message = problem->message;
  }
  job->writes.unsaved = true;
  return signet_job_need_row(job, error) &&
         job->store->operations->put_write(job->store, &row, error);
}

/* An update of a template is completed by what was found. @return false: out
 * of memory */
static bool complete(signet_lost_write *lost)
{
  signet_buffer text;
  size_t length;
  if (lost->call->verb != SIGNET_UPDATE)
    return true;
  signet_buffer_init(&text, AFTER_MAXIMUM);
  signet_json_write_fields(&text, lost->settlement->fields);
  signet_memory_free(lost->after);
  lost->after = signet_buffer_take(&text, &length);
  return lost->after != NULL;
}

static bool take_effect(signet_lost_write *lost, signet_error *error)
{
  signet_job *job = lost->job;
  signet_call *call = lost->call;
  const char *id =
      call->verb == SIGNET_CREATE ? signet_call_id(lost->settlement) : NULL;
  if (!complete(lost))
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  if (!put(lost, SIGNET_WRITE_DONE, id, error))
    return false;
  if (!signet_job_touch(job, call) ||
      (id != NULL && !signet_made_add(&job->entries.made, call->kind, id)))
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  job->audits.wrote[call->kind] = true;
  job->totals.written++;
  job->lost.found++;
  signet_guard_recall(&job->guard, call->verb, call->kind);
  signet_write_answer(call, id);
  return true;
}

static bool leave_open(signet_lost_write *lost, signet_error *error)
{
  signet_error unknown = SIGNET_ERROR_INIT;
  const signet_error *problem = signet_call_error(lost->settlement);
  if (!put(lost, SIGNET_WRITE_UNKNOWN, NULL, error))
    return false;
  lost->job->totals.unknown++;
  lost->job->totals.to_decide += lost->settlement->settle.to_decide;
  unknown.outcome = SIGNET_OUTCOME_UNKNOWN;
  signet_error_set(&unknown, SIGNET_ERROR_UNKNOWN_OUTCOME,
                   "the journal lost a part of what this job wrote, and it "
                   "is not known whether this was in it, so it is not sent: "
                   "%s",
                   problem != NULL ? problem->message
                                   : "look at the account, and write what is "
                                     "missing with another script");
  signet_write_refuse(lost->call, &unknown);
  return true;
}

/* It is asked about again, and then sent. */
static bool let_go(signet_lost_write *lost, bool again, signet_error *error)
{
  signet_job *job = lost->job;
  signet_call *call = lost->call;
  call->settle.sought = true;
  call->write.claimed = true;
  if (again) { /* what was sent before may still take effect */
    call->write.again = true;
    call->write.uncertain = true;
    call->write.intended_order = 0;
    call->write.intended_at = job->lost.since_at;
  }
  signet_loop_post_early(job->loop, &job->writes.flush);
  return signet_job_push(&job->writes.queue, call) ||
         signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
}

static void on_settled(signet_call *settlement, void *user)
{
  signet_lost_write *lost = user;
  signet_job *job = lost->job;
  signet_error error = SIGNET_ERROR_INIT;
  signet_verdict verdict = signet_call_verdict(settlement);
  bool good = true;
  lost->settlement = settlement;
  if (lost->call == NULL || job->life.broken)
    good = true; /* nobody waits for it */
  else if (verdict == SIGNET_VERDICT_DONE)
    good = take_effect(lost, &error);
  else if (verdict == SIGNET_VERDICT_OPEN)
    good = leave_open(lost, &error);
  else
    good = let_go(lost, verdict == SIGNET_VERDICT_AGAIN, &error);
  signet_call_release(settlement);
  if (good)
    lost->call = NULL;
  else
    signet_job_break(job, &error);
  forget(lost);
}

/* ---- looking for it ---- */

bool signet_job_seek(signet_job *job, signet_call *call, const char *after,
                     signet_error *error)
{
  signet_lost_write *lost = signet_memory_zeroed(1, sizeof *lost);
  signet_settlement settlement = {.kind = call->kind,
                                  .verb = call->verb,
                                  .id = call->id,
                                  .after = after,
                                  .intended_at = job->lost.since_at,
                                  .sent_at = job->times.sent_at,
                                  .since_boot = job->opening.boot,
                                  .perhaps = true,
                                  .anew = job->lost.anew};
  if (lost != NULL && after != NULL)
    lost->after = signet_memory_text(after, strlen(after));
  if (lost != NULL && (after == NULL || lost->after != NULL)) {
    *lost = (signet_lost_write){job->lost.writes, job, call, NULL, lost->after};
    job->lost.writes = lost;
    lost->settlement =
        signet_settle_start(call->account, &settlement, on_settled, lost);
    if (lost->settlement != NULL)
      return true;
    forget(lost);
  } else if (lost != NULL) {
    free_sought(lost);
  }
  return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
}

void signet_job_free_sought(signet_job *job)
{
  while (job->lost.writes != NULL) {
    signet_lost_write *lost = job->lost.writes;
    job->lost.writes = lost->next;
    signet_call_release(lost->settlement);
    free_sought(lost);
  }
}

void signet_job_get_loss(const signet_job *job, signet_job_loss *loss)
{
  const signet_store_loss *of = &job->lost.loss;
  *loss = (signet_job_loss){job->lost.any, of->commits, of->after_ms,
                            of->accepted_ms, job->lost.found};
}
