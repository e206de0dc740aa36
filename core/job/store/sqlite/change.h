/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_CHANGE_H
#define SIGNET_JOB_STORE_SQLITE_CHANGE_H

#include "job/store/sqlite/sqlite.h"

/** What the writer does with what was taken; it leaves in the
 * store's commit how that came out. */
void signet_store_commit_taken(void *store);
/** The same without a commit. */
void signet_store_put_taken(void *store);

typedef struct signet_store_job_change {
  signet_sqlite_store *store;
  const signet_job_row *row;
} signet_store_job_change;

/** Puts the row of a job: a signet_store_job_change. */
void signet_store_change_job(void *change);

typedef struct signet_store_step_change {
  signet_sqlite_store *store;
  const char *name;
  const char *value;
} signet_store_step_change;

/** Puts a step: a signet_store_step_change. */
void signet_store_change_step(void *change);

#endif
