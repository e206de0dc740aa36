/* SPDX-License-Identifier: MIT */
/* The entries' times tell what others have changed since a job decided
 * something or wrote it. Where the service's replies have no Date, its entries
 * tell the time: what is created or changed after a list was made has a later
 * time than what the list shows. */

#include "job/newest.h"

#include "account/account.h"
#include "account/same.h"
#include "account/times.h"
#include "model/clock.h"
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

static int64_t newest_of(const signet_list *shown)
{
  int64_t newest = 1;
  for (size_t i = 0; i < signet_list_count(shown); i++)
    newest = later(newest, signet_record_updated_at(signet_list_at(shown, i)));
  return newest;
}

/* Part of a list tells the time, too, but not what else is there. */
void signet_job_note_list(signet_job *job, const signet_call *call)
{
  int64_t *newest = &job->times.newest[call->kind];
  if (call->verb != SIGNET_LIST || call->list == NULL ||
      job->opening.no_journal || call->account->clock.known)
    return;
  *newest = later(*newest, newest_of(call->list));
  if (signet_fields_count(call->fields) > 0)
    return;
  signet_list_release(job->times.shown[call->kind]);
  job->times.shown[call->kind] = signet_list_retain(call->list);
}

/* The time of what looked like it before, and how many that were. */
int64_t signet_job_intended_at(const signet_job *job, const signet_call *call)
{
  int64_t newest = 1;
  int64_t count = 0;
  const signet_list *shown = job->times.shown[call->kind];
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

/* ---- since when others' changes are to be told ---- */

static bool put_newest(signet_job *job, signet_error *error)
{
  char value[64];
  const int64_t *newest = job->times.first_newest;
  snprintf(value, sizeof value, "[%" PRId64 ",%" PRId64 "]", newest[0],
           newest[1]);
  return job->store->operations->put_step(job->store, job->about.id, step_name,
                                          value, error);
}

bool signet_job_keep_newest(signet_job *job, const signet_call *call,
                            signet_error *error)
{
  int64_t *newest = &job->times.first_newest[call->kind];
  if (job->times.newest[call->kind] == 0 || *newest != 0)
    return true;
  *newest = job->times.newest[call->kind];
  return put_newest(job, error);
}

/* What it rests on was read after it began. */
bool signet_job_note_step(signet_job *job, signet_error *error)
{
  bool any = false;
  int64_t began =
      job->decisions.boot != 0 ? job->decisions.boot : signet_clock_boot_ms();
  const signet_service_clock *clock =
      job->account != NULL ? &job->account->clock : NULL;
  int64_t now =
      clock != NULL && clock->known ? signet_service_clock_at(clock, began) : 0;
  for (int kind = 0; kind < 2; kind++) {
    int64_t newest = now > 0 ? now / 1000 : job->times.newest[kind];
    if (newest == 0 || job->times.first_newest[kind] != 0)
      continue;
    job->times.first_newest[kind] = newest;
    any = true;
  }
  return !any || put_newest(job, error);
}

int64_t signet_job_first_newest(const signet_job *job, signet_kind kind)
{
  int64_t first = job->times.first_at / 1000;
  int64_t newest = job->times.first_newest[kind];
  return newest > 0 && (first <= 0 || newest < first) ? newest : first;
}

bool signet_job_recall_newest(signet_job *job, signet_error *error)
{
  char *value;
  int64_t *newest = job->times.first_newest;
  if (!job->store->operations->get_step(job->store, job->about.id, step_name,
                                        &value, error))
    return false;
  if (value == NULL ||
      sscanf(value, "[%" SCNd64 ",%" SCNd64 "]", &newest[0], &newest[1]) != 2)
    newest[0] = newest[1] = 0;
  signet_memory_free(value);
  return true;
}

void signet_job_free_shown(signet_job *job)
{
  signet_list_release(job->times.shown[0]);
  signet_list_release(job->times.shown[1]);
}
