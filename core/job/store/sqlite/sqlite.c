/* SPDX-License-Identifier: MIT */
/*
 * The store on one machine. One connection, which a thread of its own opens,
 * changes and closes, since all that waits for the disk; reading lends it to
 * the caller. Never across fork(): a child may not touch it, not even to read,
 * and its changes are refused.
 *
 * Writes and their outcomes are collected here as bytes, and become one row
 * when they are committed. Nothing here is called back by SQLite.
 */

#include "job/store/sqlite/sqlite.h"

#include "job/store/sqlite/batch.h"
#include "job/store/sqlite/connect.h"
#include "job/store/sqlite/explain.h"
#include "job/store/sqlite/log.h"
#include "job/store/sqlite/loss.h"
#include "job/store/sqlite/statement.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BATCH_MAXIMUM = 64 << 20 }; /* one write may have texts of several MB */

/* ---- opening and closing ---- */

/* From now on it needs no log. Where that can't be said, the log stays as it
 * is: a file that says it has one, and has none, counts as damaged. */
static void note_end(signet_sqlite_store *store)
{
  int persist = 1;

  if (!sqlite3_get_autocommit(store->database))
    (void)sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
  if (store->found.state != SIGNET_STORE_WHOLE && !store->accepted)
    return;
  if ((!store->marked && !store->found.used) ||
      signet_store_note_use(store->database, false) == SQLITE_OK) {
    signet_store_mark_remove(store->file.path);
  } else {
    /* A log that persists would still be cut to nothing. */
    (void)sqlite3_db_config(store->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
                            1, NULL);
    (void)sqlite3_file_control(store->database, "main",
                               SQLITE_FCNTL_PERSIST_WAL, &persist);
  }
}

static void disconnect(void *user)
{
  signet_sqlite_store *store = user;

  signet_store_finalize(store);
  if (store->database != NULL) {
    note_end(store);
    signet_store_log_close(&store->log);
  }
  (void)sqlite3_close(store->database);
}

/* What was not committed is taken back; then SQLite moves the whole log into
 * the file and removes it. A child of fork() that did so would do it under its
 * parent's hands: there the connection is left as it is, and the thread is
 * none of its own. */
void signet_store_end(signet_sqlite_store *store)
{
  if (store->owner == getpid()) {
    signet_writer_run(&store->writer, disconnect, store);
    signet_writer_stop(&store->writer);
  }
  if (store->share >= 0)
    (void)close(store->share);
  signet_buffer_free(&store->fresh);
  signet_buffer_free(&store->taken);
  signet_memory_free(store);
}

static bool watch_log(signet_sqlite_store *store, signet_error *error)
{
  return signet_store_log_open(&store->log, store->database,
                               store->file.path) ||
         signet_store_explain(store->database, sqlite3_errcode(store->database),
                              store->file.shown, error);
}

static void connect_store(void *user)
{
  signet_sqlite_store *store = user;
  signet_store_change *opening = &store->commit;

  signet_error_init(&opening->error);
  store->database =
      signet_store_connect(&store->file, &store->found, &opening->error);
  opening->good = store->database != NULL &&
                  signet_store_prepare(store, &opening->error) &&
                  watch_log(store, &opening->error) &&
                  signet_store_look_at_chain(store, &opening->error);
}

static bool open_store(signet_sqlite_store *store, const char *path,
                       signet_error *error)
{
  int code;

  if (!signet_store_file_prepare(&store->file, path, error))
    return false;
  store->store.name = store->file.path;
  store->holder = -1;
  store->share = -1;
  store->owner = getpid();
  store->log.mark = -1;
  signet_buffer_init(&store->fresh, BATCH_MAXIMUM);
  signet_buffer_init(&store->taken, BATCH_MAXIMUM);
  code = signet_writer_start(&store->writer);
  if (code != 0) {
    return signet_error_set(error, SIGNET_ERROR_STORE,
                            "no thread can be started for the journal %s: %s",
                            store->file.shown, strerror(code));
  }
  return true;
}

signet_sqlite_store *signet_store_begin(const char *path, signet_error *error)
{
  signet_sqlite_store *store = signet_memory_zeroed(1, sizeof *store);

  if (store == NULL) {
    (void)signet_error_set(error, SIGNET_ERROR_MEMORY,
                           "out of memory for the journal");
    return NULL;
  }
  if (!open_store(store, path, error)) {
    signet_memory_free(store);
    return NULL;
  }
  signet_writer_run(&store->writer, connect_store, store);
  if (!store->commit.good) {
    *error = store->commit.error;
    signet_store_end(store);
    return NULL;
  }
  return store;
}
