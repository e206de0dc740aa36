/* SPDX-License-Identifier: MIT */
/*
 * Whether a resumed run asks for the writes of the first one. A script that
 * decides by the clock, by chance or in another order would write beside what
 * was written already. So a write that the journal does not know is held as
 * long as the journal has writes that nobody asked for again:
 *
 *  - One to an entry that the earlier run wrote, and for which the run has not
 *    asked again, contradicts it: nothing more is written.
 *  - When everything that the script does waits for what is held, and the run
 *    has not looked at the kind of an entry that is left, its script can't know
 *    that it was written: nothing more is written either.
 *    So it is where the script went by chance or by the clock, whatever it has
 *    looked at.
 *  - Else the script has seen what is there, and decided by that: it goes on.
 *    But no list shows a create that had no effect: a script that asks for what
 *    is missing asks for that again.
 *
 * The writes of a plan are known by their steps, and need none of this.
 */
#include "job/claims.h"

#include "job/left.h"
#include "job/row.h"
#include "job/waiting.h"

#include "account/account.h"
#include "account/clock.h"
#include "account/outcome.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "net/post.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { QUIET_MS = 50 };

static bool is_of_script(const signet_job *job)
{
  return job->opening.resume[0] != '\0' && signet_job_is_run(job);
}

/* ---- what the run has seen ---- */

void signet_claims_look(signet_job *job, const signet_call *call)
{
  if (call->internal)
    return;
  signet_left_look(job, call);
  if (call->verb == SIGNET_LIST) /* perhaps before the journal is open */
    job->claims.listed[call->kind] = true;
  else
    signet_memo_look(&job->memo, call->kind, call->id);
}

/* A create that is still to be made. */
static bool is_missing(const signet_memo_entry *entry)
{
  return entry->verb == SIGNET_CREATE && (entry->state == SIGNET_MEMO_UNSENT ||
                                          entry->state == SIGNET_MEMO_AGAIN);
}

/* ---- refusing ---- */

static void refuse_all(signet_job *job, const char *sentence)
{
  signet_guard *guard = &job->guard;
  signet_error_init(&guard->refusal);
  signet_error_set(&guard->refusal, SIGNET_ERROR_REFUSED,
                   "this run asks for other writes than the first one: %s; "
                   "nothing more is sent. signet.step keeps what a script "
                   "decides by the clock, by chance or by what it finds",
                   sentence);
  guard->refusal.outcome = SIGNET_OUTCOME_NOT_SENT;
  guard->refused = true;
  guard->closed = true;
  guard->lifted_by = NULL;
  job->claims.refused = true;
  signet_job_refuse(&job->claims.held, &guard->refusal);
}

static void contradict(signet_job *job, const signet_memo_entry *entry)
{
  char name[80];
  char sentence[300];
  signet_left_name(entry, name, sizeof name);
  snprintf(sentence, sizeof sentence,
           "write %" PRId64 " of the journal (%s) was of other content and was "
           "not asked for again",
           entry->number, name);
  refuse_all(job, sentence);
}

typedef struct unclaimed {
  const signet_job *job;
  uint64_t count;
  bool all;           /* those too that the run has seen */
  uint64_t as_before; /* of them, those that had no effect, and whose entries
                         the run has seen as they were */
  char names[320];
} unclaimed;

static void take_unclaimed(void *user, const signet_memo_entry *entry)
{
  unclaimed *left = user;
  if (left->all ? is_missing(entry)
                : signet_left_is_explained(left->job, entry))
    return;
  left->as_before += entry->as_before;
  signet_left_add(left->names, sizeof left->names, ++left->count, entry);
}

static void refuse_unclaimed(signet_job *job, const unclaimed *left)
{
  char sentence[400];
  snprintf(sentence, sizeof sentence,
           "%" PRIu64 " write%s of the journal %s not asked for again: %s",
           left->count, left->count == 1 ? "" : "s",
           left->count == 1 ? "was" : "were", left->names);
  refuse_all(job, sentence);
}

/* The run has looked at the account, and decided by that. A script may have
 * gone by something else as well, what another program told it, say. This file
 * can't know that, but the operator can. Nor can it tell another order: a
 * script that goes on with a list asks for an entry that a review has made fit
 * before the one that the first run had come to, and the review leaves no time.
 */
static void tell_unclaimed(const signet_job *job)
{
  char sentence[600];
  char unsent[120] = "";
  unclaimed left = {.job = job, .all = true};
  signet_memo_each_unclaimed(&job->memo, take_unclaimed, &left);
  if (left.count == 0 || job->account == NULL)
    return;
  if (left.as_before > 0)
    snprintf(unsent, sizeof unsent,
             "; %" PRIu64 " of them had no effect, and %s as before",
             left.as_before,
             left.as_before == 1 ? "the entry is" : "the entries are");
  snprintf(sentence, sizeof sentence,
           "%" PRIu64 " write%s of the earlier run %s not asked for again, and "
           "others are made: %s%s",
           left.count, left.count == 1 ? "" : "s",
           left.count == 1 ? "was" : "were", left.names, unsent);
  signet_account_notify(job->account, sentence);
}

/* ---- holding ---- */

/* Whether anything goes on that could ask for more. *waits: only reviews or
 * sleep, which may take days */
static bool is_busy(const signet_job *job, bool *waits)
{
  bool busy = false;
  *waits = job->claims.asleep > 0;
  for (size_t i = 0; i < job->claims.held.count; i++) {
    const signet_call *held = job->claims.held.calls[i];
    if (held == NULL)
      continue;
    for (const signet_call *call = held->account->first; call != NULL;
         call = call->next) {
      if (call->write.held)
        continue;
      if (call->verb == SIGNET_WAIT)
        *waits = true;
      else
        busy = true;
    }
    break; /* all are of one account */
  }
  return busy;
}

static void release(signet_job *job)
{
  signet_job_queue held = job->claims.held;
  job->claims.held = (signet_job_queue){0};
  job->claims.open = true;
  for (size_t i = 0; i < held.count; i++) {
    signet_call *call = held.calls[i];
    if (call == NULL)
      continue;
    call->write.held = false;
    call->write.claimed = true;
    if (!signet_job_push(&job->writes.queue, call)) {
      signet_error error = SIGNET_ERROR_INIT;
      signet_error_set(&error, SIGNET_ERROR_MEMORY, "out of memory");
      error.outcome = SIGNET_OUTCOME_NOT_SENT;
      signet_write_refuse(call, &error);
    }
  }
  signet_memory_free(held.calls);
  signet_loop_post_early(job->loop, &job->writes.flush);
}

static void on_quiet(void *user);

/* @return false: out of memory */
static bool watch(signet_job *job)
{
  if (job->claims.quiet == NULL)
    job->claims.quiet = signet_timer_start(job->loop, QUIET_MS, on_quiet, job);
  return job->claims.quiet != NULL;
}

static void decide(signet_job *job)
{
  unclaimed left = {.job = job};
  bool waits;
  bool busy = is_busy(job, &waits);
  if (job->memo.unclaimed == 0) {
    release(job);
  } else if (busy || job->claims.asked) {
    job->claims.asked = false;
    if (!watch(job))
      release(job);
  } else {
    signet_memo_each_unclaimed(&job->memo, take_unclaimed, &left);
    if (left.count > 0 && !waits) {
      refuse_unclaimed(job, &left);
    } else {
      tell_unclaimed(job);
      release(job);
    }
  }
}

static void on_quiet(void *user)
{
  signet_job *job = user;
  job->claims.quiet = NULL;
  if (!job->life.broken && job->claims.held.count > 0)
    decide(job);
}

/* ---- one write ---- */

signet_claim signet_claims_ask(signet_job *job, signet_call *call)
{
  if (!is_of_script(job) || call->write.claimed)
    return SIGNET_CLAIM_PASS;
  if (job->claims.refused)
    return SIGNET_CLAIM_REFUSE;
  if (job->memo.unclaimed == 0)
    return SIGNET_CLAIM_PASS;
  const signet_memo_entry *entry =
      call->id[0] != '\0' && call->verb != SIGNET_REQUEST
          ? signet_memo_find_entry(&job->memo, call->kind, call->id)
          : NULL;
  if (entry != NULL && (entry->state == SIGNET_MEMO_DONE ||
                        entry->state == SIGNET_MEMO_UNKNOWN ||
                        !signet_left_is_explained(job, entry))) {
    contradict(job, entry);
    return SIGNET_CLAIM_REFUSE;
  }
  if (job->claims.open)
    return SIGNET_CLAIM_PASS;
  job->claims.asked = true;
  if (!watch(job) || !signet_job_push(&job->claims.held, call))
    return SIGNET_CLAIM_MEMORY;
  call->write.held = true;
  return SIGNET_CLAIM_HELD;
}

void signet_claims_end(signet_job *job)
{
  if (job->loop != NULL)
    signet_timer_cancel(job->claims.quiet);
  job->claims.quiet = NULL;
  signet_memory_free(job->claims.held.calls);
  job->claims.held = (signet_job_queue){0};
}

void signet_job_by_chance(signet_job *job)
{
  job->claims.chance = true;
}

void signet_job_asleep(signet_job *job, int change)
{
  job->claims.asleep += change;
}
