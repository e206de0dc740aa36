/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_UNDONE_H
#define SIGNET_JOB_UNDONE_H

/* Which jobs of a journal were taken back. No job's own row tells it: the undo
 * may have been cut short. So it is read from the jobs that undo. */

#include "job/store.h"

typedef enum signet_undone {
  SIGNET_UNDONE_NOT,
  SIGNET_UNDONE_PARTLY,
  SIGNET_UNDONE_ALL
} signet_undone;

/** One job of the type "undo". */
typedef struct signet_undo_row {
  char id[SIGNET_JOB_ID_SIZE];
  char parent[SIGNET_JOB_ID_SIZE];
  bool whole; /* it came to its end */
  bool wrote; /* a write of it took effect */
} signet_undo_row;

/** Those of a journal, the newest first. */
typedef struct signet_undos {
  signet_undo_row *rows;
  size_t count;
  size_t capacity;
} signet_undos;

/** Reads them; free in any case. @return false: @p error */
bool signet_undos_read(signet_undos *undos, signet_store *store,
                       signet_error *error);
/** What became of a job. An undo that was undone itself doesn't count.
 * @param by  set to the undo's id, borrowed; may be NULL */
signet_undone signet_undos_find(const signet_undos *undos, const char *job,
                                const char **by);
void signet_undos_free(signet_undos *undos);

/** The state's name for users: "undone", "partly undone"; NULL: neither. */
const char *signet_undone_name(signet_undone undone);

#endif
