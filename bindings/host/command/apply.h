/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_APPLY_H
#define SIGNET_HOST_APPLY_H

/* Carrying out plans, as jobs that apply or undo. */

#include "host/command/jobs.h"
#include "host/session/session.h"
#include "signet/plan.h"

/** What is carried out, instead of a script. */
struct application {
  /* Carries it out, and ends the session's job. @return exit status */
  int (*carry_out)(struct session *session, const struct script *script);
  signet_job_type type; /* SIGNET_JOB_APPLY, SIGNET_JOB_UNDO */
  const char *parent;   /* the plan's digest, or the job that is undone */
  signet_plan *plan;    /* of it; NULL: of an undo, which makes it later */
  const char *from;     /* of a dry run: the job whose plan it is; NULL: none */
  size_t irreversible;  /* writes of an undo that can't be taken back */
  size_t left_alone;    /* entries that count as failed: conflicts */
};

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

/** Carries the plan of a session's script out, and ends the session's job.
 * @return exit status */
int signet_host_apply_in(struct session *session, const struct script *script);

/** Finds out what a session's undo has to take back, shows it, asks, and
 * carries it out. @return exit status */
int signet_host_undo_in(struct session *session, const struct script *script);

#endif
