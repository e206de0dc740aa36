/* SPDX-License-Identifier: MIT */
/* The journal's folder and file, before SQLite sees them. SQLite would make the
 * file as the umask has it; the files beside it take over the file's mode. */

#include "job/store/sqlite/file.h"

#include "model/error_fill.h"
#include "model/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where a place can't be used at all, who named it has to name another one. */
static signet_error_kind kind_of(int number)
{
  switch (number) {
  case EACCES:
  case ELOOP:
  case ENOENT:
  case ENOTDIR:
  case EROFS:
    return SIGNET_ERROR_CONFIGURATION;
  default:
    return SIGNET_ERROR_STORE;
  }
}

static bool failed(signet_error *error, const char *what, const char *shown)
{
  int number = errno;

  return signet_error_set(error, kind_of(number), "%s %s: %s", what, shown,
                          strerror(number));
}

/* So that a new folder is still there after a power cut. Best effort: a parent
 * that may be passed through but not read can't be synced. */
static void sync_parent(const char *folder)
{
  char parent[PATH_MAX + 4];
  int handle;

  (void)snprintf(parent, sizeof parent, "%s/..", folder);
  handle = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle >= 0) {
    (void)fsync(handle);
    (void)close(handle);
  }
}

static bool make_folder(const char *folder, const char *shown,
                        signet_error *error)
{
  if (mkdir(folder, S_IRWXU) == 0) {
    /* A umask takes bits away only, but it may take the owner's. */
    if (chmod(folder, S_IRWXU) != 0)
      return failed(error, "can't set the mode of", shown);
    sync_parent(folder);
    return true;
  }
  return errno == EEXIST ||
         failed(error, "can't make the journal's folder", shown);
}

static bool make_file(const signet_store_file *file, signet_error *error)
{
  int handle =
      open(file->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
           S_IRUSR | S_IWUSR);
  bool good;

  /* A file that is there is never opened here: closing it would drop the lock
   * that another store of this process may hold on it. */
  if (handle < 0) {
    return errno == EEXIST ||
           failed(error, "can't make the journal", file->shown);
  }
  good = fchmod(handle, S_IRUSR | S_IWUSR) == 0 ||
         failed(error, "can't set the mode of", file->shown);
  (void)close(handle);
  return good;
}

static bool check_owner(const struct stat *status, const char *shown,
                        unsigned mode, signet_error_kind kind,
                        signet_error *error)
{
  if (status->st_uid != geteuid()) {
    return signet_error_set(error, kind,
                            "%s belongs to another user: use a state folder "
                            "of your own",
                            shown);
  }
  if ((status->st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return signet_error_set(error, kind,
                            "%s is open to other users: run chmod %o %s", shown,
                            mode, shown);
  }
  return true;
}

static bool check_folder(const char *folder, const char *shown,
                         signet_error *error)
{
  struct stat status;

  if (lstat(folder, &status) != 0)
    return failed(error, "can't look at the journal's folder", shown);
  if (!S_ISDIR(status.st_mode)) {
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "%s is no folder: name another one for the "
                            "journal",
                            shown);
  }
  return check_owner(&status, shown, S_IRWXU, SIGNET_ERROR_CONFIGURATION,
                     error);
}

static bool check_file(const signet_store_file *file, signet_error *error)
{
  struct stat status;

  if (lstat(file->path, &status) != 0)
    return failed(error, "can't look at the journal", file->shown);
  if (S_ISLNK(status.st_mode)) {
    return signet_error_set(error, SIGNET_ERROR_STORE,
                            "%s is a symbolic link, which a journal must not "
                            "be: name the file itself",
                            file->shown);
  }
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1) {
    /* Under two names it would have two write-ahead logs. */
    return signet_error_set(error, SIGNET_ERROR_STORE,
                            "%s is no plain file of one name: move it away",
                            file->shown);
  }
  return check_owner(&status, file->shown, S_IRUSR | S_IWUSR,
                     SIGNET_ERROR_STORE, error);
}

/* SQLite would follow a link there, or wait at a pipe for its other end. */
static bool check_beside(const signet_store_file *file, signet_error *error)
{
  static const char *const endings[] = {"-wal", "-shm", "-journal"};
  char path[sizeof file->path + 8];
  struct stat status;

  for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
    (void)snprintf(path, sizeof path, "%s%s", file->path, endings[i]);
    if (lstat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
      return signet_error_set(error, SIGNET_ERROR_STORE,
                              "%s%s is no plain file: move it away",
                              file->shown, endings[i]);
    }
  }
  return true;
}

/* With a file of its own: closing the journal's would drop locks of others in
 * this process. */
bool signet_store_file_can_lock(const signet_store_file *file,
                                signet_error *error)
{
  char path[sizeof file->path + 32];
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  int handle, number = 0;

  (void)snprintf(path, sizeof path, "%s-%ld", file->path, (long)getpid());
  handle = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                S_IRUSR | S_IWUSR);
  if (handle < 0)
    return true; /* it can't be told */
  (void)unlink(path);
  if (fcntl(handle, F_SETLK, &lock) != 0)
    number = errno;
  (void)close(handle);
  if (number == 0 || number == EACCES || number == EAGAIN || number == EINTR)
    return true;
  signet_error_init(error);
  return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                          "the file system of the journal %s can't lock files "
                          "(%s): name a folder on a local disk with "
                          "--state-dir (in Lua: state_dir)",
                          file->shown, strerror(number));
}

/* Links on the way to the folder are the user's own affair; SQLite, told not to
 * follow any, gets a path without them. */
static bool resolve(signet_store_file *file, const char *folder,
                    const char *name, const char *shown, signet_error *error)
{
  char real[PATH_MAX];
  int length;

  if (realpath(folder, real) == NULL)
    return failed(error, "can't find the journal's folder", shown);
  length = snprintf(file->path, sizeof file->path, "%s/%s",
                    strcmp(real, "/") == 0 ? "" : real, name);
  if ((size_t)length >= sizeof file->path) {
    errno = ENAMETOOLONG;
    return failed(error, "can't open the journal", file->shown);
  }
  return check_folder(real, shown, error);
}

/* Splits the path. `folder` has room for PATH_MAX. @return the file's name;
 * NULL: @p error */
static const char *split(signet_store_file *file, const char *path,
                         char *folder, signet_error *error)
{
  const char *slash = strrchr(path, '/');
  const char *name = slash != NULL ? slash + 1 : path;

  (void)signet_text_escape(file->shown, sizeof file->shown, path, strlen(path));
  if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
    errno = EISDIR;
    (void)failed(error, "can't open the journal", file->shown);
    return NULL;
  }
  if (strlen(path) >= PATH_MAX) {
    errno = ENAMETOOLONG;
    (void)failed(error, "can't open the journal", file->shown);
    return NULL;
  }
  (void)snprintf(folder, PATH_MAX, "%.*s",
                 slash == NULL || slash == path ? 1 : (int)(slash - path),
                 slash == NULL ? "." : path);
  return name;
}

bool signet_store_file_prepare(signet_store_file *file, const char *path,
                               signet_error *error)
{
  char folder[PATH_MAX], shown[SIGNET_STORE_SHOWN_SIZE];
  const char *name = split(file, path, folder, error);

  if (name == NULL)
    return false;
  (void)signet_text_escape(shown, sizeof shown, folder, strlen(folder));
  return make_folder(folder, shown, error) &&
         resolve(file, folder, name, shown, error) && make_file(file, error) &&
         check_file(file, error) && check_beside(file, error);
}

bool signet_store_file_find(signet_store_file *file, const char *path,
                            signet_error *error)
{
  char folder[PATH_MAX], shown[SIGNET_STORE_SHOWN_SIZE];
  const char *name = split(file, path, folder, error);
  struct stat status;

  if (name == NULL)
    return false;
  if (lstat(path, &status) != 0 && errno == ENOENT) {
    return signet_error_set(error, SIGNET_ERROR_NOT_FOUND,
                            "there is no journal %s", file->shown);
  }
  (void)signet_text_escape(shown, sizeof shown, folder, strlen(folder));
  return resolve(file, folder, name, shown, error) && check_file(file, error) &&
         check_beside(file, error);
}
