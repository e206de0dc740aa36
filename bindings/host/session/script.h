/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_SCRIPT_H
#define SIGNET_HOST_SCRIPT_H

/* What runs: a script or a plan, and how it was called. */

#include "host/arguments/host.h"
#include "signet/script.h"

struct application;

struct script {
  const char *name; /* as it was called: a path, a shipped job's name, "-" for
                       standard input, "-e" for a chunk; a plan's file */
  const signet_script *code;             /* NULL: it is a plan */
  const char *resume;                    /* id of the job that goes on; NULL: a
                                            new one */
  const struct application *application; /* the plan; NULL: it is a script */
};

#endif
