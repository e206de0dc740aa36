/* SPDX-License-Identifier: MIT */
/* The job as its account's recorder: intents, commits, outcomes. */
#include "job/record.h"

#include "job/answers.h"
#include "job/audit.h"
#include "job/beat.h"
#include "job/claims.h"
#include "job/dropped.h"
#include "job/intents.h"
#include "job/lost.h"
#include "job/newest.h"
#include "job/recall.h"
#include "job/reviews.h"
#include "job/row.h"
#include "job/waiting.h"

#include "account/outcome.h"
#include "account/outcome_set.h"
#include "account/times.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "net/post.h"

#include <string.h>

static signet_job *job_of(signet_recorder *recorder)
{
  return (signet_job *)recorder;
}

/* Whether the write is to the job's account, which the first write of all
 * decides. */
static bool is_own_account(signet_job *job, const signet_call *call,
                           signet_error *error)
{
  const char *identity = signet_account_identity(call->account);
  if (job->opening.no_journal || strcmp(identity, job->about.identity) == 0)
    return true;
  if (!signet_job_is_bound(job)) {
    signet_job_bind(job, call->account);
    return true;
  }
  error->outcome = SIGNET_OUTCOME_NOT_SENT;
  return signet_error_set(error, SIGNET_ERROR_REFUSED,
                          "this job writes to %s, and a journal belongs to "
                          "one account: write to the other in a run of its "
                          "own, or with --no-journal",
                          job->about.identity);
}

/* A job that may not write says so before anything is read for the write.
 * @return whether it was refused */
static bool refuse_read_only(signet_job *job, signet_call *call)
{
  signet_error error = SIGNET_ERROR_INIT;
  if (job->life.read_only[0] == '\0')
    return false;
  signet_error_set(&error, SIGNET_ERROR_REFUSED, "%s", job->life.read_only);
  error.outcome = SIGNET_OUTCOME_NOT_SENT;
  signet_write_refuse(call, &error);
  return true;
}

/* Whether the journal may know, or have lost, a write that begins now. */
static bool remembers(const signet_job *job)
{
  return job->lost.any || (job->opening.resume[0] != '\0' &&
                           !(job->life.settled && job->memo.count == 0));
}

/* An earlier run may have done it; whether it did is known once that is
 * settled. */
static bool recall(signet_recorder *recorder, signet_call *call)
{
  signet_job *job = job_of(recorder);
  bool writes = signet_call_writes(call);
  if (writes && refuse_read_only(job, call))
    return true;
  if (!remembers(job) || job->life.broken ||
      strcmp(signet_account_identity(call->account), job->about.identity) !=
          0 ||
      (!writes && !signet_job_may_answer(job, call)))
    return false;
  job->account = call->account; /* of several, the one that the script uses */
  if (!signet_job_push(&job->writes.queue, call)) {
    signet_job_refuse_for_memory(call);
    return true;
  }
  call->write.recorded = true;
  signet_call_enter(call, SIGNET_CALL_RECALLING, NULL);
  signet_loop_post(job->loop, &job->writes.flush);
  return true;
}

static void intend(signet_recorder *recorder, signet_call *call)
{
  signet_job *job = job_of(recorder);
  signet_error error = SIGNET_ERROR_INIT;
  if (job->life.broken) {
    error = job->life.failure;
  } else if (!is_own_account(job, call, &error)) {
    /* refused */
  } else if (signet_job_push(&job->writes.queue, call)) {
    signet_loop_post_early(job->loop, &job->writes.flush);
    return;
  } else {
    signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
  }
  signet_write_refuse(call, &error);
}

/* ---- outcomes ---- */

static signet_write_state state_of(const signet_call *call)
{
  if (call->error.kind == SIGNET_OK)
    return SIGNET_WRITE_DONE;
  if (call->settle.verdict == SIGNET_VERDICT_DRIFT)
    return SIGNET_WRITE_DRIFT;
  switch (call->error.outcome) {
  case SIGNET_OUTCOME_NOT_SENT:
  case SIGNET_OUTCOME_THROTTLED:
    return SIGNET_WRITE_UNSENT;
  case SIGNET_OUTCOME_UNKNOWN:
    return SIGNET_WRITE_UNKNOWN;
  default:
    return SIGNET_WRITE_FAILED;
  }
}

/* Whether no resume sends the write again. */
static bool is_final(const signet_job *job, const signet_call *call,
                     signet_write_state state)
{
  const char *kind = signet_error_kind_name(call->error.kind);
  bool run = signet_job_is_run(job);
  return state == SIGNET_WRITE_DRIFT ||
         (state == SIGNET_WRITE_FAILED &&
          call->error.kind != SIGNET_ERROR_AUTH &&
          (run || !signet_job_may_try_again(kind)));
}

static void put_outcome(signet_job *job, signet_call *call,
                        signet_write_state state)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_write_row row = signet_job_row_of(job, call);
  bool failed = call->error.kind != SIGNET_OK;
  row.number = call->write.number;
  row.state = signet_write_state_name(state);
  row.answer = call->verb == SIGNET_CREATE && (!failed || call->write.created)
                   ? call->id
                   : NULL;
  row.error_kind = failed ? signet_error_kind_name(call->error.kind) : NULL;
  row.error_message = failed ? call->error.message : NULL;
  row.decided_ms = signet_clock_unix_ms();
  row.sent_at = call->write.sent_at;
  if (!job->store->operations->put_write(job->store, &row, &error)) {
    signet_job_break(job, &error);
    return;
  }
  job->writes.unsaved = true;
  job->totals.written += !failed;
  job->totals.refused += is_final(job, call, state);
  if (call->verb != SIGNET_REQUEST && signet_job_has_effect(state)) {
    job->audits.wrote[call->kind] = true;
    job->audits.done = false;
  }
  signet_loop_post_early(job->loop, &job->writes.flush);
}

/* Whether a limit lets more through is known now. */
static void tell_guard(signet_job *job, signet_call *call,
                       signet_write_state state)
{
  signet_error error = SIGNET_ERROR_INIT;
  if (!call->write.counted)
    return;
  call->write.counted = false;
  signet_guard_decided(&job->guard, call, signet_job_has_effect(state));
  if (job->writes.at_limit.count == 0 || job->life.broken)
    return;
  if (!signet_job_requeue(job, &job->writes.at_limit)) {
    signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
    signet_job_break(job, &error);
  }
  signet_loop_post_early(job->loop, &job->writes.flush);
}

/* What was sent by an earlier run may have worked. */
static signet_write_state unsent_state(const signet_call *call)
{
  return call->write.uncertain ? SIGNET_WRITE_UNKNOWN : SIGNET_WRITE_UNSENT;
}

/* Without that, another create could come to the same entry. */
static bool claim(signet_job *job, const signet_call *call)
{
  return call->verb != SIGNET_CREATE || call->error.kind != SIGNET_OK ||
         signet_made_add(&job->entries.made, call->kind, call->id);
}

static void note_entry(signet_job *job, const signet_call *call, bool effect)
{
  signet_error error = SIGNET_ERROR_INIT;
  if ((!effect || signet_job_touch(job, call)) && claim(job, call))
    return;
  signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
  signet_job_break(job, &error);
}

static void decided(signet_recorder *recorder, signet_call *call)
{
  signet_job *job = job_of(recorder);
  bool sent = !signet_call_is_kept(call);
  signet_write_state state = sent || call->error.kind == SIGNET_OK
                                 ? state_of(call)
                                 : unsent_state(call);
  if (sent)
    job->writes.out--;
  else
    signet_job_drop(job, call);
  job->totals.unknown += sent && call->error.kind != SIGNET_OK &&
                         call->error.outcome == SIGNET_OUTCOME_UNKNOWN &&
                         call->settle.verdict != SIGNET_VERDICT_DRIFT;
  if (!job->life.broken && job->store != NULL && call->write.number != 0)
    put_outcome(job, call, state);
  tell_guard(job, call, state);
  note_entry(job, call, signet_job_has_effect(state));
}

/* Nothing of a closed account may be used any more. */
static void closing(signet_recorder *recorder, signet_account *account)
{
  signet_job *job = job_of(recorder);
  signet_audit_lose_account(job, account);
  if (job->account == account)
    job->account = NULL;
}

static bool is_own(signet_recorder *recorder, signet_kind kind, const char *id)
{
  const signet_job *job = job_of(recorder);
  return signet_made_has(&job->entries.made, kind, id) ||
         signet_made_has(&job->entries.others, kind, id);
}

static void on_look(signet_recorder *recorder, const signet_call *call)
{
  signet_claims_look(job_of(recorder), call);
  signet_job_note_list(job_of(recorder), call);
  signet_job_note_pending(job_of(recorder), call);
}

static void unchanged(signet_recorder *recorder, const signet_call *call,
                      bool rejected)
{
  signet_job *job = job_of(recorder);
  (void)call;
  job->totals.unchanged++;
  job->totals.rejected_unchanged += rejected;
}

/* In the same second as the job's first write counts as later: what is lost may
 * have been written then. */
static bool is_lost(const signet_job *job, const signet_record *now)
{
  return job->lost.any && job->times.first_at > 0 &&
         signet_job_is_run(job) && /* steps of a plan are compared */
         signet_record_updated_at(now) >= job->times.first_at / 1000;
}

/* Who goes by a step of an earlier run may have read the entry since, and made
 * nothing of it. */
static bool is_others(const signet_job *job, signet_kind kind,
                      const signet_record *now)
{
  int64_t first = signet_job_first_newest(job, kind);
  return job->decisions.recalled && first > 0 &&
         signet_record_updated_at(now) > first;
}

/* A review that has ended since is nobody's edit. */
static signet_outdated changed_since(signet_job *job, const signet_call *call,
                                     signet_outdated_by by)
{
  const char *before = job->decisions.recalled
                           ? signet_job_was_pending(job, call->kind, call->id)
                           : NULL;
  if (before != NULL)
    by = SIGNET_OUTDATED_REVIEWED;
  return (signet_outdated){by, before};
}

/* What an earlier run decided, in a step or by sending it, rests on how the
 * entry was then. */
static signet_outdated outdated(signet_recorder *recorder,
                                const signet_call *call,
                                const signet_record *now, bool first)
{
  signet_job *job = job_of(recorder);
  signet_outdated why = {SIGNET_OUTDATED_NOT, NULL};
  if (signet_made_has(&job->entries.touched, call->kind, call->id))
    return why;
  const signet_memo_entry *last =
      signet_memo_last(&job->memo, call->kind, call->id);
  if (last != NULL && last->before == NULL && last->state == SIGNET_MEMO_UNSENT)
    last = NULL; /* it was never ready (dropped.c) */
  if (last != NULL && last->state == SIGNET_MEMO_DRIFT) {
    why.by = SIGNET_OUTDATED_OTHERS; /* whatever is to be written now */
    return why;
  }
  const signet_memo_entry *wrote =
      signet_memo_wrote(&job->memo, call->kind, call->id);
  if (wrote != NULL && (last == NULL || last->before == NULL)) {
    why.by = SIGNET_OUTDATED_PERHAPS;
    why.before = signet_memo_content(wrote);
    return why;
  }
  if (signet_made_has(&job->entries.made, call->kind, call->id))
    return why;
  bool unsent = last == NULL || last->state == SIGNET_MEMO_UNSENT;
  if (last != NULL && last->before != NULL) {
    why.before = last->before;
    why.by = first || job->decisions.recalled ? SIGNET_OUTDATED_PERHAPS
                                              : SIGNET_OUTDATED_NOT;
  } else if (unsent && is_lost(job, now)) {
    why = changed_since(job, call, SIGNET_OUTDATED_LOST);
  } else if (last == NULL && is_others(job, call->kind, now)) {
    why = changed_since(job, call, SIGNET_OUTDATED_OTHERS);
  }
  return why;
}

void signet_job_get_unchanged(const signet_job *job, uint64_t *all,
                              uint64_t *rejected)
{
  *all = job->totals.unchanged;
  *rejected = job->totals.rejected_unchanged;
}

static void left(signet_recorder *recorder)
{
  job_of(recorder)->totals.refused++;
}

static void dropped(signet_recorder *recorder, signet_call *call)
{
  signet_job_note_dropped(job_of(recorder), call);
}

static void leaves(signet_recorder *recorder)
{
  signet_job_note_sending(job_of(recorder));
}

void signet_job_init_recorder(signet_job *job)
{
  job->recorder = (signet_recorder){.before_images = !job->opening.no_journal,
                                    .recall = recall,
                                    .intend = intend,
                                    .decided = decided,
                                    .is_own = is_own,
                                    .closing = closing,
                                    .looked = on_look,
                                    .unchanged = unchanged,
                                    .leaves = leaves,
                                    .outdated = outdated,
                                    .left = left,
                                    .dropped = dropped};
  job->writes.flush = (signet_post){.function = signet_job_flush, .user = job};
}
