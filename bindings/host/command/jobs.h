/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_JOBS_H
#define SIGNET_HOST_JOBS_H

/* The jobs in the journals of the state directory. */

#include "host/arguments/host.h"
#include "host/command/job_list.h"

/** Reads the jobs whose ids begin with @p prefix (NULL: all). @return
 * EXIT_DONE, else the exit status of what @p error says */
int signet_host_jobs_read(const signet_settings *settings, const char *prefix,
                          struct job_list *list, signet_error *error);
void signet_host_jobs_free(struct job_list *list);

/** Which account the settings lead to, as journals name it.
 * @return false: @p error says why it can't be told */
bool signet_host_jobs_identify(const signet_settings *settings, char *identity,
                               size_t size, signet_error *error);

/**
 * The one job that a word of the command line means.
 * @param list    filled with it; to be freed in any case
 * @param status  set to the exit status of what @p error says
 * @return NULL: none, and @p error says why
 */
const struct job_entry *signet_host_jobs_find(const struct host *host,
                                              const signet_settings *settings,
                                              const char *word,
                                              struct job_list *list,
                                              int *status, signet_error *error);

/** Whether a job belongs to the account of the settings. @return false: no, and
 * @p error says so; or @p job is NULL */
bool signet_host_jobs_is_of(const struct job_entry *job, const char *identity,
                            int *status, signet_error *error);

/** Which process a job that runs is: "process 17 on HOST since TIME".
 * @return false: it isn't known */
bool signet_host_job_process(const struct job_entry *job, char *out,
                             size_t size);

#endif
