/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_RUN_H
#define SIGNET_HOST_RUN_H

/* Scripts that are run, or refused. */

#include "host/arguments/host.h"
#include "signet/script.h"

/** Runs the code, which is freed.
 * @param name  as the script was called
 * @param code  NULL: @p error says why there is none
 * @return exit status */
int signet_host_run_code(struct host *host, const char *name,
                         signet_script *code, signet_error *error);

#endif
