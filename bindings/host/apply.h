/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_APPLY_H
#define SIGNET_HOST_APPLY_H

/* Carrying out plans, as jobs of the types "apply" and "undo". */

#include "host/jobs.h"
#include "host/session.h"
#include "signet/plan.h"

/** What is carried out, instead of a script. */
struct application {
  const char *type;        /* "apply", "undo" */
  const char *parent;      /* the plan's digest, or the job that is undone */
  const signet_plan *plan; /* of it */
  const char *from; /* of a dry run: the job whose plan it is; NULL: none */
  size_t irreversible;     /* writes of an undo that can't be taken back */
};

/** Plans anew what is left of a job of either type. @return exit status */
int signet_host_plan_from(struct host *host);

/** Goes on with a job of either type. @return exit status */
int signet_host_apply_again(struct host *host, const struct job_entry *job);

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

/** Shows an undo before it runs, and asks for it.
 * @return EXIT_DONE: it may run; else the exit status, which is told */
int signet_host_undo_confirm(struct session *session,
                             const struct application *application);

/** What `signet apply` and `signet undo` have in common: settings, the
 * account's identity and the jobs so far. */
struct application_place {
  signet_settings *settings;
  char identity[600];
  struct job_list jobs;
};

/** @return EXIT_DONE, else the exit status of what @p error says */
int signet_host_apply_place(struct host *host, struct application_place *place,
                            signet_error *error);
void signet_host_apply_leave(struct host *host,
                             struct application_place *place);

/** The job of that type and parent that keeps another from being begun; NULL:
 * there is none. */
const struct job_entry *signet_host_apply_former(const struct job_list *jobs,
                                                 const char *type,
                                                 const char *parent);

/** Says that there is such a job. @return exit status */
int signet_host_apply_refuse(const struct host *host, const char *what,
                             const struct job_entry *former);

#endif
