/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_OPEN_H
#define SIGNET_JOB_OPEN_H

/* Taking hold of the journal. */

#include "job/job.h"

/** Opens the store and the job's row in it. @return false: `failure` is set,
 * or another job holds the journal and there is time left to wait */
bool signet_job_open_store(signet_job *job);

#endif
