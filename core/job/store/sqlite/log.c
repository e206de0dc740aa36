/* SPDX-License-Identifier: MIT */
/* The write-ahead log of a journal. */

#include "job/store/sqlite/log.h"

#include "job/store/sqlite/damage.h"

#include <unistd.h>

/* A checkpoint costs two more syncs: one for 8 MB. A sync of a file whose size
 * has changed takes about twice the time and the work of one that has not, so
 * the log is made larger than it is in use, by more each time, once it is clear
 * that the job is not a small one. SQLite takes zeros for the log's end. */
enum {
  CHECKPOINT_PAGES = 1000,
  FEW_PAGES = 12,
  FRAME_HEADER = 24,
  MARGIN = 64 * 1024,
  ROOM_MINIMUM = 256 * 1024,
  ROOM_MAXIMUM = 2 * 1024 * 1024
};

static int on_commit(void *user, sqlite3 *database, const char *name, int pages)
{
  signet_store_log *log = user;

  (void)database;
  (void)name;
  log->pages = pages;
  return SQLITE_OK;
}

bool signet_store_log_open(signet_store_log *log, sqlite3 *database,
                           const char *journal)
{
  sqlite3_stmt *statement;

  *log =
      (signet_store_log){.database = database, .journal = journal, .mark = -1};
  if (sqlite3_prepare_v2(database, "PRAGMA page_size", -1, &statement, NULL) !=
      SQLITE_OK)
    return false;
  if (sqlite3_step(statement) == SQLITE_ROW)
    log->page_size = sqlite3_column_int64(statement, 0);
  (void)sqlite3_wal_hook(database, on_commit, log);
  return sqlite3_finalize(statement) == SQLITE_OK;
}

void signet_store_log_close(signet_store_log *log)
{
  if (log->mark >= 0)
    (void)close(log->mark);
  log->mark = -1;
}

static sqlite3_file *file_of(const signet_store_log *log)
{
  sqlite3_file *file = NULL;
  int code = sqlite3_file_control(log->database, "main",
                                  SQLITE_FCNTL_JOURNAL_POINTER, &file);

  return code == SQLITE_OK && file != NULL && file->pMethods != NULL ? file
                                                                     : NULL;
}

/* After a commit, which is durable. */
static void put_mark(signet_store_log *log)
{
  enum { SALTS = 16, SIZE = 8 };
  unsigned char salts[SIZE];
  sqlite3_file *file = file_of(log);
  signet_store_mark mark = {.frames = log->pages, .sequence = log->sequence};

  if (file == NULL || log->pages == 0 ||
      file->pMethods->xRead(file, salts, SIZE, SALTS) != SQLITE_OK)
    return;
  for (int i = 0; i < SIZE; i++)
    mark.salt[i / 4] = mark.salt[i / 4] << 8 | salts[i];
  if (log->mark < 0)
    log->mark = signet_store_mark_open(log->journal);
  signet_store_mark_put(log->mark, &mark);
}

/* Best effort: what can't be written now is noticed by the commit that needs
 * it. */
static void make_room(signet_store_log *log)
{
  static const char zeros[64 * 1024];
  sqlite3_file *file = file_of(log);
  sqlite3_int64 size = 0, end;

  if (file == NULL || file->pMethods->xFileSize(file, &size) != SQLITE_OK)
    return;
  end = size < ROOM_MINIMUM ? ROOM_MINIMUM : size;
  end = size + (end > ROOM_MAXIMUM ? ROOM_MAXIMUM : end);
  while (size < end && file->pMethods->xWrite(file, zeros, (int)sizeof zeros,
                                              size) == SQLITE_OK)
    size += (sqlite3_int64)sizeof zeros;
  log->size = end;
}

void signet_store_log_tend(signet_store_log *log)
{
  put_mark(log);
  if (log->pages >= CHECKPOINT_PAGES) {
    /* What can't be moved now will be at the next attempt. */
    (void)sqlite3_wal_checkpoint_v2(log->database, "main",
                                    SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    log->pages = 0;
  } else if (log->pages > FEW_PAGES &&
             log->pages * (log->page_size + FRAME_HEADER) + MARGIN >
                 log->size) {
    make_room(log);
  }
}
