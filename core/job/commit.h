/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_COMMIT_H
#define SIGNET_JOB_COMMIT_H

/* When intents become durable, and are sent. */

#include "job/job.h"

/** Lets the loop hear of commits, and no more (commit.c). */
void signet_job_listen(signet_job *job);
void signet_job_unlisten(signet_job *job);
/** Sends what is ready as soon as its intents are durable. */
void signet_job_commit(signet_job *job);
/** Whether a write waits for a commit. */
bool signet_job_commits(const signet_job *job);

#endif
