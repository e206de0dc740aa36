/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_OPEN_H
#define SIGNET_JOB_STORE_SQLITE_OPEN_H

#include "job/store/sqlite/folder.h"

/**
 * Opens a journal file, made if it isn't there: SQLite in WAL mode with
 * synchronous=FULL, one connection that holds the file exclusively, mode 0600
 * in a directory of mode 0700, opened without following links. Its schema's
 * version and its integrity are checked. A thread of its own changes it.
 * @param path  the file; the last folder of its path is made if need be
 * @return NULL: @p error says why. A file that another process holds is
 *         SIGNET_ERROR_LOCKED, a file system that can't lock
 *         SIGNET_ERROR_CONFIGURATION.
 */
signet_store *signet_store_open_sqlite(const char *path, signet_error *error);
/** Takes the lock of the account for a store that is open, until it is closed.
 * @return false: @p error says why; SIGNET_ERROR_LOCKED: another job has it,
 *         through another API */
bool signet_store_share(signet_store *store, const char *folder,
                        const char *account, signet_error *error);

#endif
