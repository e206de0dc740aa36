/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_SNAPSHOT_H
#define SIGNET_JOB_STORE_SQLITE_SNAPSHOT_H

/*
 * A journal as it stood at one moment, in memory: what a reader looks at, so
 * that it never has a lock while it reads, writes nothing, and neither waits
 * for a job that works nor lets it wait.
 *
 * A job changes two files. To the log it appends frames, until all of them are
 * in the database file; then it begins the log anew, under another salt. To the
 * database file it only moves pages that stand in the log. So the log's header
 * is read, then the file, then the log, then the header again: if that is the
 * same still, whatever was moved meanwhile stands in the log that was read, and
 * its frames laid over the file are what the last commit in it left. If not, it
 * is all read again.
 */

#include "job/store/sqlite/damage.h"
#include "job/store/sqlite/file.h"
#include "signet/job.h"

typedef struct signet_store_snapshot {
  unsigned char *pages; /* of the database … */
  size_t size;          /* … 0: it has none yet */
  size_t room;
  bool cut; /* pages at the end are missing */
  signet_store_state state;
  int64_t lost;     /* commits, at least; 0: not counted */
  int64_t sequence; /* of the last batch that the mark knows; 0: unknown */
  bool held;        /* a job had it then */
  signet_job_running holder; /* which one; id "": it isn't known */
} signet_store_snapshot;

/** Takes it; free in any case. @return false: @p error, SIGNET_ERROR_NOT_FOUND:
 * there is no such file any more */
bool signet_store_snapshot_take(signet_store_snapshot *snapshot,
                                const signet_store_file *file,
                                signet_error *error);
void signet_store_snapshot_free(signet_store_snapshot *snapshot);

#endif
