/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_ANSWERS_H
#define SIGNET_JOB_ANSWERS_H

/* Waits and reads that the journal answers (answers.c). */

#include "job/job.h"

/** Whether a wait or a get, which begins now, may be answered. It is then to be
 * queued, since that may not be known yet. */
bool signet_job_may_answer(const signet_job *job, const signet_call *call);
/** Answers it, or lets it go on. */
void signet_job_answer(signet_job *job, signet_call *call);
/** A write that was done is answered: what it wrote may lag behind. */
void signet_job_answer_write(signet_job *job, signet_call *call,
                             const signet_memo_entry *entry);

#endif
