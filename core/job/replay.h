/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_REPLAY_H
#define SIGNET_JOB_REPLAY_H

#include "job/job.h"

/** A list as an earlier run got to see it: entries that it wrote, and which
 * this run has not written yet, are as they were before. NULL: out of memory */
signet_list *signet_job_replay(const signet_job *job, signet_list *list);

#endif
