/* SPDX-License-Identifier: MIT */
/* A journal file as a store that a job writes to. */

#include "job/store/sqlite/open.h"

#include "job/store/sqlite/operations.h"
#include "job/store/sqlite/share.h"
#include "job/store/sqlite/sqlite.h"

static void close_store(signet_store *base)
{
  signet_store_end((signet_sqlite_store *)base);
}

static const signet_store_operations operations = {
    SIGNET_STORE_OPERATIONS,
    .close = close_store,
};

signet_store *signet_store_open_sqlite(const char *path, signet_error *error)
{
  signet_sqlite_store *store = signet_store_begin(path, error);

  if (store == NULL)
    return NULL;
  store->store.operations = &operations;
  return &store->store;
}

bool signet_store_share(signet_store *base, const char *folder,
                        const char *account, signet_error *error)
{
  signet_sqlite_store *store = (signet_sqlite_store *)base;

  store->share = signet_share_take(folder, account, error);
  return store->share >= 0;
}
