/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_NEWEST_H
#define SIGNET_JOB_NEWEST_H

/* The latest change that a job had seen. */

#include "job/job.h"

/** A read ended well. Where the service tells no time, a list is kept which
 * tells what was there before a write (newest.c). */
void signet_job_note_list(signet_job *job, const signet_call *call);
/** When a write is intended, as the journal has it. */
int64_t signet_job_intended_at(const signet_job *job, const signet_call *call);
/** Keeps the latest time of such a list before the job's first write.
 * @return false: @p error */
bool signet_job_keep_newest(signet_job *job, const signet_call *call,
                            signet_error *error);
/** A script has decided something in a step: keeps when the first one was.
 * @return false: @p error */
bool signet_job_note_step(signet_job *job, signet_error *error);
/** What was changed since then, Unix seconds of the service, was not known when
 * the job decided; 0: not known. */
int64_t signet_job_first_newest(const signet_job *job, signet_kind kind);
/** Reads that of this job. @return false: @p error */
bool signet_job_recall_newest(signet_job *job, signet_error *error);
void signet_job_free_shown(signet_job *job);

#endif
