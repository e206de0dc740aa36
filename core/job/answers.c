/* SPDX-License-Identifier: MIT */
/*
 * A resumed script waits for reviews that an earlier run has waited for. Where
 * that run wrote the entry again, or deleted it, the entry no longer shows how
 * that review ended; but the journal does: the next write's record before it.
 * Else the entry is looked at anew: what its review has become since is what
 * the script goes on with.
 */
#include "job/answers.h"

#include "job/row.h"

#include "account/account.h"
#include "account/recorder.h"
#include "account/rests.h"
#include "model/clock.h"

#include <string.h>

/* What the entry was before the next write that an earlier run made; NULL: it
 * made none, or nobody knows. */
static const char *was_before_next(const signet_job *job,
                                   const signet_call *call)
{
  const signet_memo_entry *next =
      signet_memo_next(&job->memo, call->kind, call->id);
  bool gone = next != NULL && next->verb == SIGNET_DELETE &&
              next->state == SIGNET_MEMO_DONE;
  if (next == NULL || (call->verb == SIGNET_GET && !gone))
    return NULL;
  return next->was != NULL ? next->was : next->before;
}

bool signet_job_may_answer(const signet_job *job, const signet_call *call)
{
  if (job->opening.resume[0] == '\0' || job->life.broken ||
      job->claims.own_read || !signet_job_is_run(job) ||
      call->account->overlay != NULL ||
      strcmp(signet_account_identity(call->account), job->about.identity) != 0)
    return false;
  return !job->life.settled || was_before_next(job, call) != NULL;
}

void signet_job_answer(signet_job *job, signet_call *call)
{
  const char *was = was_before_next(job, call);
  signet_list *list = was != NULL ? signet_record_list(call->kind, was) : NULL;
  if (list != NULL)
    signet_read_answer(call, list);
  else
    signet_write_go_on(call);
  signet_list_release(list);
}

static void note_own(signet_call *call, const signet_memo_entry *entry,
                     int64_t age_ms)
{
  signet_list *list =
      entry->was != NULL ? signet_record_list(call->kind, entry->was) : NULL;
  signet_own_note_earlier(call, list != NULL ? signet_list_at(list, 0) : NULL,
                          entry->intended_at, age_ms);
  signet_list_release(list);
}

/* Of several writes to an entry, the service shows the last one. */
void signet_job_answer_write(signet_job *job, signet_call *call,
                             const signet_memo_entry *entry)
{
  int64_t age_ms = signet_clock_unix_ms() - entry->decided_ms;
  if (call->verb == SIGNET_CREATE)
    memcpy(call->id, entry->answer, sizeof call->id);
  if (entry->decided_ms > 0 &&
      signet_memo_next(&job->memo, entry->kind,
                       entry->target[0] != '\0' ? entry->target
                                                : entry->answer) == NULL)
    note_own(call, entry, age_ms);
  signet_write_answer(call, entry->answer);
}
