/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_JOBS_H
#define SIGNET_HOST_JOBS_H

/* The jobs in the journals of the state directory. */

#include "host/arguments/host.h"
#include "signet/job.h"

#include <string.h>

/* One job; text is owned. */
struct job_entry {
  char *id, *type, *state, *name, *arguments, *account, *parent;
  int64_t started_ms, ended_ms;
  signet_job_counts counts;
  signet_job_loss loss;
  int64_t writes; /* that took effect, in all runs */
  bool runs;
  signet_job_running running; /* if it runs: what it does now */
  char *journal;
};

struct job_list {
  struct job_entry *entries; /* the newest first */
  size_t count, room;
  char **busy; /* journals whose holders don't tell who they are */
  size_t busy_count;
  bool no_memory;
};

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

/** The state for people: a job that says it is running, and isn't, crashed. */
static inline const char *signet_host_job_state(const struct job_entry *job)
{
  return strcmp(job->state, "running") == 0 && !job->runs ? "crashed"
                                                          : job->state;
}

/** Which process a job that runs is: "process 17 on HOST since TIME".
 * @return false: it isn't known */
bool signet_host_job_process(const struct job_entry *job, char *out,
                             size_t size);

#endif
