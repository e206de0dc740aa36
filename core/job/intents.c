/* SPDX-License-Identifier: MIT */
/* Each write that is queued is looked at: it is answered from the memo,
 * refused, put aside, or its intent is put, and it is sent once that is
 * durable. */
#include "job/intents.h"

#include "job/answers.h"
#include "job/claims.h"
#include "job/commit.h"
#include "job/dropped.h"
#include "job/lost.h"
#include "job/newest.h"
#include "job/open.h"
#include "job/row.h"
#include "job/waiting.h"

#include "account/account.h"
#include "account/alike.h"
#include "account/outcome.h"
#include "account/outcome_set.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "net/post.h"
#include "wire/json.h"

#include <string.h>

typedef enum looked {
  LOOKED_SEND, /* it goes as soon as its intent is durable */
  LOOKED_TAKEN /* answered, refused, or put aside */
} looked;

static void answer_from_memo(signet_job *job, signet_call *call,
                             const signet_memo_entry *entry)
{
  signet_error error = SIGNET_ERROR_INIT;
  job->totals.remembered++;
  if (entry->state == SIGNET_MEMO_DONE) {
    signet_job_answer_write(job, call, entry);
    return;
  }
  if (entry->state == SIGNET_MEMO_REFUSED) {
    error.outcome = SIGNET_OUTCOME_REFUSED;
    signet_error_set(&error, entry->refusal,
                     "%s (so write %lld of the earlier run, which is not sent "
                     "again; another run tries it anew)",
                     entry->message, (long long)entry->number);
  } else if (entry->state == SIGNET_MEMO_DRIFT) {
    error.outcome = SIGNET_OUTCOME_REFUSED;
    signet_error_set(&error, SIGNET_ERROR_CONFLICT,
                     "write %lld of the earlier run: somebody else changed "
                     "the entry since, or deleted it; it is left alone",
                     (long long)entry->number);
  } else {
    error.outcome = SIGNET_OUTCOME_UNKNOWN;
    signet_error_set(&error, SIGNET_ERROR_UNKNOWN_OUTCOME,
                     "write %lld of the earlier run: it is not known whether "
                     "it took effect, so it is not sent again; look at the "
                     "entry, and write what is missing with another script",
                     (long long)entry->number);
  }
  signet_write_refuse(call, &error);
}

/* ---- counting entries ---- */

/* What was decided on what was read too long ago is looked at again. */
static void check_again(signet_job *job)
{
  signet_job_queue taken = job->writes.queue;
  job->writes.queue = (signet_job_queue){0};
  for (size_t i = 0; i < taken.count; i++) {
    signet_call *call = taken.calls[i];
    if (call == NULL)
      continue;
    bool changes = call->verb == SIGNET_UPDATE || call->verb == SIGNET_DELETE;
    if (changes && call->phase == SIGNET_CALL_INTENDING)
      signet_write_check_again(call);
    else if (!signet_job_push(&job->writes.queue, call))
      signet_job_refuse_for_memory(call);
  }
  signet_memory_free(taken.calls);
}

static bool took_long(const signet_job_count *count)
{
  return count->fresh_ms >= 0 &&
         signet_clock_boot_ms() - count->began > count->fresh_ms;
}

/* The entries are counted, or can't be. */
static void on_counted(signet_call *call, void *user)
{
  signet_job_count *count = user;
  signet_job *job = count->job;
  const signet_error *problem = signet_call_error(call);
  signet_error error = SIGNET_ERROR_INIT;
  bool only_clock = count->clock;
  count->call = NULL;
  count->counted = true;
  count->clock = false;
  if (problem != NULL && !only_clock)
    error = *problem;
  else if (!signet_job_requeue(job, &job->writes.uncounted))
    signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
  bool good = error.kind == SIGNET_OK;
  error.outcome = SIGNET_OUTCOME_NOT_SENT;
  if (!good)
    signet_job_refuse(&job->writes.uncounted, &error);
  else if (took_long(count))
    check_again(job);
  signet_call_release(call);
  signet_loop_post_early(job->loop, &job->writes.flush);
}

/* Puts a write aside until the entries of that kind are counted. */
static bool count_first(signet_job *job, signet_call *call, signet_kind kind,
                        signet_error *error)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_job_count *count = &job->counting[kind];
  operation.verb = SIGNET_LIST;
  operation.kind = kind;
  if (!signet_job_push(&job->writes.uncounted, call))
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  if (count->call != NULL)
    return true;
  count->job = job;
  count->began = signet_clock_boot_ms();
  count->fresh_ms = call->account->settings.fresh_ms;
  count->call = signet_call_start(call->account, &operation, on_counted, count);
  if (count->call != NULL) {
    count->call->internal = true;
    return true;
  }
  job->writes.uncounted.count--;
  return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
}

/* ---- intents ---- */

static bool ask_guard(signet_job *job, signet_call *call, looked *result,
                      signet_error *error)
{
  signet_kind kind;
  switch (signet_guard_ask(&job->guard, call, &kind)) {
  case SIGNET_GUARD_PASS:
    call->write.counted = true;
    *result = LOOKED_SEND;
    return true;
  case SIGNET_GUARD_WAIT:
    return count_first(job, call, kind, error);
  case SIGNET_GUARD_HOLD:
    return signet_job_push(&job->writes.at_limit, call) ||
           signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  default:
    signet_write_refuse(call, &job->guard.refusal);
    return true;
  }
}

/* Whether a create would be recorded without the service's time: what it comes
 * to couldn't be told from what was there before. A list tells both. */
static bool needs_clock(const signet_job *job, const signet_call *call)
{
  return call->verb == SIGNET_CREATE && !job->opening.no_journal &&
         !call->account->clock.known && !job->counting[call->kind].counted;
}

/* Whether nothing has shown the names that a new one may look like. A run
 * without a journal leaves nothing behind, nor what it learns of a list. */
static bool needs_names(const signet_job *job, const signet_call *call)
{
  return !job->opening.no_journal && signet_alike_needs_list(call) &&
         !job->counting[call->kind].counted;
}

static bool list_first(signet_job *job, signet_call *call, signet_error *error)
{
  signet_job_count *count = &job->counting[call->kind];
  bool first = count->call == NULL;
  if (!count_first(job, call, call->kind, error))
    return false;
  count->clock = first || count->clock;
  return true;
}

static bool put_intent(signet_job *job, signet_call *call, const char *after,
                       signet_error *error)
{
  signet_write_intended(call);
  if (job->opening.no_journal)
    return true;
  if (!signet_job_need_row(job, error) || !signet_job_put_dropped(job, error) ||
      !signet_job_keep_newest(job, call, error))
    return false;
  signet_write_row row = signet_job_row_of(job, call);
  row.number = call->write.number; /* 0, unless it goes on with that write */
  row.after = after;
  row.state = signet_write_state_name(SIGNET_WRITE_INTENT);
  row.attempts = call->write.attempts + 1; /* if it comes to it */
  bool good = job->store->operations->put_write(job->store, &row, error);
  call->write.number = row.number;
  return good;
}

/* The same write, which what was sent of it before may still bring about. */
static void go_on_with(signet_call *call, const signet_memo_entry *entry)
{
  call->write.again = true;
  call->write.uncertain = true;
  call->write.number = entry->number;
  call->write.attempts = (unsigned)entry->attempts;
  call->write.intended_order = 0;
  call->write.intended_at = entry->intended_at;
  signet_write_go_on(call);
}

/* @return false: out of memory */
static bool find_done(signet_job *job, const signet_call *call,
                      const char *after, const signet_memo_entry **entry)
{
  uint64_t digest[2];
  *entry = NULL;
  return job->memo.count == 0 || call->write.claimed ||
         (signet_memo_digest(call->verb, call->kind,
                             call->verb == SIGNET_CREATE ? "" : call->id, after,
                             digest) &&
          signet_memo_take(&job->memo, digest, call->fields, entry));
}

/* Whether a write that no earlier run knows may go on. @return false: it was
 * refused or is held, or `error` says why nothing may be sent */
static bool ask_claims(signet_job *job, signet_call *call, signet_error *error)
{
  switch (signet_claims_ask(job, call)) {
  case SIGNET_CLAIM_PASS:
    return true;
  case SIGNET_CLAIM_REFUSE:
    signet_write_refuse(call, &job->guard.refusal);
    return false;
  case SIGNET_CLAIM_MEMORY:
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  default:
    return false;
  }
}

/* Decides about one write, and puts its intent. @return false: `error` says
 * why nothing more may be sent, the write included */
static bool look_at(signet_job *job, signet_call *call, looked *result,
                    signet_error *error)
{
  *result = LOOKED_TAKEN;
  if (!signet_call_writes(call)) {
    signet_job_answer(job, call);
    return true;
  }
  bool wanted =
      !job->opening.no_journal; /* without one nothing is remembered */
  char *after = wanted ? signet_job_after(call) : NULL;
  const signet_memo_entry *entry;
  if ((wanted && after == NULL && call->verb != SIGNET_DELETE) ||
      !find_done(job, call, after, &entry)) {
    signet_memory_free(after);
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  }
  bool good = true;
  if (entry != NULL && entry->state == SIGNET_MEMO_UNSENT) {
    call->write.claimed = true;
    call->write.earlier = call->verb == SIGNET_UPDATE;
    entry = NULL;
  }
  if (entry != NULL && entry->state == SIGNET_MEMO_AGAIN) {
    call->write.claimed = true;
    go_on_with(call, entry);
  } else if (entry != NULL) {
    answer_from_memo(job, call, entry);
  } else if (!ask_claims(job, call, error)) {
    good = error->kind == SIGNET_OK;
  } else if (signet_job_seeks(job, call)) {
    good = signet_job_seek(job, call, after, error);
  } else if (call->phase == SIGNET_CALL_RECALLING) {
    signet_write_go_on(call);
  } else {
    good = needs_clock(job, call) || needs_names(job, call)
               ? list_first(job, call, error)
               : ask_guard(job, call, result, error);
    if (good && *result == LOOKED_SEND)
      good = put_intent(job, call, after, error);
  }
  signet_memory_free(after);
  return good;
}

/* Looks at every write that is queued. Those whose intents are put wait for
 * their commit; without a journal there is none. */
static void look_at_queue(signet_job *job)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_job_queue taken = job->writes.queue;
  bool good = true;
  job->writes.queue = (signet_job_queue){0};
  for (size_t i = 0; i < taken.count; i++) {
    looked result = LOOKED_SEND;
    signet_call *call = taken.calls[i];
    if (call == NULL)
      continue;
    good = good && look_at(job, call, &result, &error);
    if (good && result == LOOKED_SEND &&
        !signet_job_push(&job->writes.ready, call))
      good = signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
    if (!good)
      signet_write_refuse(call, &error);
  }
  signet_memory_free(taken.calls);
  if (!good)
    signet_job_break(job, &error);
  else
    signet_job_commit(job);
}

/* ---- the queue ---- */

static void on_retry(void *user)
{
  signet_job *job = user;
  job->opening.retry = NULL;
  signet_job_flush(job);
}

/* Another job holds the journal. */
static void try_later(signet_job *job)
{
  signet_error error = SIGNET_ERROR_INIT;
  if (job->opening.retry == NULL)
    job->opening.retry =
        signet_timer_start(job->loop, SIGNET_JOB_RETRY_MS, on_retry, job);
  if (job->opening.retry != NULL)
    return;
  signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
  signet_job_break(job, &error);
}

static void tell_held(signet_job *job)
{
  void (*held)(void *user, const signet_error *error) = job->opening.held;
  job->opening.held = NULL;
  if (held != NULL)
    held(job->opening.held_user, job->life.broken ? &job->life.failure : NULL);
}

/* While another job held the journal, it wrote: what was read before is not
 * believed. */
static void check_all_again(signet_job *job)
{
  if (job->account != NULL)
    signet_account_distrust(job->account);
  check_again(job);
}

/* From the loop, once in a turn in which something was written or decided. */
void signet_job_flush(void *user)
{
  signet_job *job = user;
  bool opens =
      !job->life.broken && !job->opening.no_journal && job->store == NULL;
  bool waited = opens && job->opening.since >= 0;
  if (opens && !signet_job_open_store(job) && !job->life.broken) {
    try_later(job);
    return;
  }
  if (waited && !job->life.broken)
    check_all_again(job);
  if (job->life.broken)
    signet_job_refuse_queue(job, &job->life.failure);
  else if (job->life.settled)
    look_at_queue(job);
  if (job->life.broken || job->life.settled)
    tell_held(job);
}

void signet_job_hold(signet_job *job,
                     void (*held)(void *user, const signet_error *error),
                     void *user)
{
  job->opening.holds = true;
  job->opening.held = held;
  job->opening.held_user = user;
  signet_loop_post_early(job->loop, &job->writes.flush);
}

void signet_job_unhold(signet_job *job)
{
  job->opening.held = NULL;
  if (job->store == NULL &&
      job->writes.queue.count == 0) { /* it waits no longer */
    signet_timer_cancel(job->opening.retry);
    job->opening.retry = NULL;
  }
}
