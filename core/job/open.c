/* SPDX-License-Identifier: MIT */
/* Taking hold of the journal: opened, its row found or made, and what an
 * earlier run left read. */
#include "job/open.h"

#include "job/beat.h"
#include "job/commit.h"
#include "job/journal.h"
#include "job/kept_steps.h"
#include "job/recall.h"
#include "job/row.h"
#include "job/undone.h"
#include "job/waiting.h"

#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"

#include <string.h>

typedef struct found_job {
  signet_job *job;
  bool found;
  bool done;   /* it came to its end */
  bool memory; /* it ran out */
} found_job;

/* @return false: out of memory */
static bool take_text(char **to, const char *text)
{
  if (text == NULL)
    return true;
  char *copied = signet_memory_text(text, strlen(text));
  if (copied == NULL)
    return false;
  signet_memory_free(*to);
  *to = copied;
  return true;
}

/* A job stays what it began as, whatever the one that resumes it calls it. */
static bool take_words(signet_job *job, const signet_job_row *row)
{
  return take_text(&job->about.type, row->type) &&
         take_text(&job->about.name, row->name) &&
         take_text(&job->about.arguments, row->arguments) &&
         take_text(&job->about.parent, row->parent);
}

static bool take_job(void *user, const signet_job_row *row)
{
  found_job *found = user;
  if (strlen(row->id) >= sizeof found->job->about.id)
    return true; /* not an id that this program gives */
  memcpy(found->job->about.id, row->id, strlen(row->id) + 1);
  found->job->about.started_ms = row->started_ms;
  found->found = true;
  found->done = signet_job_state_number(row->state) == SIGNET_JOB_DONE;
  found->memory = !take_words(found->job, row);
  return false;
}

/* Asked here, where the journal is held: another process may have resumed the
 * job, or taken it back, while this one waited. */
static bool may_go_on(signet_job *job, const found_job *found,
                      signet_error *error)
{
  signet_undos undos;
  const char *by;
  bool good = signet_undos_read(&undos, job->store, error);
  signet_undone undone =
      good ? signet_undos_find(&undos, job->about.id, &by) : SIGNET_UNDONE_NOT;
  if (undone != SIGNET_UNDONE_NOT)
    good = signet_error_set(
        error, SIGNET_ERROR_REFUSED,
        "job %s was %s by job %s: a job that is taken back "
        "can't be resumed; run its script again instead",
        job->about.id, signet_job_state_name(signet_undone_state(undone)), by);
  else if (good && found->done)
    good = signet_error_set(error, SIGNET_ERROR_REFUSED,
                            "job %s is done: there is nothing to resume",
                            job->about.id);
  else if (good && (by = signet_undos_heir(&undos, job->about.id)) != NULL)
    good = signet_error_set(error, SIGNET_ERROR_REFUSED,
                            "what was left of job %s is carried out by job %s, "
                            "and no job is carried out twice",
                            job->about.id, by);
  signet_undos_free(&undos);
  job->life.over = good ? false : found->done && undone == SIGNET_UNDONE_NOT;
  return good;
}

/* Here, else in a journal that was made under another spelling. */
static bool find_row(signet_job *job, signet_error *error)
{
  const signet_store_operations *operations = job->store->operations;
  found_job found = {.job = job};
  if (!operations->each_job(job->store, job->opening.resume, take_job, &found,
                            error))
    return false;
  if (!found.found && (!signet_job_find_journal(job, error) ||
                       !operations->each_job(job->store, job->opening.resume,
                                             take_job, &found, error)))
    return false;
  if (!found.found)
    return signet_error_set(error, SIGNET_ERROR_NOT_FOUND,
                            "the journal of this account has no job %s",
                            job->opening.resume);
  if (found.memory)
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  return may_go_on(job, &found, error);
}

static bool open_row(signet_job *job, signet_error *error)
{
  if (job->opening.resume[0] != '\0') {
    if (!find_row(job, error))
      return false;
  } else {
    job->life.settled = true;
    if (job->opening.holds)
      return true; /* its row comes with its first write */
    signet_job_make_id(job);
  }
  return signet_job_put(job, SIGNET_JOB_RUNNING, NULL, 0, error) &&
         signet_job_put_steps(job, error) &&
         job->store->operations->commit(job->store, error);
}

/* Only a lock ends by itself; whatever else is wrong stays so. */
static bool may_wait(signet_job *job, const signet_error *error)
{
  int64_t now = signet_clock_boot_ms();
  if (job->opening.since < 0)
    job->opening.since = now;
  return error->kind == SIGNET_ERROR_LOCKED &&
         now - job->opening.since < job->opening.wait_lock_ms;
}

/* In this order: what the job before noted of its last sending would be lost
 * once this one tells who it is; a new job can tell that before its row, and a
 * resumed one only when it has found its own. */
bool signet_job_open_store(signet_job *job)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_job_running held_by;
  job->store = signet_job_open_journal(job, &held_by, &error);
  if (job->store == NULL) {
    if (may_wait(job, &error)) {
      signet_job_tell_waiting(job, &held_by);
      return false;
    }
    if (error.kind == SIGNET_ERROR_LOCKED)
      signet_job_explain_lock(job, &held_by, &error);
    signet_job_fail(job, &error);
    return false;
  }
  signet_job_listen(job);
  job->opening.boot = signet_clock_boot_ms();
  bool good = signet_job_keep_note(job, &error);
  if (good && job->opening.resume[0] == '\0')
    signet_job_begin_beat(job); /* its id is its own choice */
  if (!good || !open_row(job, &error)) {
    signet_job_fail(job, &error);
    return false;
  }
  if (job->opening.resume[0] != '\0')
    signet_job_begin_beat(job);
  return job->life.settled || signet_job_recall(job);
}
