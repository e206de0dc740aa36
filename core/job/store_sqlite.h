/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_H
#define SIGNET_JOB_STORE_SQLITE_H

/* The parts of the SQLite store: the file, the connection, the rows. */

#include "signet/error.h"

#include <limits.h>
#include <sqlite3.h>
#include <stdbool.h>

/** Room for a path in a message, escaped. */
enum { SIGNET_STORE_SHOWN_SIZE = 192 };

/** A journal's file. */
typedef struct signet_store_file {
  char path[PATH_MAX]; /* absolute, without links */
  char shown[SIGNET_STORE_SHOWN_SIZE];
} signet_store_file;

/**
 * Makes the folder (0700) and the file (0600) that are missing, whatever the
 * process's umask is, and refuses those that others could open.
 */
bool signet_store_file_prepare(signet_store_file *file, const char *path,
                               signet_error *error);

/**
 * Opens the file for this process alone, checks it and brings its schema up to
 * date. @return NULL: @p error says why
 */
sqlite3 *signet_store_connect(const signet_store_file *file,
                              signet_error *error);

/** Fills @p error from a result code of SQLite. @return false */
bool signet_store_explain(sqlite3 *database, int code, const char *shown,
                          signet_error *error);

#endif
