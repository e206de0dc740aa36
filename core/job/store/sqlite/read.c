/* SPDX-License-Identifier: MIT */
/* Reading a journal. The writer has nothing to do meanwhile, so the connection
 * is the caller's. */

#include "job/store/sqlite/read.h"

#include "job/store/sqlite/batch.h"
#include "job/store/sqlite/explain.h"
#include "job/store/sqlite/put.h"
#include "job/store/sqlite/script.h"
#include "job/store/sqlite/statement.h"
#include "model/error_fill.h"
#include "model/memory.h"

#include <string.h>

static signet_sqlite_store *of(signet_store *store)
{
  return (signet_sqlite_store *)store;
}

/* Ends a reading whose last step (or parameter) gave this code. */
static bool end_reading(signet_sqlite_store *store, sqlite3_stmt *statement,
                        int code, signet_error *error)
{
  bool good =
      code == SQLITE_DONE || code == SQLITE_ROW ||
      signet_store_explain(store->database, code, store->file.shown, error);

  signet_store_leave(statement);
  return good;
}

static bool begin_reading(signet_sqlite_store *store, bool *reading,
                          signet_error *error)
{
  if (!signet_store_flush(store, error))
    return false;
  if (*reading) {
    return signet_error_set(error, SIGNET_ERROR_STORE,
                            "these rows of the journal %s are being read "
                            "already: end that reading first",
                            store->file.shown);
  }
  *reading = true;
  return true;
}

static const char *text_at(sqlite3_stmt *statement, int column)
{
  return (const char *)sqlite3_column_text(statement, column);
}

/* After a row's texts were asked for: one that there was no memory for looks
 * like none. */
static int row_code(const signet_sqlite_store *store)
{
  int code = sqlite3_errcode(store->database);

  return (code & 0xff) == SQLITE_NOMEM ? code : SQLITE_ROW;
}

/* ---- jobs and steps ---- */

static void get_job_row(sqlite3_stmt *from, signet_job_row *row)
{
  *row = (signet_job_row){
      .id = text_at(from, 0),
      .type = text_at(from, 1),
      .state = text_at(from, 2),
      .name = text_at(from, 3),
      .arguments = text_at(from, 4),
      .account = text_at(from, 5),
      .parent = text_at(from, 6),
      .started_ms = sqlite3_column_int64(from, 7),
      .ended_ms = sqlite3_column_int64(from, 8),
      .done = sqlite3_column_int64(from, 9),
      .failed = sqlite3_column_int64(from, 10),
      .skipped = sqlite3_column_int64(from, 11),
      .unknown = sqlite3_column_int64(from, 12),
      .waiting = sqlite3_column_int64(from, 13),
  };
}

bool signet_store_each_job(signet_store *base, const char *prefix,
                           signet_job_row_fn function, void *user,
                           signet_error *error)
{
  signet_sqlite_store *store = of(base);
  sqlite3_stmt *statement = store->statements[SIGNET_STORE_EACH_JOB];
  signet_store_binding binding = {.statement = statement};
  signet_job_row row;
  int code;

  if (!begin_reading(store, &store->reading_jobs, error))
    return false;
  signet_store_bind_text(&binding, prefix);
  code = binding.code;
  while (code == SQLITE_OK || code == SQLITE_ROW) {
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
      get_job_row(statement, &row);
      code = row_code(store);
      if (code == SQLITE_ROW && !function(user, &row))
        break;
    }
  }
  store->reading_jobs = false;
  return end_reading(store, statement, code, error);
}

bool signet_store_get_step(signet_store *base, const char *job,
                           const char *name, char **value, signet_error *error)
{
  signet_sqlite_store *store = of(base);
  sqlite3_stmt *statement = store->statements[SIGNET_STORE_GET_STEP];
  signet_store_binding binding = {.statement = statement};
  int code;

  *value = NULL;
  if (!signet_store_flush(store, error))
    return false;
  signet_store_bind_text(&binding, job);
  signet_store_bind_text(&binding, name);
  code = binding.code != SQLITE_OK ? binding.code : sqlite3_step(statement);
  if (code == SQLITE_ROW) {
    const char *text = text_at(statement, 0);
    *value = text == NULL
                 ? NULL
                 : signet_memory_text(
                       text, (size_t)sqlite3_column_bytes(statement, 0));
    code = *value == NULL ? SQLITE_NOMEM : code;
  }
  return end_reading(store, statement, code, error);
}

bool signet_store_get_script(signet_store *base, const char *job, char **text,
                             signet_error *error)
{
  signet_sqlite_store *store = of(base);
  bool found;
  int code = SQLITE_DONE;

  *text = NULL;
  if (!signet_store_flush(store, error) ||
      !signet_store_find_job(store, job, &found, error))
    return false;
  if (found)
    code = signet_store_read_script(store, text);
  return code == SQLITE_DONE || code == SQLITE_ROW ||
         signet_store_explain(store->database, code, store->file.shown, error);
}

/* ---- writes ---- */

/* A reading of the writes of a job, twice over: what became of a write stands
 * in a later batch than the write does. */
typedef struct scan {
  signet_sqlite_store *store;
  const char *job;
  signet_write_row_fn function;
  void *user;
  signet_buffer outcomes; /* the last ones, as bytes, each with its length */
  size_t *ends;           /* of each write's outcome in those; 0: none */
  size_t capacity;
  int64_t count; /* writes that were read in this turn */
  bool showing;  /* the second turn */
  bool stopped;
  bool damaged;
  bool memory;
} scan;

static bool goes_on(const scan *reading)
{
  return !reading->stopped && !reading->damaged && !reading->memory;
}

/* Writes are numbered from 1, one after the other. */
static void count_write(scan *reading, const signet_write_row *row)
{
  size_t number = (size_t)++reading->count;

  reading->damaged = row->number != reading->count;
  if (reading->damaged || reading->showing)
    return;
  if (number >= reading->capacity) {
    size_t capacity = reading->capacity > 0 ? reading->capacity * 2 : 256;
    size_t *ends =
        signet_memory_resize(reading->ends, capacity, sizeof ends[0]);

    reading->memory = ends == NULL;
    if (reading->memory)
      return;
    reading->ends = ends;
    reading->capacity = capacity;
  }
  reading->ends[number] = 0;
}

static void keep_outcome(scan *reading, const signet_write_row *row,
                         const char *bytes, size_t length)
{
  reading->damaged = row->number <= 0 || row->number > reading->count;
  if (reading->damaged)
    return;
  /* The length comes last, so that it is found from the end. */
  reading->memory = !signet_buffer_append(&reading->outcomes, bytes, length) ||
                    !signet_buffer_append(&reading->outcomes,
                                          (const char *)&length, sizeof length);
  if (!reading->memory)
    reading->ends[row->number] = reading->outcomes.length;
}

static void lay_over(const scan *reading, signet_write_row *row)
{
  const char *at = reading->outcomes.data + reading->ends[row->number];
  size_t length;
  signet_batch batch;

  at -= sizeof length;
  memcpy(&length, at, sizeof length);
  batch = (signet_batch){.at = at - length, .end = at};
  (void)signet_batch_next(&batch, row); /* these bytes were read before */
}

static const char *some(const char *text)
{
  return text != NULL ? text : "";
}

static void show_write(scan *reading, signet_write_row *row)
{
  if (reading->ends[row->number] != 0)
    lay_over(reading, row);
  row->job = reading->job;
  row->verb = some(row->verb);
  row->kind = some(row->kind);
  row->target = some(row->target);
  row->state = some(row->state);
  reading->stopped = !reading->function(reading->user, row);
}

static void read_item(scan *reading, signet_batch *batch)
{
  signet_write_row row = {0};
  const char *begin = batch->at;

  switch (signet_batch_next(batch, &row)) {
  case SIGNET_BATCH_WRITE:
    count_write(reading, &row);
    if (reading->showing && !reading->damaged)
      show_write(reading, &row);
    break;
  case SIGNET_BATCH_OUTCOME:
    if (!reading->showing)
      keep_outcome(reading, &row, begin, (size_t)(batch->at - begin));
    break;
  case SIGNET_BATCH_LINK:
    break; /* the whole chain was looked at when the journal was opened */
  default:
    reading->damaged = true;
  }
}

static int read_batches(scan *reading)
{
  signet_sqlite_store *store = reading->store;
  sqlite3_stmt *statement = store->statements[SIGNET_STORE_EACH_BATCH];
  signet_store_binding binding = {.statement = statement};
  signet_batch batch = {NULL, NULL};
  int code;

  signet_store_bind_number(&binding, store->job << SIGNET_STORE_BATCH_BITS);
  signet_store_bind_number(&binding, (store->job + 1)
                                         << SIGNET_STORE_BATCH_BITS);
  reading->count = 0;
  code = binding.code;
  while ((code == SQLITE_OK || code == SQLITE_ROW) && goes_on(reading)) {
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
      batch.at = sqlite3_column_blob(statement, 0);
      code = row_code(store);
    }
    if (code == SQLITE_ROW && batch.at != NULL) {
      batch.end = batch.at + sqlite3_column_bytes(statement, 0);
      while (batch.at < batch.end && goes_on(reading))
        read_item(reading, &batch);
    }
  }
  signet_store_leave(statement);
  return code == SQLITE_ROW ? SQLITE_DONE : code;
}

static bool explain(const scan *reading, int code, signet_error *error)
{
  const char *shown = reading->store->file.shown;

  if (code != SQLITE_DONE || reading->memory) {
    return signet_store_explain(reading->store->database,
                                code != SQLITE_DONE ? code : SQLITE_NOMEM,
                                shown, error);
  }
  return !reading->damaged ||
         signet_error_set(error, SIGNET_ERROR_STORE,
                          "the journal %s is damaged (what job %s wrote can't "
                          "be read): move it away, or put a copy in its place",
                          shown, reading->job);
}

static bool read_writes(scan *reading, signet_error *error)
{
  int code;

  signet_buffer_init(&reading->outcomes, PTRDIFF_MAX);
  code = read_batches(reading);
  if (code == SQLITE_DONE && goes_on(reading)) {
    reading->showing = true;
    code = read_batches(reading);
  }
  signet_buffer_free(&reading->outcomes);
  signet_memory_free(reading->ends);
  return explain(reading, code, error);
}

bool signet_store_each_write(signet_store *base, const char *job,
                             signet_write_row_fn function, void *user,
                             signet_error *error)
{
  signet_sqlite_store *store = of(base);
  scan reading = {
      .store = store, .job = job, .function = function, .user = user};
  bool found = false, good;

  if (!begin_reading(store, &store->reading_writes, error))
    return false;
  good = signet_store_find_job(store, job, &found, error) &&
         (!found || read_writes(&reading, error));
  store->reading_writes = false;
  return good;
}
