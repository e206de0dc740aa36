/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_COMMANDS_H
#define SIGNET_HOST_COMMANDS_H

/* The subcommands: each has a file of its own and a row in one table, which
 * names its function, its options and its help. */

#include "host/arguments/host.h"

/** By enum command. */
extern const struct command_row signet_host_commands[COMMAND_COUNT];

/** @name What the rows name. @return exit status @{ */
int signet_host_run(struct host *host);
int signet_host_plan(struct host *host);
int signet_host_execute(struct host *host);
int signet_host_jobs(struct host *host);
int signet_host_show(struct host *host);
int signet_host_resume(struct host *host);
int signet_host_apply(struct host *host);
int signet_host_undo(struct host *host);
int signet_host_repl(struct host *host);
int signet_host_sandbox(struct host *host);
int signet_host_doctor(struct host *host);
int signet_host_completion(struct host *host);
int signet_host_help(struct host *host);
/** @} */

/** Help on one command; COMMAND_NONE: on signet. */
void signet_host_print_help(FILE *stream, const struct host *host,
                            enum command command);

#endif
