/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_DROPPED_H
#define SIGNET_JOB_DROPPED_H

/* Writes that were never ready. */

#include "job/job.h"

typedef struct signet_job_dropped signet_job_dropped;

/** What a write sends, as JSON. NULL: nothing, or out of memory. */
char *signet_job_after(const signet_call *call);
/** A write failed before it was ready to be sent. */
void signet_job_note_dropped(signet_job *job, const signet_call *call);
/** Puts all of them into the journal, which is open. */
bool signet_job_put_dropped(signet_job *job, signet_error *error);
void signet_job_free_dropped(signet_job *job);

#endif
