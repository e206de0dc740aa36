/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_JOB_LIST_H
#define SIGNET_HOST_JOB_LIST_H

/* Jobs as the commands show them (jobs.c reads them). */

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

/** The state for people: a job that says it is running, and isn't, crashed. */
static inline const char *signet_host_job_state(const struct job_entry *job)
{
  return strcmp(job->state, "running") == 0 && !job->runs ? "crashed"
                                                          : job->state;
}

#endif
