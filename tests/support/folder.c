/* SPDX-License-Identifier: MIT */
#include "folder.h"

#include "canary.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The first file that held the secret, of the folder that is removed. */
static char held[512];

bool folder_make(folder_place place, char *path, size_t size)
{
  const char *parent = getenv("TMPDIR");
  if (place == FOLDER_IN_MEMORY && access("/dev/shm", W_OK) == 0)
    parent = "/dev/shm";
  if (parent == NULL || parent[0] == '\0')
    parent = "/tmp";
  int length = snprintf(path, size, "%s/signet-test-XXXXXX", parent);
  return length > 0 && (size_t)length < size && mkdtemp(path) != NULL;
}

/* Byte by byte: what memmem() or strncmp() compares with, a fuzz target's
 * engine would learn, and try. */
static bool begins_with(const char *text, size_t length, const char *form)
{
  size_t i = 0;
  while (i < length && form[i] != '\0' && text[i] == form[i])
    i++;
  return form[i] == '\0';
}

static bool contains(const char *text, size_t length, const char *form)
{
  const char *end = text + length;
  const char *at = text;
  while (at < end && (at = memchr(at, form[0], (size_t)(end - at))) != NULL) {
    if (begins_with(at, (size_t)(end - at), form))
      return true;
    at++;
  }
  return false;
}

bool folder_text_is_secret(const char *text, size_t length)
{
  for (size_t i = 0; i < sizeof canary_forms / sizeof canary_forms[0]; i++)
    if (contains(text, length, canary_forms[i]))
      return true;
  return false;
}

static bool file_is_secret(const char *path, size_t length)
{
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  void *text = MAP_FAILED;
  if (file >= 0) {
    text = mmap(NULL, length, PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
  }
  if (text == MAP_FAILED)
    return true; /* what can't be looked at can't be called clean */
  bool found = folder_text_is_secret(text, length);
  munmap(text, length);
  return found;
}

static bool is_configuration(const char *path)
{
  static const char end[] = "/signet/config";
  size_t length = strlen(path);
  return length >= sizeof end &&
         strcmp(path + length - (sizeof end - 1), end) == 0;
}

static int remove_one(const char *path, const struct stat *status, int type,
                      struct FTW *walk)
{
  (void)walk;
  if (type == FTW_F && S_ISREG(status->st_mode) && status->st_size > 0 &&
      held[0] == '\0' && !is_configuration(path) &&
      file_is_secret(path, (size_t)status->st_size))
    snprintf(held, sizeof held, "%s", path);
  return remove(path);
}

const char *folder_remove(const char *path)
{
  held[0] = '\0';
  nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
  return held[0] != '\0' ? held : NULL;
}
