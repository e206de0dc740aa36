/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_LOG_H
#define SIGNET_JOB_STORE_SQLITE_LOG_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/** The write-ahead log of a connection. */
typedef struct signet_store_log {
  sqlite3 *database;
  int64_t page_size;
  int64_t pages;    /* in use after the last commit */
  int64_t size;     /* of the file, as far as it was made here */
  int64_t sequence; /* of the last batch that was committed */
  const char *journal;
  int mark; /* the file that says how far it has got, -1: none yet */
} signet_store_log;

/** Begins to watch the log, which must not move while it is watched. */
bool signet_store_log_open(signet_store_log *log, sqlite3 *database,
                           const char *journal);
void signet_store_log_close(signet_store_log *log);
/** After a commit: moves a long log into the file, and makes room in a short
 * one, so that the next commits change its content and not its size. */
void signet_store_log_tend(signet_store_log *log);

#endif
