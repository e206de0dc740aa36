/* SPDX-License-Identifier: MIT */
/* What a script decided once, kept for the runs to come. */
#include "job/job.h"
#include "job/kept_steps.h"
#include "job/newest.h"
#include "job/open.h"
#include "job/reviews.h"
#include "job/row.h"

#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"

/* A step needs the journal at once; it may wait for another job to end. */
static bool need_store(signet_job *job, signet_error *error)
{
  if (job->loop == NULL)
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "connect to the account of the resumed job before "
                            "the first step");
  while (job->store == NULL && !job->life.broken)
    if (!signet_job_open_store(job) && !job->life.broken)
      signet_clock_pause(SIGNET_JOB_RETRY_MS);
  if (job->life.broken)
    *error = job->life.failure;
  return !job->life.broken;
}

bool signet_job_step(signet_job *job, const char *name, char **value,
                     signet_error *error)
{
  *value = NULL;
  signet_error_init(error);
  if (job->decisions.boot == 0 && name[0] != '\x1f')
    job->decisions.boot = signet_clock_boot_ms();
  if (job->opening.no_journal ||
      (job->opening.resume[0] == '\0' && job->about.id[0] == '\0'))
    return true; /* a new job remembers nothing */
  if (!need_store(job, error) ||
      !job->store->operations->get_step(job->store, job->about.id, name, value,
                                        error))
    return false;
  if (name[0] == '\x1f')
    return true; /* no script's */
  if (*value != NULL)
    job->decisions.recalled = true;
  else if (job->lost.any)
    job->lost.anew = true;
  return true;
}

bool signet_job_keep_step(signet_job *job, const char *name, const char *value,
                          signet_error *error)
{
  signet_error_init(error);
  if (job->opening.no_journal || job->life.read_only[0] != '\0')
    return true;
  if (job->loop == NULL)
    return signet_job_keep_for_later(job, name, value, error);
  return need_store(job, error) && signet_job_need_row(job, error) &&
         (name[0] == '\x1f' || (signet_job_note_step(job, error) &&
                                signet_job_put_pending(job, error))) &&
         job->store->operations->put_step(job->store, job->about.id, name,
                                          value, error) &&
         job->store->operations->commit(job->store, error);
}

bool signet_job_record(signet_job *job, signet_error *error)
{
  signet_error_init(error);
  if (job->opening.no_journal || job->life.read_only[0] != '\0' ||
      job->about.id[0] != '\0')
    return true;
  job->opening.wait_lock_ms = 0; /* a run that ends waits for nobody */
  if (need_store(job, error))
    return signet_job_need_row(job, error) &&
           job->store->operations->commit(job->store, error);
  job->life.broken = false; /* nothing of it is lost */
  return false;
}

void signet_job_text_free(char *text)
{
  signet_memory_free(text);
}
