/* SPDX-License-Identifier: MIT */
/* The writing half of the store's interface: what is put is collected here, and
 * handed to the writer. */

#include "job/store/sqlite/put.h"

#include "job/store/sqlite/batch.h"
#include "job/store/sqlite/change.h"
#include "job/store/sqlite/explain.h"
#include "job/store/sqlite/loss.h"
#include "job/store/sqlite/statement.h"
#include "model/clock.h"
#include "model/error_fill.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
  BATCH_USUAL = 8 << 20 /* after so much a batch is put before its commit */
};

static signet_sqlite_store *of(signet_store *store)
{
  return (signet_sqlite_store *)store;
}

/* What was put with a change that failed is gone, though its caller may count
 * on it; so nothing is taken any more, and each later call says why. */
bool signet_store_alive(const signet_sqlite_store *store, signet_error *error)
{
  if (store->failure.kind != SIGNET_OK) {
    return signet_error_set(error, store->failure.kind, "%s",
                            store->failure.message);
  }
  return true;
}

/* ---- asking the writer ---- */

static bool refuse_fork(const signet_sqlite_store *store, signet_error *error)
{
  return store->owner == getpid() ||
         signet_error_set(error, SIGNET_ERROR_STORE,
                          "the journal %s belongs to the process that opened "
                          "it, not to a fork of that: open it again",
                          store->file.shown);
}

static bool may_change(const signet_sqlite_store *store, signet_error *error)
{
  if (!signet_store_alive(store, error))
    return false;
  if (store->reader) {
    return signet_error_set(error, SIGNET_ERROR_STORE,
                            "the journal %s was opened to be read only",
                            store->file.shown);
  }
  if (store->found.state != SIGNET_STORE_WHOLE && !store->accepted)
    return signet_store_refuse_damage(store, error);
  if (store->reading_jobs || store->reading_writes) {
    return signet_error_set(error, SIGNET_ERROR_STORE,
                            "the journal %s can't be changed while its rows "
                            "are read: end the reading first",
                            store->file.shown);
  }
  return true;
}

static bool fail(signet_sqlite_store *store, const signet_error *error)
{
  store->failure = *error;
  return false;
}

/* How the task that the writer has done came out. */
static bool judge(signet_sqlite_store *store, signet_error *error)
{
  if (store->commit.good)
    return true;
  *error = store->commit.error;
  return fail(store, error);
}

/* Reading and putting wait for it: the connection is one, and the writer's
 * until it has ended. Waits for a commit that was begun, whose end may not have
 * been asked for. */
static bool settle_commit(signet_sqlite_store *store, signet_error *error)
{
  signet_writer_wait(&store->writer);
  return !store->committing || judge(store, error);
}

/* Hands what is fresh to the writer, which has nothing to do. */
static void take_fresh(signet_sqlite_store *store)
{
  signet_buffer taken = store->taken;

  store->taken = store->fresh;
  store->fresh = taken;
  signet_buffer_clear(&store->fresh);
  if (store->taken.length > 0) {
    signet_batch_link link =
        signet_store_next_link(&store->head, signet_clock_unix_ms());

    store->taken_number =
        store->job << SIGNET_STORE_BATCH_BITS | ++store->batches;
    store->taken_last = store->writes;
    signet_batch_fill_link(&store->taken, &link);
    signet_store_set_head(&store->head, &link, store->taken_number,
                          &store->taken);
  }
  store->taken_sequence = store->head.sequence;
}

static bool put_fresh(signet_sqlite_store *store, signet_error *error)
{
  if (store->fresh.length == 0)
    return true;
  take_fresh(store);
  signet_writer_run(&store->writer, signet_store_put_taken, store);
  return judge(store, error);
}

bool signet_store_flush(signet_sqlite_store *store, signet_error *error)
{
  if (store->reader || store->reading_jobs || store->reading_writes)
    return signet_store_alive(store, error); /* nothing was put since */
  return refuse_fork(store, error) && signet_store_alive(store, error) &&
         settle_commit(store, error) && put_fresh(store, error);
}

/* ---- jobs ---- */

bool signet_store_put_job(signet_store *base, const signet_job_row *row,
                          signet_error *error)
{
  signet_sqlite_store *store = of(base);
  signet_store_job_change change = {store, row};

  if (!may_change(store, error) || !signet_store_flush(store, error))
    return false;
  signet_writer_run(&store->writer, signet_store_change_job, &change);
  return judge(store, error);
}

/* The numbers after which those of the job go on. */
static int find_last(signet_sqlite_store *store, int64_t job)
{
  sqlite3_stmt *statement = store->statements[SIGNET_STORE_LAST_BATCH];
  signet_store_binding binding = {.statement = statement};
  int code;

  signet_store_bind_number(&binding, job << SIGNET_STORE_BATCH_BITS);
  signet_store_bind_number(&binding, (job + 1) << SIGNET_STORE_BATCH_BITS);
  store->batches = 0;
  store->writes = 0;
  code = binding.code != SQLITE_OK ? binding.code : sqlite3_step(statement);
  if (code == SQLITE_ROW) {
    store->batches = sqlite3_column_int64(statement, 0) &
                     ((INT64_C(1) << SIGNET_STORE_BATCH_BITS) - 1);
    store->writes = sqlite3_column_int64(statement, 1);
  }
  signet_store_leave(statement);
  return code == SQLITE_ROW ? SQLITE_DONE : code;
}

static int look_up(signet_sqlite_store *store, const char *id, bool *found)
{
  sqlite3_stmt *statement = store->statements[SIGNET_STORE_FIND_JOB];
  signet_store_binding binding = {.statement = statement};
  int64_t job = 0;
  int code;

  signet_store_bind_text(&binding, id);
  code = binding.code != SQLITE_OK ? binding.code : sqlite3_step(statement);
  *found = code == SQLITE_ROW;
  if (*found)
    job = sqlite3_column_int64(statement, 0);
  signet_store_leave(statement);
  if (!*found)
    return code;
  *store->job_id = '\0';
  store->job = job;
  code = find_last(store, job);
  if (code == SQLITE_DONE && strlen(id) < sizeof store->job_id)
    (void)snprintf(store->job_id, sizeof store->job_id, "%s", id);
  return code;
}

bool signet_store_find_job(signet_sqlite_store *store, const char *id,
                           bool *found, signet_error *error)
{
  int code;

  *found = true;
  if (*store->job_id != '\0' && strcmp(store->job_id, id) == 0)
    return true;
  if (!signet_store_flush(store, error))
    return false;
  code = look_up(store, id, found);
  return code == SQLITE_DONE ||
         signet_store_explain(store->database, code, store->file.shown, error);
}

static bool no_such(signet_sqlite_store *store, const char *what,
                    signet_error *error)
{
  (void)signet_error_set(error, SIGNET_ERROR_STORE,
                         "the journal %s has no such %s", store->file.shown,
                         what);
  return fail(store, error);
}

/* Of a row that is put: the job must be there. */
static bool need_job(signet_sqlite_store *store, const char *id,
                     signet_error *error)
{
  bool found;

  if (!signet_store_find_job(store, id, &found, error))
    return fail(store, error);
  return found || no_such(store, "job", error);
}

/* ---- writes and steps ---- */

bool signet_store_put_write(signet_store *base, signet_write_row *row,
                            signet_error *error)
{
  signet_sqlite_store *store = of(base);

  if (!may_change(store, error) ||
      (store->fresh.length == 0 && !refuse_fork(store, error)) ||
      !need_job(store, row->job, error))
    return false;
  if (store->fresh.length > BATCH_USUAL && !signet_store_flush(store, error))
    return false;
  if (row->number > store->writes)
    return no_such(store, "write", error);
  if (store->fresh.length == 0)
    signet_batch_reserve_link(&store->fresh);
  if (row->number == 0) {
    row->number = ++store->writes;
    signet_batch_add_write(&store->fresh, row);
  } else {
    signet_batch_add_outcome(&store->fresh, row);
  }
  if (store->fresh.failed) {
    (void)signet_error_set(error, SIGNET_ERROR_MEMORY,
                           "out of memory for the journal %s",
                           store->file.shown);
    return fail(store, error);
  }
  return true;
}

bool signet_store_put_step(signet_store *base, const char *job,
                           const char *name, const char *value,
                           signet_error *error)
{
  signet_sqlite_store *store = of(base);
  signet_store_step_change change = {store, name, value};

  if (!may_change(store, error) || !signet_store_flush(store, error) ||
      !need_job(store, job, error))
    return false;
  signet_writer_run(&store->writer, signet_store_change_step, &change);
  return judge(store, error);
}

/* ---- commits ---- */

static bool may_commit(signet_sqlite_store *store, signet_error *error)
{
  return may_change(store, error) && refuse_fork(store, error) &&
         settle_commit(store, error);
}

bool signet_store_commit(signet_store *base, signet_error *error)
{
  signet_sqlite_store *store = of(base);

  if (!may_commit(store, error))
    return false;
  take_fresh(store);
  signet_writer_run(&store->writer, signet_store_commit_taken, store);
  return judge(store, error);
}

bool signet_store_begin_commit(signet_store *base, void (*ended)(void *user),
                               void *user, signet_error *error)
{
  signet_sqlite_store *store = of(base);

  if (!may_commit(store, error))
    return false;
  take_fresh(store);
  store->committing = true;
  signet_writer_begin(&store->writer, signet_store_commit_taken, store, ended,
                      user);
  return true;
}

bool signet_store_end_commit(signet_store *base, signet_error *error)
{
  signet_sqlite_store *store = of(base);
  bool good;

  if (!refuse_fork(store, error) || !signet_store_alive(store, error))
    return false;
  good = settle_commit(store, error);
  store->committing = false;
  return good;
}
