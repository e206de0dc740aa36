/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_APPLY_H
#define SIGNET_HOST_APPLY_H

/* Carrying out plans, as jobs that apply or undo. */

#include "host/command/carry_out.h"
#include "signet/jobs.h"

/** Goes on with a job of either type. @return exit status */
int signet_host_apply_again(struct host *host, const signet_job_view *job);

/**
 * Carries a plan out. The host's settings must be known.
 * @param name    the file, or the job that is undone
 * @param resume  id of the job that goes on; NULL: a new one
 * @return exit status
 */
int signet_host_apply_plan(struct host *host, const char *name,
                           const char *resume,
                           const struct application *application);

/** The plan that a job carries out. NULL: @p error says why not */
signet_plan *signet_host_plan_of(const struct host *host,
                                 const signet_job_view *job,
                                 signet_error *error);

/** What a job that carries a plan out is, by its type's name. */
signet_job_type signet_host_type_of(const char *name);

#endif
