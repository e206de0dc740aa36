/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_INTENTS_H
#define SIGNET_JOB_INTENTS_H

/* Writes that are queued: answered, refused, or intended. */

#include "job/job.h"

/** Opens the journal before anything is written, and so keeps every other job
 * from the account; `held` is called from the loop once that is done, or can't
 * be, and what an earlier run left open is settled. A new job leaves no trace
 * before its first write. Without a journal there is nothing to hold. */
void signet_job_hold(signet_job *job,
                     void (*held)(void *user, const signet_error *error),
                     void *user);
/** `held` isn't called any more, and nothing waits for another job's end. */
void signet_job_unhold(signet_job *job);
/** Looks at what is queued; a signet_post's function. */
void signet_job_flush(void *user);

#endif
