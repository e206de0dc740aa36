/* SPDX-License-Identifier: MIT */
/* The plan that takes a job back, from what its journal says alone. */
#include "job/plan/undo.h"

#include "model/error_fill.h"
#include "signet/jobs.h"

#include <string.h>

typedef struct folder_source {
  const char *state_dir;
  const char *job;
} folder_source;

static bool each_write(void *user, signet_write_view_fn function, void *to,
                       signet_error *error)
{
  const folder_source *from = user;
  return signet_job_writes_each(from->state_dir, from->job, function, to,
                                error);
}

typedef struct running_job {
  const char *id;
  bool runs;
} running_job;

static bool take_running(void *user, const signet_job_view *view)
{
  running_job *job = user;
  job->runs = strcmp(view->id, job->id) == 0 && view->running != NULL;
  return strcmp(view->id, job->id) != 0;
}

/* What is still to come of a job would not be taken back. */
static bool has_ended(const char *state_dir, const char *id,
                      signet_error *error)
{
  running_job job = {.id = id};
  return signet_jobs_each(state_dir, id, take_running, NULL, &job, error) &&
         (!job.runs ||
          signet_error_set(error, SIGNET_ERROR_REFUSED,
                           "job %s is running: undo it when it has ended", id));
}

signet_plan *signet_undo_plan(const char *state_dir, const char *job,
                              const char *account, size_t *irreversible,
                              signet_error *error)
{
  folder_source from = {state_dir, job};
  const signet_undo_source source = {
      .job = job, .account = account, .each = each_write, .user = &from};
  signet_error_init(error);
  return has_ended(state_dir, job, error)
             ? signet_undo_make(&source, irreversible, error)
             : NULL;
}
