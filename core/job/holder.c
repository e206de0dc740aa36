/* SPDX-License-Identifier: MIT */
#include "job/holder.h"

#include "job/store.h"
#include "model/clock.h"
#include "model/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { HOST_SIZE = 65, LINE_SIZE = 200 };

static const char FORM[] = "signet holder 1";

static bool path_of(const char *journal, char *path, size_t size)
{
  int length = snprintf(path, size, "%s-holder", journal);
  return (size_t)length < size;
}

static void own_host(char *host)
{
  if (gethostname(host, HOST_SIZE) != 0)
    snprintf(host, HOST_SIZE, "?");
  host[HOST_SIZE - 1] = '\0';
  for (char *at = host; *at != '\0'; at++)
    if (*at <= ' ' || *at > '~')
      *at = '?';
}

void signet_holder_write(const char *journal, const char *job)
{
  char path[PATH_MAX + 16], host[HOST_SIZE], line[LINE_SIZE];
  if (!path_of(journal, path, sizeof path))
    return;
  int file = open(
      path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
      S_IRUSR | S_IWUSR);
  if (file < 0)
    return;
  own_host(host);
  int length = snprintf(line, sizeof line, "%s %s %ld %" PRId64 " %s\n", FORM,
                        host, (long)getpid(), signet_clock_unix_ms(), job);
  bool whole = write(file, line, (size_t)length) == length;
  if (close(file) != 0 || !whole)
    (void)unlink(path);
}

void signet_holder_remove(const char *journal)
{
  char path[PATH_MAX + 16];
  if (path_of(journal, path, sizeof path))
    (void)unlink(path);
}

static bool read_line(const char *journal, char *line)
{
  char path[PATH_MAX + 16];
  if (!path_of(journal, path, sizeof path))
    return false;
  int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  ssize_t length = file >= 0 ? read(file, line, LINE_SIZE - 1) : -1;
  if (file >= 0)
    (void)close(file);
  line[length > 0 ? length : 0] = '\0';
  return length > 0 && line[length - 1] == '\n';
}

/* One that was killed leaves its line behind. */
static bool is_gone(const char *host, long process)
{
  char own[HOST_SIZE];
  own_host(own);
  return strcmp(host, own) == 0 && kill((pid_t)process, 0) != 0 &&
         errno == ESRCH;
}

bool signet_holder_describe(const char *journal, char *text, size_t size)
{
  char line[LINE_SIZE], host[HOST_SIZE], job[SIGNET_JOB_ID_SIZE], when[32];
  char shown[HOST_SIZE * 4];
  long process;
  int64_t since_ms;
  struct tm local;
  if (!read_line(journal, line) ||
      sscanf(line, "signet holder 1 %64s %ld %" SCNd64 " %23[0-9a-fT-]", host,
             &process, &since_ms, job) != 4 ||
      process <= 0 || is_gone(host, process))
    return false;
  time_t seconds = (time_t)(since_ms / 1000);
  if (localtime_r(&seconds, &local) == NULL ||
      strftime(when, sizeof when, "%Y-%m-%d %H:%M", &local) == 0)
    return false;
  signet_text_escape(shown, sizeof shown, host, strlen(host));
  snprintf(text, size, "job %s, process %ld on %s since %s", job, process,
           shown, when);
  return true;
}
