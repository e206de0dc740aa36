/* SPDX-License-Identifier: MIT */
#include "job/store/sqlite/folder.h"

#include "job/store/sqlite/holder.h"
#include "job/store/sqlite/open.h"
#include "job/store/sqlite/reader.h"
#include "job/store/sqlite/share.h"
#include "model/error_fill.h"
#include "model/kinds.h"
#include "signet/account.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A hash, since the account's text has what no file's name may have, and a key
 * that is better not shown in a list of files. */
bool signet_store_sqlite_path(const char *folder, const char *account,
                              char *path, size_t size)
{
  int length = snprintf(path, size, "%s/journal-%016zx.db", folder,
                        signet_id_hash(account));

  return (size_t)length < size;
}

/* Every folder on the way to this one; file.c makes sure of the last one
 * itself. */
static void make_folders(const char *folder)
{
  char part[SIGNET_STORE_PATH_SIZE];

  (void)snprintf(part, sizeof part, "%s", folder);
  for (char *at = part + 1; *at != '\0'; at++) {
    if (*at == '/') {
      *at = '\0';
      (void)mkdir(part, S_IRWXU);
      *at = '/';
    }
  }
  (void)mkdir(part, S_IRWXU);
}

static bool find_path(const char *folder, const char *account, char *path,
                      signet_error *error)
{
  return signet_store_sqlite_path(folder, account, path,
                                  SIGNET_STORE_PATH_SIZE) ||
         signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                          "the state directory's path is too long");
}

/* A job with the same account's journal of another API. */
static void find_holder(const char *folder, const char *account,
                        signet_job_running *held_by)
{
  char path[SIGNET_STORE_PATH_SIZE], other[SIGNET_STORE_PATH_SIZE];
  for (signet_dialect dialect = SIGNET_CONFIGS; dialect <= SIGNET_SIGNS;
       dialect++) {
    snprintf(other, sizeof other, "%s %s", signet_dialect_name(dialect),
             signet_share_part(account));
    if (signet_store_sqlite_path(folder, other, path, sizeof path) &&
        signet_holder_find(path, held_by))
      return;
  }
}

static signet_store *open_account(const char *folder, const char *account,
                                  signet_job_running *held_by,
                                  signet_error *error)
{
  char path[SIGNET_STORE_PATH_SIZE];
  signet_store *store = NULL;

  if (find_path(folder, account, path, error)) {
    make_folders(folder);
    store = signet_store_open_sqlite(path, error);
  }
  if (store == NULL && error->kind == SIGNET_ERROR_LOCKED)
    (void)signet_holder_find(path, held_by);
  if (store != NULL && !signet_store_share(store, folder, account, error)) {
    store->operations->close(store);
    store = NULL;
    if (error->kind == SIGNET_ERROR_LOCKED)
      find_holder(folder, account, held_by);
  }
  return store;
}

static signet_store *read_account(const char *folder, const char *account,
                                  signet_error *error)
{
  char path[SIGNET_STORE_PATH_SIZE];

  return find_path(folder, account, path, error)
             ? signet_store_read_sqlite(path, error)
             : NULL;
}

/* One that can't be read is told, and does not end the list: what is looked for
 * may stand in another one. */
static bool show(const char *path, signet_store_fn function, void *user)
{
  signet_error problem = SIGNET_ERROR_INIT;
  signet_store *store = signet_store_read_sqlite(path, &problem);
  bool more;

  if (store == NULL && problem.kind == SIGNET_ERROR_NOT_FOUND)
    return true; /* another journal has taken it over */
  more = function(user, store, path, &problem);
  if (store != NULL)
    store->operations->close(store);
  return more;
}

static bool each_account(const char *folder, signet_store_fn function,
                         void *user, signet_error *error)
{
  char path[SIGNET_STORE_PATH_SIZE];
  DIR *open_folder = opendir(folder);
  struct dirent *entry;
  bool more = true;

  if (open_folder == NULL) {
    return errno == ENOENT ||
           signet_error_set(error, SIGNET_ERROR_STORE, "%s can't be read: %s",
                            folder, strerror(errno));
  }
  while (more && (entry = readdir(open_folder)) != NULL) {
    int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);

    if ((size_t)length < sizeof path &&
        fnmatch("journal-*.db", entry->d_name, 0) == 0)
      more = show(path, function, user);
  }
  (void)closedir(open_folder);
  return true;
}

const signet_store_kind signet_store_sqlite = {
    .scheme = "sqlite",
    .open = open_account,
    .read = read_account,
    .each = each_account,
    .holder = signet_holder_find,
    .in_folder = true,
};
