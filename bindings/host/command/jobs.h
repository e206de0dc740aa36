/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_JOBS_H
#define SIGNET_HOST_JOBS_H

/* The jobs in the journals of the state directory. */

#include "host/arguments/host.h"
#include "signet/jobs.h"

/** Reads all jobs. @param status  set to the exit status. @return NULL: @p
 * error says why; free with signet_jobs_free() */
signet_jobs *signet_host_jobs_read(const signet_settings *settings, int *status,
                                   signet_error *error);

/** Which account the settings lead to, as journals name it.
 * @return false: @p error says why it can't be told */
bool signet_host_jobs_identify(const signet_settings *settings, char *identity,
                               size_t size, signet_error *error);

/** The one job that a word of the command line means, alone. @param status  set
 * to the exit status of what @p error says. @return NULL: none; free with
 * signet_jobs_free() */
signet_jobs *signet_host_jobs_find(const struct host *host,
                                   const signet_settings *settings,
                                   const char *word, int *status,
                                   signet_error *error);

/** Whether a job belongs to the account of the settings. @return false: no, and
 * @p error says so */
bool signet_host_jobs_is_of(const signet_job_view *job, const char *identity,
                            int *status, signet_error *error);

/** Whether the command line says which account it is. */
bool signet_host_jobs_names_account(const struct arguments *arguments);

/**
 * Whether the settings lead to a job's account, or those do that it was begun
 * with: of the profile that its script named, or of its options.
 * @param named  the command line says which account it is: no profile is tried
 * @param own    set to these; NULL: the others lead there
 * @return false: @p status and @p error
 */
bool signet_host_jobs_account(const struct host *host,
                              const signet_settings *settings,
                              const signet_job_view *job, bool named,
                              signet_settings **own, int *status,
                              signet_error *error);

#endif
