/* SPDX-License-Identifier: MIT */
/* The state file: replaced as a whole, so that it is never seen half. */
#include "sandbox/state_file.h"

#include "model/error_fill.h"
#include "model/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_BLOCK = 65536, PATH_SIZE = 4096 };

static bool failed(signet_error *error, const char *what, const char *path)
{
  char shown[200];
  int number = errno;
  signet_text_escape(shown, sizeof shown, path, strlen(path));
  return signet_error_set(error,
                          number == ENOMEM ? SIGNET_ERROR_MEMORY
                                           : SIGNET_ERROR_CONFIGURATION,
                          "%s %s: %s", what, shown, strerror(number));
}

/* The error number where it could not be read; 0: it was. */
static int read_all(int file, signet_buffer *text)
{
  char block[READ_BLOCK];
  ssize_t size;
  while ((size = read(file, block, sizeof block)) != 0) {
    if (size < 0 && errno == EINTR)
      continue;
    if (size < 0)
      return errno;
    size_t room = text->maximum - text->length;
    if (!signet_buffer_append(text, block, (size_t)size))
      return (size_t)size > room ? EFBIG : ENOMEM;
  }
  return 0;
}

/* Puts the file's name before what is wrong in it; the kind stays. */
static bool name_file(signet_error *error, const char *path)
{
  char problem[sizeof error->message];
  char shown[200];
  memcpy(problem, error->message, sizeof problem);
  signet_text_escape(shown, sizeof shown, path, strlen(path));
  return signet_error_set(error,
                          error->kind == SIGNET_ERROR_MEMORY
                              ? SIGNET_ERROR_MEMORY
                              : SIGNET_ERROR_CONFIGURATION,
                          "state file %s: %.250s", shown, problem);
}

bool sandbox_state_load(signet_sandbox *sandbox, signet_error *error)
{
  const char *path = sandbox->state_file;
  signet_buffer text;
  int file = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (path == NULL || (file < 0 && errno == ENOENT))
    return true;
  if (file < 0)
    return failed(error, "can't read the state file", path);
  signet_buffer_init(&text, SANDBOX_STATE_MAXIMUM);
  errno = read_all(file, &text);
  bool done = errno == 0;
  if (!done) {
    failed(error, "can't read the state file", path);
  } else {
    done = signet_world_load(sandbox->world, text.data != NULL ? text.data : "",
                             text.length, error);
    if (!done)
      name_file(error, path);
  }
  signet_buffer_free(&text);
  close(file);
  return done;
}

static bool write_all(int file, const char *text, size_t length)
{
  while (length > 0) {
    ssize_t size = write(file, text, length);
    if (size < 0 && errno == EINTR)
      continue;
    if (size < 0)
      return false;
    text += size;
    length -= (size_t)size;
  }
  return fsync(file) == 0;
}

/* The new name in the folder must survive a crash too. The path is shorter than
 * the temporary one, which fitted. */
static void sync_folder(const char *path)
{
  char folder[PATH_SIZE];
  const char *slash = strrchr(path, '/');
  size_t length = slash != NULL ? (size_t)(slash - path) + 1 : 1;
  memcpy(folder, slash != NULL ? path : ".", length);
  folder[length] = '\0';
  int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0)
    return;
  fsync(file);
  close(file);
}

static bool replace_file(const char *path, const char *text, size_t length,
                         signet_error *error)
{
  char temporary[PATH_SIZE];
  int size =
      snprintf(temporary, sizeof temporary, "%s.%ld.tmp", path, (long)getpid());
  if ((size_t)size >= sizeof temporary) {
    errno = ENAMETOOLONG;
    return failed(error, "can't write the state file", path);
  }
  unlink(temporary); /* of a process that had our number and died */
  int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                  S_IRUSR | S_IWUSR);
  if (file < 0)
    return failed(error, "can't write the state file", path);
  bool done = write_all(file, text, length);
  int number = errno;
  close(file);
  if (done && rename(temporary, path) == 0) {
    sync_folder(path);
    return true;
  }
  if (!done)
    errno = number;
  failed(error, "can't write the state file", path);
  unlink(temporary);
  return false;
}

bool sandbox_state_save(signet_sandbox *sandbox, signet_error *error)
{
  size_t length;
  if (sandbox->state_file == NULL)
    return true;
  char *text = signet_world_save(sandbox->world, &length);
  if (text == NULL)
    return signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
  bool done = replace_file(sandbox->state_file, text, length, error);
  signet_world_text_free(text);
  return done;
}
