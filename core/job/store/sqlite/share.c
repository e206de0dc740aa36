/* SPDX-License-Identifier: MIT */
#include "job/store/sqlite/share.h"

#include "job/store/sqlite/folder.h"
#include "model/error_fill.h"
#include "model/kinds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* URL and key, whichever API comes before them. */
const char *signet_share_part(const char *account)
{
  const char *url = strchr(account, ' ');
  return url != NULL ? url + 1 : account;
}

/* A file that is never removed: a lock on one that is gone excludes nobody. */
static int open_lock(const char *folder, const char *account,
                     signet_error *error)
{
  char path[SIGNET_STORE_PATH_SIZE];
  int length = snprintf(path, sizeof path, "%s/account-%016zx.lock", folder,
                        signet_id_hash(signet_share_part(account)));
  if ((size_t)length >= sizeof path)
    errno = ENAMETOOLONG;
  int file =
      (size_t)length < sizeof path
          ? open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                 S_IRUSR | S_IWUSR)
          : -1;
  if (file < 0)
    signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                     "the account's lock in the state directory can't be "
                     "opened: %s",
                     strerror(errno));
  return file;
}

static int lock(int file)
{
  int result;
  do
    result = flock(file, LOCK_EX | LOCK_NB);
  while (result != 0 && errno == EINTR);
  return result;
}

/* Where this sort of lock can't be had, on an old network file system, say, the
 * journal has its own. */
int signet_share_take(const char *folder, const char *account,
                      signet_error *error)
{
  int file = open_lock(folder, account, error);
  if (file < 0 || lock(file) == 0 || errno != EWOULDBLOCK)
    return file;
  (void)close(file);
  signet_error_set(error, SIGNET_ERROR_LOCKED,
                   "another job works on this account");
  return -1;
}
