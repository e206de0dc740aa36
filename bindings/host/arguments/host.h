/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_HOST_H
#define SIGNET_HOST_HOST_H

/* What every subcommand gets. */

#include "host/arguments/options.h"
#include "host/system/terminal.h"
#include "signet/settings.h"

/* Exit statuses; one number has one meaning everywhere. */
enum {
  EXIT_DONE = 0,
  EXIT_FAILED = 1,
  EXIT_USAGE = 2,
  EXIT_CONFIGURATION = 3,
  EXIT_REFUSED = 4,
  EXIT_UNKNOWN = 5,
  EXIT_PARKED = 75,
  EXIT_INTERRUPTED = 130
};

struct host {
  struct arguments arguments;
  struct terminal terminal;
  const signet_settings *settings; /* read before, borrowed; NULL: not yet */
  const signet_settings *own; /* of the account of the job that goes on, where
                                 its script named another one; NULL: these */
};

/** Whether a flag was given. */
bool signet_host_flag(const struct host *host, enum option option);

/** Writes `error: ` and a sentence on standard error. */
void signet_host_error(const struct host *host, const char *sentence);

/**
 * The settings of options, environment, profile and defaults, or a copy of
 * host->settings. Afterwards the credentials are gone from the environment.
 * @return NULL: @p error says what is wrong
 */
signet_settings *signet_host_settings(const struct host *host,
                                      signet_error *error);

/** The same, and the credentials stay in the environment: what is found first
 * decides which options count. */
signet_settings *signet_host_settings_first(const struct host *host,
                                            signet_error *error);

/** Seconds that a run may take; 0: as long as it takes. */
double signet_host_deadline(const signet_settings *settings);

/** The exit status for an error of this kind. */
int signet_host_status(signet_error_kind kind);

/** "2026-11-22 07:31:05", local time. */
void signet_host_job_time(char *out, size_t size, int64_t unix_ms);

#endif
