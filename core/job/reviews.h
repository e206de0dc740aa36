/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_REVIEWS_H
#define SIGNET_JOB_REVIEWS_H

/* Entries that were in review when a step decided (reviews.c). */

#include "job/job.h"

/** A read of the script's ended well. */
void signet_job_note_pending(signet_job *job, const signet_call *call);
/** A step of the script is put: so is what the job had seen of entries in
 * review. @return false: @p error */
bool signet_job_put_pending(signet_job *job, signet_error *error);
/** What was put of an entry, JSON of the record, valid until the next question;
 * NULL: nothing. */
const char *signet_job_was_pending(signet_job *job, signet_kind kind,
                                   const char *id);
void signet_job_free_pending(signet_job *job);

#endif
