/* SPDX-License-Identifier: MIT */
#include "job/store/sqlite/live.h"

#include "model/memory.h"

enum { PART = 1 << 20 };

/* No connection: that would read the file by SQLite's rules, take locks for as
 * long, and run what recovery there is to run. */
int signet_store_live_open(signet_store_live *live,
                           const signet_store_file *file)
{
  sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
  int code = SQLITE_NOMEM;

  *live = (signet_store_live){NULL, NULL};
  if (vfs != NULL) {
    live->name = sqlite3_create_filename(file->path, "", "", 0, NULL);
    live->handle = signet_memory_zeroed(1, (size_t)vfs->szOsFile);
  }
  if (live->name != NULL && live->handle != NULL) {
    code = vfs->xOpen(vfs, live->name, live->handle,
                      SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB, NULL);
  }
  if (code != SQLITE_OK)
    signet_store_live_close(live);
  return code;
}

void signet_store_live_close(signet_store_live *live)
{
  if (live->handle != NULL && live->handle->pMethods != NULL)
    (void)live->handle->pMethods->xClose(live->handle);
  signet_memory_free(live->handle);
  sqlite3_free_filename((sqlite3_filename)live->name);
  *live = (signet_store_live){NULL, NULL};
}

/* Who has it for himself alone has it from before its first read to its end; a
 * shared lock is what that excludes. An error is no holder: where files can't
 * be locked, nobody has one. */
bool signet_store_live_is_held(const signet_store_live *live)
{
  const sqlite3_io_methods *methods = live->handle->pMethods;
  int code = methods->xLock(live->handle, SQLITE_LOCK_SHARED);

  (void)methods->xUnlock(live->handle, SQLITE_LOCK_NONE);
  return code == SQLITE_BUSY;
}

int signet_store_live_size(const signet_store_live *live, size_t *size)
{
  sqlite3_int64 found = 0;
  int code = live->handle->pMethods->xFileSize(live->handle, &found);

  *size = (size_t)found;
  return code;
}

/* In parts, since a call reads no more than an int can say. */
int signet_store_live_read(const signet_store_live *live, unsigned char *out,
                           size_t size)
{
  int code = SQLITE_OK;

  for (size_t at = 0; code == SQLITE_OK && at < size; at += PART) {
    size_t length = size - at < PART ? size - at : PART;

    code = live->handle->pMethods->xRead(live->handle, out + at, (int)length,
                                         (sqlite3_int64)at);
  }
  return code;
}
