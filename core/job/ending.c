/* SPDX-License-Identifier: MIT */
/* How a run ends a job: what it wrote is compared, what helps next is kept. */
#include "job/job.h"
#include "job/left.h"

#include "model/error_fill.h"
#include "signet/jobs.h"

/* After an interrupt nothing is read any more; nor with credentials that are
 * refused. */
static bool may_audit(const signet_job *job, const signet_job_ending *ending)
{
  signet_error_kind kind = ending->error.kind;
  return signet_job_id(job) != NULL && !ending->interrupted &&
         kind != SIGNET_ERROR_CANCELLED && kind != SIGNET_ERROR_AUTH &&
         kind != SIGNET_ERROR_CONFIGURATION;
}

uint64_t signet_job_count_contradicted(const signet_job *job,
                                       signet_job_counts *counts)
{
  uint64_t count = signet_job_contradicted(job);
  int64_t done = counts->done - (int64_t)count;
  counts->done = done > 0 ? done : 0;
  counts->unknown += (int64_t)count;
  return count;
}

static signet_job_state state_of(const signet_job *job,
                                 const signet_job_ending *ending)
{
  const signet_job_counts *counts = &ending->counts;
  const signet_error *error = &ending->error;
  if (ending->parked)
    return SIGNET_JOB_PARKED;
  if (ending->interrupted || error->kind == SIGNET_ERROR_CANCELLED)
    return SIGNET_JOB_INTERRUPTED;
  if (ending->raised || error->kind != SIGNET_OK || error->message[0] != '\0' ||
      counts->failed > 0 || counts->unknown > 0 ||
      signet_job_refusal(job) != NULL || signet_left_any(job, ending))
    return SIGNET_JOB_FAILED;
  return counts->waiting > 0 ? SIGNET_JOB_PARKED : SIGNET_JOB_DONE;
}

/* A job that is done has nothing to go on with; one that was resumed forgets
 * what an earlier run has kept. */
static void keep_next(signet_job *job, const signet_job_ending *ending)
{
  signet_error ignored = SIGNET_ERROR_INIT; /* it is advice */
  if (job->opening.resume[0] != '\0' ||
      (ending->state != SIGNET_JOB_DONE && ending->next != SIGNET_NEXT_RESUME))
    (void)signet_job_keep_next(job, ending->next, ending->parked_until_ms,
                               &ignored);
}

bool signet_job_finish(signet_job *job, signet_job_ending *ending,
                       signet_job_mismatch_fn mismatch, void *user,
                       signet_error *error)
{
  signet_error problem = SIGNET_ERROR_INIT;
  signet_job_counts *counts = &ending->counts;
  if (ending->version != SIGNET_JOB_ENDING_VERSION)
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "the ending of the job is of another version");
  int64_t unknown = (int64_t)signet_job_unknown(job);
  signet_error_init(error);
  bool looked = !may_audit(job, ending) ||
                signet_job_audit(job, NULL, mismatch, user, error);
  /* The journal has what a script made nothing of. */
  counts->unknown = unknown > counts->unknown ? unknown : counts->unknown;
  (void)signet_job_count_contradicted(job, counts);
  counts->failed += job->totals.left_alone;
  ending->state = state_of(job, ending);
  if (ending->state == SIGNET_JOB_PARKED)
    (void)signet_job_record(job, &problem); /* else there is no such job */
  ending->next = ending->state == SIGNET_JOB_DONE
                     ? SIGNET_NEXT_NOTHING
                     : signet_job_what_next(job, ending);
  keep_next(job, ending);
  if (signet_job_end(job, ending->state, counts, &problem))
    return looked;
  *error = problem;
  return false;
}
