/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_BEAT_H
#define SIGNET_JOB_BEAT_H

/* What a job tells others while it holds the journal. */

#include "job/job.h"

/** Lets others know that this job holds the journal, and what it does. */
void signet_job_begin_beat(signet_job *job);
void signet_job_end_beat(signet_job *job);
/** A write leaves now. */
void signet_job_note_sending(signet_job *job);
/** Keeps with its job when the last holder of the journal sent something.
 * @return false: @p error */
bool signet_job_keep_note(signet_job *job, signet_error *error);
/** Reads that of this job. @return false: @p error */
bool signet_job_recall_note(signet_job *job, signet_error *error);

#endif
