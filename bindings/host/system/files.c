/* SPDX-License-Identifier: MIT */
#include "host/system/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file is made there and removed: permissions alone don't tell of a file
 * system that takes none. */
static bool takes_files(const char *folder)
{
  char path[4096 + 24];
  int file;

  (void)snprintf(path, sizeof path, "%s/.signet-XXXXXX", folder);
  file = mkstemp(path);
  if (file < 0)
    return false;
  (void)close(file);
  return unlink(path) == 0;
}

bool signet_host_can_replace(const char *path)
{
  char folder[4096];
  const char *slash = strrchr(path, '/');
  struct stat status;
  int length = slash == NULL ? 1 : slash == path ? 1 : (int)(slash - path);

  if ((size_t)length >= sizeof folder) {
    errno = ENAMETOOLONG;
    return false;
  }
  (void)snprintf(folder, sizeof folder, "%.*s", length,
                 slash == NULL ? "." : path);
  if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
    errno = EISDIR;
    return false;
  }
  if (stat(folder, &status) == 0 && !S_ISDIR(status.st_mode)) {
    errno = ENOTDIR;
    return false;
  }
  return takes_files(folder);
}

char *signet_host_read_whole(FILE *stream, size_t maximum, size_t *length)
{
  size_t room = 1 << 16, count;
  char *text = malloc(room + 1), *larger;

  *length = 0;
  while (text != NULL &&
         (count = fread(text + *length, 1, room - *length, stream)) > 0) {
    *length += count;
    if (*length == room) {
      room *= 2;
      errno = EFBIG;
      larger = room <= maximum ? realloc(text, room + 1) : NULL;
      if (larger == NULL)
        free(text);
      text = larger;
    }
  }
  if (text != NULL && ferror(stream)) {
    free(text);
    return NULL;
  }
  if (text != NULL)
    text[*length] = '\0';
  return text;
}

const char *signet_host_skip_mark(const char *text)
{
  static const char mark[] = "\xEF\xBB\xBF";

  return strncmp(text, mark, sizeof mark - 1) == 0 ? text + sizeof mark - 1
                                                   : text;
}
