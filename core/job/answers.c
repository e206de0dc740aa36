/* SPDX-License-Identifier: MIT */
/*
 * What a resumed script reads of entries that an earlier run wrote, before it
 * has asked for these writes once more: the entries as they were, which the
 * journal knows from the record before the next write. So a script that goes by
 * what it lists, or by how a review ended, asks for the same writes again, and
 * these are answered. An entry without such a write is shown as it is now, and
 * a review of it is looked at anew.
 */
#include "job/answers.h"

#include "job/row.h"

#include "account/account.h"
#include "account/recorder.h"
#include "account/rests.h"
#include "model/clock.h"

#include <string.h>

/* What the entry was before the next write to it; NULL: there is none, or
 * nobody knows. What somebody else has made of it is shown, but how its review
 * ended is not told by that. */
static const char *was_before_next(const signet_job *job,
                                   const signet_call *call)
{
  const signet_memo_entry *next =
      signet_memo_next(&job->memo, call->kind, call->id);
  bool others = next != NULL && next->state == SIGNET_MEMO_DRIFT;
  return next != NULL && (!others || call->verb == SIGNET_WAIT)
             ? signet_memo_was(next)
             : NULL;
}

bool signet_job_may_answer(const signet_job *job, const signet_call *call)
{
  bool reads = call->verb == SIGNET_LIST || call->verb == SIGNET_GET ||
               call->verb == SIGNET_WAIT;
  if (!reads || job->opening.resume[0] == '\0' || job->life.broken ||
      job->claims.own_read || !signet_job_is_run(job) ||
      call->account->overlay != NULL ||
      strcmp(signet_account_identity(call->account), job->about.identity) != 0)
    return false;
  return !job->life.settled ||
         (call->verb == SIGNET_LIST ? job->memo.unclaimed > 0
                                    : was_before_next(job, call) != NULL);
}

void signet_job_answer(signet_job *job, signet_call *call)
{
  const char *was =
      call->verb != SIGNET_LIST ? was_before_next(job, call) : NULL;
  signet_list *list = was != NULL ? signet_record_list(call->kind, was) : NULL;
  call->replays = call->verb == SIGNET_LIST && job->memo.unclaimed > 0;
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
