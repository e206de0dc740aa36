/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_RUN_SCRIPT_H
#define SIGNET_HOST_RUN_SCRIPT_H

/* A session from its beginning to its end: a script, or a plan, as a job. */

#include "host/session/session.h"

/** Runs a script as a job. @return exit status */
int signet_host_run_script(struct host *host, const struct script *script);

/** Ends a session whose script did not run. @return exit status */
int signet_host_end_unrun(struct session *session, int status);

#endif
