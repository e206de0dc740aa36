/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_JOBS_TABLE_H
#define SIGNET_HOST_JOBS_TABLE_H

/* The list of jobs as a table, which a narrow terminal shows less of. */

#include "host/arguments/host.h"
#include "signet/jobs.h"

/** Prints it. @return false: out of memory */
bool signet_host_jobs_table(const struct host *host, const signet_jobs *jobs);
/** "41 done, 2 failed": what is not 0; "-": nothing. */
void signet_host_jobs_entries(const signet_job_counts *counts, char *out,
                              size_t size);

#endif
