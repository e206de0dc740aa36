/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_KEPT_STEPS_H
#define SIGNET_JOB_KEPT_STEPS_H

/* What a script decided before there is a journal. */

#include "job/job.h"

/** Keeps a step until the job's row is in the journal. */
bool signet_job_keep_for_later(signet_job *job, const char *name,
                               const char *value, signet_error *error);
/** Puts the steps that were kept before the store was open. */
bool signet_job_put_steps(signet_job *job, signet_error *error);
void signet_job_free_steps(signet_job *job);

#endif
