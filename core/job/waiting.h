/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_WAITING_H
#define SIGNET_JOB_WAITING_H

/* The queues, and what ends all that waits. */

#include "job/job.h"

/** Adds a write. @return false: out of memory */
bool signet_job_push(signet_job_queue *queue, signet_call *call);
/** Ends each write of a queue without sending it. */
void signet_job_refuse(signet_job_queue *queue, const signet_error *error);
/** Removes a cancelled write from the queues. */
void signet_job_drop(signet_job *job, const signet_call *call);
/** What waited is looked at again, all of it or nothing.
 * @return false: out of memory */
bool signet_job_requeue(signet_job *job, signet_job_queue *waiting);
void signet_job_refuse_for_memory(signet_call *call);
void signet_job_free_waiting(signet_job *job);
/** Nothing can be written any more. */
void signet_job_fail(signet_job *job, const signet_error *error);
/** The same, so nothing more may be sent: what waits is refused. */
void signet_job_break(signet_job *job, const signet_error *error);
/** Ends every write that waits. */
void signet_job_refuse_queue(signet_job *job, const signet_error *error);

#endif
