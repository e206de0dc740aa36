/* SPDX-License-Identifier: MIT */
#include "model/private.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool signet_private_folder(const char *path)
{
  char part[4096];
  size_t length = strlen(path);

  if (length == 0 || length >= sizeof part)
    return false;
  for (size_t i = 1; i <= length; i++) {
    if (path[i] == '/' || path[i] == '\0') {
      memcpy(part, path, i);
      part[i] = '\0';
      if (mkdir(part, 0700) != 0 && errno != EEXIST)
        return false;
    }
  }
  return true;
}

FILE *signet_private_open(const char *path, int flags, const char *mode)
{
  /* A pipe in its place would wait for somebody at its other end. */
  int file =
      open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
  struct stat status;

  if (file < 0)
    return NULL;
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) ||
      fchmod(file, 0600) != 0) {
    (void)close(file);
    return NULL;
  }
  return fdopen(file, mode);
}
