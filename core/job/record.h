/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_RECORD_H
#define SIGNET_JOB_RECORD_H

/* What a job's account tells it of each write. */

#include "job/job.h"

void signet_job_init_recorder(signet_job *job);

#endif
