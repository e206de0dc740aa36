/* SPDX-License-Identifier: MIT */
/* A store that is read only, of a journal as it was when it was opened. */

#include "job/store/sqlite.h"

#include "model/error_fill.h"
#include "model/memory.h"

#include <unistd.h>

bool signet_store_held_by(const signet_store *base, signet_job_running *holder)
{
  const signet_sqlite_store *store = (const signet_sqlite_store *)base;

  *holder = store->snapshot.holder;
  return store->snapshot.held;
}

static void close_reader(signet_store *base)
{
  signet_sqlite_store *store = (signet_sqlite_store *)base;

  signet_store_finalize(store);
  (void)sqlite3_close(store->database);
  signet_store_snapshot_free(&store->snapshot);
  signet_memory_free(store);
}

static const signet_store_operations operations = {
    .put_job = signet_store_put_job,
    .put_write = signet_store_put_write,
    .put_step = signet_store_put_step,
    .commit = signet_store_commit,
    .begin_commit = signet_store_begin_commit,
    .end_commit = signet_store_end_commit,
    .each_job = signet_store_each_job,
    .each_write = signet_store_each_write,
    .get_step = signet_store_get_step,
    .get_script = signet_store_get_script,
    .held_by = signet_store_held_by,
    .close = close_reader,
};

static bool open_reader(signet_sqlite_store *store, const char *path,
                        signet_error *error)
{
  if (!signet_store_file_find(&store->file, path, error) ||
      !signet_store_snapshot_take(&store->snapshot, &store->file, error)) {
    return false;
  }
  store->database = signet_store_connect_snapshot(
      &store->file, &store->snapshot, &store->found, error);
  return store->database != NULL && signet_store_prepare(store, error) &&
         signet_store_look_at_chain(store, error);
}

signet_store *signet_store_read_sqlite(const char *path, signet_error *error)
{
  signet_sqlite_store *store = signet_memory_zeroed(1, sizeof *store);

  if (store == NULL) {
    (void)signet_error_set(error, SIGNET_ERROR_MEMORY,
                           "out of memory for the journal");
    return NULL;
  }
  store->store.operations = &operations;
  store->owner = getpid();
  store->reader = true;
  if (!open_reader(store, path, error)) {
    close_reader(&store->store);
    return NULL;
  }
  return &store->store;
}
