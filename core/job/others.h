/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_OTHERS_H
#define SIGNET_JOB_OTHERS_H

/* What other jobs of the journal made. */

#include "job/job.h"

/** Reads what other jobs of the journal made: an open create can't have made
 * that (others.c). @return false: @p error */
bool signet_job_recall_others(signet_job *job, signet_error *error);

#endif
