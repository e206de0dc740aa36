/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_CONNECT_H
#define SIGNET_JOB_STORE_SQLITE_CONNECT_H

/* The connection to a journal's file. */

#include "job/store/sqlite/chain.h"
#include "job/store/sqlite/damage.h"
#include "job/store/sqlite/file.h"
#include "job/store/sqlite/snapshot.h"
#include "signet/error.h"

#include <sqlite3.h>

/** How a journal was found. */
typedef struct signet_store_found {
  bool used; /* it was not closed after its last change */
  bool made; /* there was none */
  bool old;  /* an older version wrote it */
  signet_store_state state;
  int64_t lost;             /* commits, at least; 0: not counted */
  signet_store_break place; /* where its chain breaks */
} signet_store_found;

/**
 * Opens the file for this process alone, checks it and brings its schema up to
 * date. One whose log is damaged is left as it is.
 * @return NULL: @p error says why
 */
sqlite3 *signet_store_connect(const signet_store_file *file,
                              signet_store_found *found, signet_error *error);
/**
 * Opens the pages of a snapshot, as they are checked and brought up to date:
 * nothing is written to the file. They must stay until the connection is
 * closed.
 * @return NULL: @p error says why
 */
sqlite3 *signet_store_connect_snapshot(const signet_store_file *file,
                                       const signet_store_snapshot *snapshot,
                                       signet_store_found *found,
                                       signet_error *error);
/** Whether the first page of a database says that it has a log. */
bool signet_store_says_used(const unsigned char *page);
/** Notes in the file itself that it has a log, or needs none any more: a copy
 * that lacks the log is known by it. Once the log that says so is moved into
 * the file. @return a result code */
int signet_store_note_use(sqlite3 *database, bool used);
/** Moves the log into the file, all of it. @return a result code */
int signet_store_move_log(sqlite3 *database);

#endif
