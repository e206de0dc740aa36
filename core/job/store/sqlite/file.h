/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_FILE_H
#define SIGNET_JOB_STORE_SQLITE_FILE_H

/* A journal's file, before SQLite sees it. */

#include "signet/error.h"

#include <limits.h>
#include <stdbool.h>

/** Room for a path in a message, escaped. */
enum { SIGNET_STORE_SHOWN_SIZE = 192 };

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

/** The same without making anything. @return false: @p error, of the kind
 * SIGNET_ERROR_NOT_FOUND where there is no such file */
bool signet_store_file_find(signet_store_file *file, const char *path,
                            signet_error *error);

/**
 * Whether the file system of the journal can lock at all: SQLite takes one that
 * can't (a network's, often) for a lock that somebody else holds.
 * @return false: @p error says so, and what to do
 */
bool signet_store_file_can_lock(const signet_store_file *file,
                                signet_error *error);

#endif
