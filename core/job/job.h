/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_JOB_H
#define SIGNET_JOB_JOB_H

/* The inside of a job. */

#include "account/recorder.h"
#include "job/memo.h"
#include "job/store.h"
#include "signet/job.h"

enum { SIGNET_JOB_PATH_SIZE = 4096 };

struct signet_job {
  signet_recorder recorder; /* first: a recorder is its job */
  signet_loop *loop;        /* of the accounts; NULL: none is attached */
  signet_account *account;  /* the first that was attached */
  char identity[512];       /* of the account */

  char *state_dir;
  char *type;
  char *name;
  char *script;
  char *arguments;
  char *parent;
  char resume[SIGNET_JOB_ID_SIZE];
  char id[SIGNET_JOB_ID_SIZE]; /* "": nothing was written yet */
  int64_t started_ms;
  int64_t wait_lock_ms;
  int64_t opening_since; /* loop's time, -1: it wasn't tried yet */

  signet_store *store; /* NULL: not opened yet */
  bool broken;         /* `failure` says why nothing can be written */
  signet_error failure;
  signet_memo memo;
  uint64_t remembered;
  bool settled;    /* nothing of an earlier run is open */
  size_t settling; /* settlements under way */
  struct open_write *open_writes;

  signet_post flush; /* commits what is ready */
  signet_timer *retry;
  signet_call **queue; /* writes that wait for their commit */
  size_t queue_count;
  size_t queue_capacity;
};

/** Opens the store and the job's row in it. @return false: `failure` is set,
 * or another job holds the journal and there is time left to wait */
bool signet_job_open_store(signet_job *job);
/** Reads what an earlier run left: fills the memo, begins to settle what is
 * open. */
bool signet_job_recall(signet_job *job);
/** Writes the job's own row. */
bool signet_job_put(signet_job *job, signet_job_state state,
                    const signet_job_counts *counts, int64_t ended_ms,
                    signet_error *error);
/** Called when the last settlement is done, or failed. */
void signet_job_settled(signet_job *job);
void signet_job_free_open_writes(signet_job *job);
/** A journal's path for an account. @return false: it does not fit */
bool signet_job_journal_path(const char *state_dir, const char *identity,
                             char *path, size_t size);
/** Milliseconds since 1970. */
int64_t signet_job_clock(void);

#endif
