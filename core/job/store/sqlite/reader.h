/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_READER_H
#define SIGNET_JOB_STORE_SQLITE_READER_H

#include "job/store/sqlite/folder.h"

/** Reads such a file: no lock is kept, no file is made or changed.
 * @return NULL: @p error says why; SIGNET_ERROR_NOT_FOUND: there is none */
signet_store *signet_store_read_sqlite(const char *path, signet_error *error);

#endif
