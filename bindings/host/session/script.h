/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_SCRIPT_H
#define SIGNET_HOST_SCRIPT_H

/* What runs: a script's text, and how it was called. */

#include "host/arguments/host.h"

struct application;

struct script {
  const char *name; /* as it was called: a path, a shipped job's name, "-" for
                       standard input, "-e" for a chunk */
  const char *path; /* of its file; NULL: it has none */
  const char *text;
  size_t length;
  int argc;
  const char *const *argv; /* the script's own */
  const char *resume;      /* id of the job that goes on; NULL: a new one */
  const struct application *application; /* the plan that `text` carries out;
                                            NULL: it is a script of its own */
};

struct session;

/** Ends a session whose script did not run. @return exit status */
int signet_host_end_unrun(struct session *session, int status);

/** Runs a script as a job. @return exit status */
int signet_host_run_script(struct host *host, const struct script *script);

#endif
