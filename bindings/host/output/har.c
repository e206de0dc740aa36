/* SPDX-License-Identifier: MIT */
#include "host/output/har.h"

#include "host/output/har_entry.h"

#include "signet/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char tail[] = "\n]}}\n";
static const off_t TAIL = sizeof tail - 1;
static const char beginning[] = "{\"log\":{\"version\":\"1.2\",\"creator\":"
                                "{\"name\":\"signet\"";

/* Two runs that write one file would leave what nobody can read. A file system
 * without locks is no reason to write none. */
static const char *lock(int file)
{
  return flock(file, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
             ? "another run is writing its trace there: name another file"
             : NULL;
}

/* An empty file, or a trace. */
static bool may_be_lost(int file)
{
  char text[sizeof beginning - 1];
  ssize_t length = pread(file, text, sizeof text, 0);

  return length == 0 || (length == (ssize_t)sizeof text &&
                         memcmp(text, beginning, sizeof text) == 0);
}

/* What there may be under that name already. */
static const char *refuse(int file)
{
  struct stat status;

  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
    return "it is no regular file: name a file";
  if (status.st_uid != geteuid())
    return "it belongs to another user";
  if (!may_be_lost(file)) {
    return "it holds something else than a trace: name another file, or "
           "remove it first";
  }
  return lock(file);
}

/* A file of that name may be one that others can read, a device, or a link. */
static int take_place(const char *path, const char **problem)
{
  int file = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

  if (file < 0) {
    if (errno == ELOOP) { /* O_NOFOLLOW */
      *problem = "it is a symbolic link, and none is followed: name the file "
                 "itself";
    }
    return -1;
  }
  *problem = refuse(file);
  if (*problem == NULL && fchmod(file, S_IRUSR | S_IWUSR) == 0 &&
      ftruncate(file, 0) == 0)
    return file;
  (void)close(file);
  return -1;
}

/* @return -1: @p problem or errno says why */
static int open_file(const char *path, const char **problem)
{
  int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                  S_IRUSR | S_IWUSR);

  if (file < 0)
    return errno == EEXIST ? take_place(path, problem) : -1;
  *problem = lock(file); /* who saw it empty may have been faster */
  if (*problem != NULL) {
    (void)close(file);
    return -1;
  }
  return file;
}

static bool write_all(const struct har *har, const char *text, size_t length)
{
  off_t at = har->end;

  while (length > 0) {
    ssize_t count = pwrite(har->file, text, length, at);

    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return false;
    text += count;
    at += count;
    length -= (size_t)count;
  }
  return true;
}

bool signet_host_har_open(struct har *har, const char *path,
                          const char **problem)
{
  char head[200];
  /* Firefox opens no file without a list of pages, were it an empty one. */
  int length =
      snprintf(head, sizeof head, "%s,\"version\":\"%s\"},\"pages\":[],%s%s",
               beginning, signet_version(), "\"entries\":[", tail);

  *har = (struct har){.first = true};
  *problem = NULL;
  har->file = open_file(path, problem);
  if (har->file >= 0 && !write_all(har, head, (size_t)length)) {
    *problem = strerror(errno);
    (void)!ftruncate(har->file, 0);
    signet_host_har_close(har);
  }
  har->end = length - TAIL;
  if (har->file < 0 && *problem == NULL)
    *problem = strerror(errno);
  return har->file >= 0;
}

/* What there was room for of an entry makes way for the end that it was to
 * replace: that one was in the file before, and takes no room. */
static void cut_back(const struct har *har)
{
  int kept = errno;

  (void)!ftruncate(har->file, har->end + TAIL);
  (void)write_all(har, tail, sizeof tail - 1);
  errno = kept;
}

static bool add_text(struct har *har, const char *entry)
{
  size_t size = strlen(entry) + sizeof tail + 2;
  char *text = malloc(size);
  int length;

  if (text == NULL)
    return false;
  length = snprintf(text, size, "%s\n%s%s", har->first ? "" : ",", entry, tail);
  if (write_all(har, text, (size_t)length)) {
    har->end += length - TAIL;
    har->first = false;
    free(text);
    return true;
  }
  cut_back(har);
  free(text);
  return false;
}

bool signet_host_har_add(struct har *har, const signet_trace *trace)
{
  json_object *entry;
  const char *text;
  bool good;

  if (har->file < 0)
    return true;
  entry = signet_host_har_entry(trace);
  text =
      entry != NULL
          ? json_object_to_json_string_ext(
                entry, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
          : NULL;
  good = text != NULL && add_text(har, text);
  (void)json_object_put(entry);
  if (!good)
    signet_host_har_close(har);
  return good;
}

void signet_host_har_close(struct har *har)
{
  if (har->file >= 0) {
    int kept = errno;

    (void)close(har->file);
    errno = kept;
  }
  har->file = -1;
}
