/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_DRY_RUN_H
#define SIGNET_HOST_DRY_RUN_H

/* Plans as they are shown and saved. */

#include "host/output/report.h"

/** Whether the command line asks for a dry run: plan, or run --dry-run. */
bool signet_host_is_dry(const struct host *host);

/** Whether the plan can be saved where -o says, as far as that can be known
 * before it is made. @return false: @p error */
bool signet_host_plan_can_save(const struct host *host, signet_error *error);

/** The overlay that a dry run writes to, by --review. NULL: @p error. */
signet_overlay *signet_host_plan_overlay(const struct host *host,
                                         signet_error *error);

/**
 * Shows what a dry run would have written, and saves it where -o says.
 * @return exit status: EXIT_REFUSED where the script would write more than a
 * plan can hold, EXIT_FAILED where it could not be made or saved; reported
 */
int signet_host_plan_end(struct report *report, const signet_overlay *overlay);

#endif
