/* SPDX-License-Identifier: MIT */
/* Steps that a script decided before there was an account, so that it isn't
 * known yet which journal they belong to. */

#include "job/kept_steps.h"

#include "model/error_fill.h"
#include "model/memory.h"

#include <string.h>

struct kept_step {
  struct kept_step *next;
  char *name;
  char *value;
};

static void free_step(struct kept_step *step)
{
  signet_memory_free(step->name);
  signet_memory_free(step->value);
  signet_memory_free(step);
}

bool signet_job_keep_for_later(signet_job *job, const char *name,
                               const char *value, signet_error *error)
{
  struct kept_step *step = signet_memory_zeroed(1, sizeof *step);
  if (step == NULL)
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  step->name = signet_memory_text(name, strlen(name));
  step->value = signet_memory_text(value, strlen(value));
  if (step->name == NULL || step->value == NULL) {
    free_step(step);
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  }
  step->next = job->decisions.early;
  job->decisions.early = step;
  return true;
}

void signet_job_free_steps(signet_job *job)
{
  while (job->decisions.early != NULL) {
    struct kept_step *step = job->decisions.early;
    job->decisions.early = step->next;
    free_step(step);
  }
}

bool signet_job_put_steps(signet_job *job, signet_error *error)
{
  for (struct kept_step *step = job->decisions.early; step != NULL;
       step = step->next)
    if (!job->store->operations->put_step(job->store, job->about.id, step->name,
                                          step->value, error))
      return false;
  signet_job_free_steps(job);
  return true;
}
