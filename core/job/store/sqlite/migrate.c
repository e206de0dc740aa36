/* SPDX-License-Identifier: MIT */
/* Journals of version 1 had a row for each write and one for each outcome. */

#include "job/store/sqlite/migrate.h"

#include "job/store/sqlite/batch.h"
#include "job/store/sqlite/sqlite.h"

enum { BATCH_MAXIMUM = 64 << 20, BATCH_USUAL = 1 << 20 };

/* The columns from 7 are what the write began with, those from 14 what became
 * of it, where that has a row. */
static const char each_write[] =
    "SELECT w.job, w.number, w.verb, w.kind, w.before, w.after, w.intended_ms,"
    " w.target, w.state, w.answer, w.error_kind, w.error_message, w.attempts,"
    " w.decided_ms, o.target, o.state, o.answer, o.error_kind,"
    " o.error_message, o.attempts, o.decided_ms, o.number"
    " FROM writes w LEFT JOIN outcomes o ON o.number = w.number"
    " ORDER BY w.job, w.number";

typedef struct migration {
  sqlite3 *database;
  sqlite3_stmt *from;
  sqlite3_stmt *to;
  signet_buffer batch;
  int64_t job;
  int64_t writes;
  int64_t batches;
} migration;

static const char *text_at(sqlite3_stmt *statement, int column)
{
  return (const char *)sqlite3_column_text(statement, column);
}

static void add(migration *moving)
{
  enum { INTENDED = 7, DECIDED = 14, OUTCOME = 21 };
  sqlite3_stmt *from = moving->from;
  int at =
      sqlite3_column_type(from, OUTCOME) == SQLITE_NULL ? INTENDED : DECIDED;
  signet_write_row row = {
      .number = ++moving->writes, /* they were the whole file's before */
      .verb = text_at(from, 2),
      .kind = text_at(from, 3),
      .before = text_at(from, 4),
      .after = text_at(from, 5),
      .intended_ms = sqlite3_column_int64(from, 6),
      .target = text_at(from, at),
      .state = text_at(from, at + 1),
      .answer = text_at(from, at + 2),
      .error_kind = text_at(from, at + 3),
      .error_message = text_at(from, at + 4),
      .attempts = sqlite3_column_int64(from, at + 5),
      .decided_ms = sqlite3_column_int64(from, at + 6),
  };

  signet_batch_add_write(&moving->batch, &row);
}

static int put(migration *moving)
{
  sqlite3_stmt *to = moving->to;
  int code;

  if (moving->batch.failed) /* it may be empty for that */
    return SQLITE_NOMEM;
  if (moving->batch.length == 0)
    return SQLITE_OK;
  (void)sqlite3_bind_int64(
      to, 1, moving->job << SIGNET_STORE_BATCH_BITS | ++moving->batches);
  (void)sqlite3_bind_int64(to, 2, moving->writes);
  code = sqlite3_bind_blob64(to, 3, moving->batch.data, moving->batch.length,
                             SQLITE_STATIC);
  if (code == SQLITE_OK)
    code = sqlite3_step(to);
  (void)sqlite3_reset(to);
  signet_buffer_clear(&moving->batch);
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int move_all(migration *moving)
{
  int code = SQLITE_OK, step;

  while (code == SQLITE_OK &&
         (step = sqlite3_step(moving->from)) != SQLITE_DONE) {
    int64_t job = sqlite3_column_int64(moving->from, 0);

    if (step != SQLITE_ROW)
      return step;
    if (job != moving->job || moving->batch.length > BATCH_USUAL)
      code = put(moving);
    if (job != moving->job) {
      moving->job = job;
      moving->writes = 0;
      moving->batches = 0;
    }
    add(moving);
  }
  return code == SQLITE_OK ? put(moving) : code;
}

int signet_store_migrate_rows(sqlite3 *database)
{
  migration moving = {.database = database};
  int code = sqlite3_prepare_v2(database, each_write, -1, &moving.from, NULL);

  signet_buffer_init(&moving.batch, BATCH_MAXIMUM);
  if (code == SQLITE_OK) {
    code = sqlite3_prepare_v2(database,
                              "INSERT INTO batches (number, last, content)"
                              " VALUES (?1, ?2, ?3)",
                              -1, &moving.to, NULL);
  }
  if (code == SQLITE_OK)
    code = move_all(&moving);
  (void)sqlite3_finalize(moving.from);
  (void)sqlite3_finalize(moving.to);
  signet_buffer_free(&moving.batch);
  return code == SQLITE_OK
             ? sqlite3_exec(database, "DROP TABLE outcomes; DROP TABLE writes",
                            NULL, NULL, NULL)
             : code;
}
