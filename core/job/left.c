/* SPDX-License-Identifier: MIT */
/* Writes of earlier runs that a resumed run did not ask for again. One that had
 * no effect is work that is left, unless the run has seen an entry that
 * somebody changed since, and decided by that. One that was done is worth a
 * word where the run has not looked at what it did. */
#include "job/left.h"

#include "job/newest.h"
#include "job/row.h"

#include "account/rests.h"
#include "account/same.h"
#include "account/times.h"

#include <stdio.h>
#include <string.h>

/* ---- naming ---- */

void signet_left_name(const signet_memo_entry *entry, char *out, size_t size)
{
  const char *verb = signet_verb_name(entry->verb);
  const char *kind = signet_kind_word(entry->kind);
  if (entry->verb == SIGNET_REQUEST)
    snprintf(out, size, "raw request");
  else if (entry->target[0] == '\0' && entry->answer[0] == '\0')
    snprintf(out, size, "%s of a %s", verb, kind);
  else
    snprintf(out, size, "%s %s %s", verb, kind,
             entry->target[0] != '\0' ? entry->target : entry->answer);
}

void signet_left_add(char *names, size_t size, uint64_t count,
                     const signet_memo_entry *entry)
{
  char name[80];
  size_t length = strlen(names);
  if (count > SIGNET_LEFT_NAMED) {
    if (count == SIGNET_LEFT_NAMED + 1)
      snprintf(names + length, size - length, " and more");
    return;
  }
  signet_left_name(entry, name, sizeof name);
  snprintf(names + length, size - length, "%s%s", length > 0 ? ", " : "", name);
}

/* ---- what the run has seen ---- */

static bool had_no_effect(const signet_memo_entry *entry)
{
  return entry->state == SIGNET_MEMO_UNSENT ||
         entry->state == SIGNET_MEMO_AGAIN;
}

bool signet_left_is_explained(const signet_job *job,
                              const signet_memo_entry *entry)
{
  if (entry->state == SIGNET_MEMO_UNSENT &&
      signet_memo_is_repeated(&job->memo, entry))
    return true;
  if (job->claims.chance ||
      (had_no_effect(entry) && entry->verb == SIGNET_CREATE))
    return false; /* no list shows a create that is still to be made */
  return entry->looked ||
         (entry->verb != SIGNET_REQUEST && job->claims.listed[entry->kind]);
}

static bool same_status(const signet_record *a, const signet_record *b)
{
  return signet_record_integer(a, "status", 0) ==
         signet_record_integer(b, "status", 0);
}

/* Of a write that was never ready nothing is known but when the job began. */
static bool is_as_before(const signet_job *job, const signet_memo_entry *entry,
                         const signet_record *now)
{
  int64_t first = signet_job_first_newest(job, entry->kind);
  if (entry->before == NULL)
    return first > 0 && signet_record_updated_at(now) < first;
  signet_list *list = signet_record_list(entry->kind, entry->before);
  bool same =
      list != NULL && same_status(signet_list_at(list, 0), now) &&
      signet_entry_same_content(entry->kind, signet_list_at(list, 0), now);
  signet_list_release(list);
  return same;
}

void signet_left_look(signet_job *job, const signet_call *call)
{
  char id[SIGNET_ID_SIZE];
  if (job->memo.unclaimed == 0 || call->list == NULL)
    return;
  for (size_t i = 0; i < signet_list_count(call->list); i++) {
    const signet_record *record = signet_list_at(call->list, i);
    signet_memo_entry *entry = signet_memo_unsent(
        &job->memo, call->kind, signet_record_id(record, id, sizeof id));
    if (entry != NULL)
      entry->as_before = is_as_before(job, entry, record);
  }
}

/* ---- at the end of a run ---- */

typedef struct unclaimed {
  const signet_job *job;
  signet_job_unclaimed *all;
} unclaimed;

static void add(signet_job_named *writes, const signet_memo_entry *entry)
{
  signet_left_add(writes->names, sizeof writes->names, ++writes->count, entry);
}

static void take_unclaimed(void *user, const signet_memo_entry *entry)
{
  const unclaimed *found = user;
  bool explained = signet_left_is_explained(found->job, entry);
  if (entry->state == SIGNET_MEMO_DONE && !explained)
    add(&found->all->done, entry);
  if (entry->state == SIGNET_MEMO_DRIFT)
    add(&found->all->changed, entry);
  if (!had_no_effect(entry) ||
      signet_memo_is_repeated(&found->job->memo, entry))
    return;
  add(explained && !entry->as_before ? &found->all->changed : &found->all->left,
      entry);
}

/* One that was stopped before its end might have asked for them. */
static bool came_to_end(const signet_job *job, const signet_job_ending *ending)
{
  return !ending->raised && ending->error.message[0] == '\0' &&
         !ending->interrupted && !ending->parked && !job->guard.refused;
}

void signet_job_get_unclaimed(const signet_job *job,
                              const signet_job_ending *ending,
                              signet_job_unclaimed *all)
{
  unclaimed found = {job, all};
  *all = (signet_job_unclaimed){0};
  if (job->opening.resume[0] != '\0' && signet_job_is_run(job) &&
      !job->life.broken && came_to_end(job, ending))
    signet_memo_each_unclaimed(&job->memo, take_unclaimed, &found);
}

bool signet_left_any(const signet_job *job, const signet_job_ending *ending)
{
  signet_job_unclaimed all;
  signet_job_get_unclaimed(job, ending, &all);
  return all.left.count > 0;
}
