/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_RECALL_H
#define SIGNET_JOB_RECALL_H

/* What an earlier run left in the journal. */

#include "job/job.h"

/** Reads what an earlier run left: fills the memo, begins to settle what is
 * open. */
bool signet_job_recall(signet_job *job);
/** Whether a step of a plan that was refused so is tried again by resuming. */
bool signet_job_may_try_again(const char *error_kind);
/** Takes the open writes of another job among those to be settled. */
bool signet_job_recall_open(signet_job *job, const char *id,
                            signet_error *error);
/** Begins to settle what was taken. @return false: the job is broken */
bool signet_job_settle_open(signet_job *job, signet_error *error);
/** Called when the last settlement is done, or failed. */
void signet_job_settled(signet_job *job);
void signet_job_free_open_writes(signet_job *job);

#endif
