/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_CARRY_OUT_H
#define SIGNET_HOST_CARRY_OUT_H

/* A plan that is carried out in a session, and shown meanwhile. */

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

/** Carries the plan of a session's script out, and ends the session's job.
 * @return exit status */
int signet_host_apply_in(struct session *session, const struct script *script);

#endif
