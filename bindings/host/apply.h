/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_APPLY_H
#define SIGNET_HOST_APPLY_H

/* Carrying out plans, as jobs of the types "apply" and "undo". */

#include "host/jobs.h"
#include "signet/plan.h"

/** What is carried out. */
struct application {
  const char *type;   /* "apply", "undo" */
  const char *name;   /* the file, or the job that is undone */
  const char *parent; /* the plan's digest, or the job that is undone */
  const char *resume; /* id of the job that goes on; NULL: a new one */
  const signet_plan *plan;
  size_t irreversible; /* writes of an undo that can't be taken back */
};

/** Carries a plan out. The host's settings must be known.
 * @return exit status */
int signet_host_apply_plan(struct host *host,
                           const struct application *application);

/** Goes on with a job of either type. @return exit status */
int signet_host_apply_again(struct host *host, const struct job_entry *job);

/** Whether the plan is of the account that the settings lead to.
 * @return false: @p error says that it isn't */
bool signet_host_apply_fits(const signet_plan *plan, const char *identity,
                            signet_error *error);

#endif
