/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_LIVE_H
#define SIGNET_JOB_STORE_SQLITE_LIVE_H

/*
 * The bytes of a database file that a job may be using. They are read through
 * SQLite's own handle: where this process has the journal open itself, closing
 * any other one would drop the lock that it has on the file.
 */

#include "job/store/sqlite/file.h"

#include <sqlite3.h>
#include <stddef.h>

typedef struct signet_store_live {
  sqlite3_file *handle;
  const char *name;
} signet_store_live;

/** @return a result code of SQLite */
int signet_store_live_open(signet_store_live *live,
                           const signet_store_file *file);
void signet_store_live_close(signet_store_live *live);
/** Whether somebody has the file for himself alone. To find out costs a shared
 * lock of some microseconds; a job that begins just then tries again. */
bool signet_store_live_is_held(const signet_store_live *live);
/** @return a result code of SQLite */
int signet_store_live_size(const signet_store_live *live, size_t *size);
/** @return a result code; SQLITE_IOERR_SHORT_READ: it has become shorter */
int signet_store_live_read(const signet_store_live *live, unsigned char *out,
                           size_t size);

#endif
