/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_UNDONE_H
#define SIGNET_JOB_UNDONE_H

/* Which jobs of a journal were taken back, and which others go on with. No
 * job's own row tells it: the undo may have been cut short. So it is read from
 * the jobs that undo, and from those that apply plans. */

#include "job/store/store.h"

typedef enum signet_undone {
  SIGNET_UNDONE_NOT,
  SIGNET_UNDONE_PARTLY,
  SIGNET_UNDONE_ALL
} signet_undone;

/** One job that takes another one back. */
typedef struct signet_undo_row {
  char id[SIGNET_JOB_ID_SIZE];
  char parent[SIGNET_JOB_ID_SIZE];
  bool whole; /* it came to its end */
  bool wrote; /* a write of it took effect */
} signet_undo_row;

/** One job that applies a plan. */
typedef struct signet_heir_row {
  char id[SIGNET_JOB_ID_SIZE];
  char from[SIGNET_JOB_ID_SIZE]; /* the job that it goes on with, "": none */
} signet_heir_row;

/** Under what name such a job keeps that one's id, as a step. */
#define SIGNET_JOB_FROM \
  "\x1f"                \
  "from"

/** Those of a journal, the newest first. */
typedef struct signet_undos {
  signet_undo_row *rows;
  size_t count;
  size_t capacity;
  signet_heir_row *heirs;
  size_t heir_count;
  size_t heir_capacity;
} signet_undos;

/** Reads them; free in any case. @return false: @p error */
bool signet_undos_read(signet_undos *undos, signet_store *store,
                       signet_error *error);
/** What became of a job. An undo that was undone itself doesn't count.
 * @param by  set to the undo's id, borrowed; may be NULL */
signet_undone signet_undos_find(const signet_undos *undos, const char *job,
                                const char **by);
/** The job that carries out what @p job had left: one that applies a plan made
 * from it, or of an undo another undo of the same job. One that was undone
 * itself doesn't count. NULL: none */
const char *signet_undos_heir(const signet_undos *undos, const char *job);
void signet_undos_free(signet_undos *undos);

/** The state of a job that was taken back, all of it or partly. */
signet_job_state signet_undone_state(signet_undone undone);

#endif
