/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_LOST_H
#define SIGNET_JOB_LOST_H

/* Writes that a damaged journal may have lost. */

#include "job/job.h"

/** Reads whether the journal lost some of what @p id wrote, from @p since_at
 * on.
 * @return false: @p error */
bool signet_job_recall_loss(signet_job *job, const char *id, int64_t since_at,
                            signet_error *error);
/** Whether the write has to be looked for before it is sent. */
bool signet_job_seeks(const signet_job *job, const signet_call *call);
/** Begins to look for it; it is answered, refused, or queued again.
 * @param after  what it writes, as JSON. @return false: @p error */
bool signet_job_seek(signet_job *job, signet_call *call, const char *after,
                     signet_error *error);
/** The job has written to an entry, or found that it had. @return false: out of
 * memory */
bool signet_job_touch(signet_job *job, const signet_call *call);
void signet_job_free_sought(signet_job *job);

#endif
