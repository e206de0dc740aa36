/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_MIGRATE_H
#define SIGNET_JOB_STORE_SQLITE_MIGRATE_H

#include <sqlite3.h>

/** Brings the writes of a journal of version 1 into batches, within a
 * transaction. @return a result code */
int signet_store_migrate_rows(sqlite3 *database);

#endif
