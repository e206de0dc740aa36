/* SPDX-License-Identifier: MIT */
/* Plans and the jobs that carry them out. */
#include "signet/plan.h"

#include "model/error_fill.h"

#include <string.h>

signet_plan *signet_job_plan(const char *state_dir, const char *id,
                             signet_error *error)
{
  char *text;
  signet_plan *plan = NULL;
  if (!signet_job_read_script(state_dir, id, &text, error))
    return NULL;
  if (text != NULL)
    plan = signet_plan_load(text, strlen(text), error);
  else
    signet_error_set(error, SIGNET_ERROR_REFUSED,
                     "the plan of job %s can't be read: its journal is in use, "
                     "or doesn't have it",
                     id);
  signet_job_text_free(text);
  return plan;
}

void signet_plan_job_options(const signet_plan *plan,
                             signet_job_options *options)
{
  signet_plan_about about;
  size_t length;
  signet_plan_describe(plan, &about);
  options->type = signet_job_type_name(SIGNET_JOB_APPLY);
  options->parent = signet_plan_digest(plan);
  if (about.from != NULL && about.from->undoes[0] != '\0') {
    options->type = signet_job_type_name(SIGNET_JOB_UNDO);
    options->parent = about.from->undoes;
  }
  options->script = signet_plan_text(plan, &length);
  options->borrow_script = true;
}
