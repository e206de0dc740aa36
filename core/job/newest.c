/* SPDX-License-Identifier: MIT */
/* Where the service's replies have no Date, its entries tell the time: what is
 * created or changed after a list was made has a later time than what the list
 * shows. */
#include "job/job.h"

#include "account/account.h"
#include "account/same.h"
#include "account/settle.h"
#include "model/memory.h"

#include <inttypes.h>
#include <stdio.h>

/* A step of the job, under a name that no script's step has. */
static const char step_name[] = "\x1f"
                                "newest";

static int64_t later(int64_t a, int64_t b)
{
  return a > b ? a : b;
}

/* ---- what lists show ---- */

void signet_job_note_list(signet_job *job, const signet_call *call)
{
  bool whole = call->verb == SIGNET_LIST && call->list != NULL &&
               signet_fields_count(call->fields) == 0;
  if (!whole || job->no_journal || call->account->clock.known)
    return;
  signet_list_release(job->shown[call->kind]);
  job->shown[call->kind] = signet_list_retain(call->list);
}

/* The time of what looked like it before, and how many that were. */
int64_t signet_job_intended_at(const signet_job *job, const signet_call *call)
{
  int64_t newest = 1;
  int64_t count = 0;
  const signet_list *shown = job->shown[call->kind];
  if (call->write.intended_at != 0 || call->verb != SIGNET_CREATE ||
      shown == NULL)
    return call->write.intended_at;
  for (size_t i = 0; i < signet_list_count(shown); i++) {
    const signet_record *record = signet_list_at(shown, i);
    int64_t created = signet_record_created_at(record);
    signet_likeness likeness =
        signet_entry_compare(call->kind, call->fields, record, NULL);
    if (likeness == SIGNET_DIFFERENT)
      continue;
    if (created <= 0)
      return 0;
    newest = later(newest, created);
    count = likeness == SIGNET_SAME && count < SIGNET_ALIKE_UNKNOWN
                ? count + 1
                : SIGNET_ALIKE_UNKNOWN;
  }
  return -(newest * 1000 + count);
}

/* ---- when the job wrote first ---- */

static int64_t newest_of(const signet_list *shown)
{
  int64_t newest = 0;
  for (size_t i = 0; i < signet_list_count(shown); i++)
    newest = later(newest, signet_record_updated_at(signet_list_at(shown, i)));
  return newest;
}

bool signet_job_keep_newest(signet_job *job, const signet_call *call,
                            signet_error *error)
{
  char value[64];
  int64_t *newest = job->first_newest;
  const signet_list *shown = job->shown[call->kind];
  if (shown == NULL || newest[call->kind] != 0)
    return true;
  newest[call->kind] = later(newest_of(shown), 1);
  snprintf(value, sizeof value, "[%" PRId64 ",%" PRId64 "]", newest[0],
           newest[1]);
  return job->store->operations->put_step(job->store, job->id, step_name, value,
                                          error);
}

bool signet_job_recall_newest(signet_job *job, signet_error *error)
{
  char *value;
  int64_t *newest = job->first_newest;
  if (!job->store->operations->get_step(job->store, job->id, step_name, &value,
                                        error))
    return false;
  if (value == NULL ||
      sscanf(value, "[%" SCNd64 ",%" SCNd64 "]", &newest[0], &newest[1]) != 2)
    newest[0] = newest[1] = 0;
  signet_memory_free(value);
  return true;
}

void signet_job_free_shown(signet_job *job)
{
  signet_list_release(job->shown[0]);
  signet_list_release(job->shown[1]);
}
