/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_DAMAGE_H
#define SIGNET_JOB_STORE_SQLITE_DAMAGE_H

/*
 * Whether a journal's write-ahead log holds all that was committed to it.
 * SQLite takes the first frame that is not whole for the log's end, and says
 * nothing of what stands behind. After a crash that is right: the last commit
 * was cut. This file distinguishes the two.
 */

#include "job/store/sqlite/wal.h"

/** How far the log had got: JOURNAL-mark, written after each commit was
 * durable, so it never says more than the log holds. */
typedef struct signet_store_mark {
  uint32_t salt[2]; /* of the log that it is about */
  int64_t frames;
  int64_t sequence; /* of the last batch (chain.h) */
} signet_store_mark;

/** Opens the mark's file for writing. @return -1: it can't be had, which costs
 * only what it is good for */
int signet_store_mark_open(const char *journal);
/** Writes it. Best effort. */
void signet_store_mark_put(int file, const signet_store_mark *mark);
void signet_store_mark_remove(const char *journal);
/** Reads it; zeros: there is none, or none that is whole. */
void signet_store_mark_read(const char *journal, signet_store_mark *mark);

typedef enum signet_store_state {
  SIGNET_STORE_WHOLE,
  SIGNET_STORE_CUT,    /* the log breaks off before its end */
  SIGNET_STORE_NO_LOG, /* there should be a log */
  SIGNET_STORE_BROKEN  /* a batch is missing, or is not the one that was put */
} signet_store_state;

/**
 * Looks at the log, before anything is written to it.
 * @param used  the journal was not closed: it has a log
 * @param lost  set to the commits that stand behind the damage, as far as they
 *              can be counted
 */
signet_store_state signet_store_check_log(const char *journal, bool used,
                                          int64_t *lost);
/** The same of a log that is there. Read its mark first: the log may go on. */
signet_store_state signet_store_judge_log(signet_store_wal *log,
                                          const signet_store_mark *mark,
                                          bool used, int64_t *lost);

#endif
