/* SPDX-License-Identifier: MIT */
/* A store that is read only, of a journal as it was when it was opened. The
 * statements and the reading of rows are those of a store that a job writes to;
 * putting refuses, and there is no thread, since nothing here waits for a disk.
 */

#include "job/store/sqlite/reader.h"

#include "job/store/sqlite/connect.h"
#include "job/store/sqlite/loss.h"
#include "job/store/sqlite/operations.h"
#include "job/store/sqlite/statement.h"

#include "model/error_fill.h"
#include "model/memory.h"

#include <unistd.h>

static void close_reader(signet_store *base)
{
  signet_sqlite_store *store = (signet_sqlite_store *)base;

  signet_store_finalize(store);
  (void)sqlite3_close(store->database);
  signet_store_snapshot_free(&store->snapshot);
  signet_memory_free(store);
}

static const signet_store_operations operations = {
    SIGNET_STORE_OPERATIONS,
    .close = close_reader,
};

static bool open_reader(signet_sqlite_store *store, const char *path,
                        signet_error *error)
{
  if (!signet_store_file_find(&store->file, path, error) ||
      !signet_store_snapshot_take(&store->snapshot, &store->file, error))
    return false;
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
  store->store.name = store->file.path;
  store->holder = -1;
  store->share = -1;
  store->owner = getpid();
  store->reader = true;
  if (!open_reader(store, path, error)) {
    close_reader(&store->store);
    return NULL;
  }
  return &store->store;
}
