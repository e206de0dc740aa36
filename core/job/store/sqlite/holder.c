/* SPDX-License-Identifier: MIT */
#include "job/store/sqlite/holder.h"

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

enum { HOST_SIZE = 65 };

/* Each line has its place, so that it can be written by itself. */
enum {
  AT_HOLDER = 0,
  AT_NOTE = 256,
  AT_STATUS = 384,
  AT_NAME = 768,
  AT_ACCOUNT = 1024,
  FILE_SIZE = 1664
};

static const char FORM[] = "signet holder 1";
static const char NOBODY[] = "-"; /* in the place of a host */

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

/* ---- writing ---- */

/* Fills the place, so that nothing of a longer line is left. One write for each
 * line: a reader may come between any two of them. */
static bool put_line(int file, const char *text, int at, int end)
{
  char line[FILE_SIZE];
  int size = end - at;
  snprintf(line, sizeof line, "%-*.*s", size - 1, size - 1, text);
  line[size - 1] = '\n';
  return pwrite(file, line, (size_t)size, at) == size;
}

static void shorten(const char *text, char *out, size_t size)
{
  if (text == NULL || text[0] == '\0')
    text = "-";
  signet_text_escape(out, size, text, strlen(text));
}

static bool put_holder(int file, const char *host, const char *job)
{
  char line[AT_NOTE];
  snprintf(line, sizeof line, "%s %s %ld %" PRId64 " %s", FORM, host,
           (long)getpid(), signet_clock_unix_ms(), job);
  return put_line(file, line, AT_HOLDER, AT_NOTE);
}

void signet_holder_leave(int file, const char *job)
{
  (void)put_holder(file, NOBODY, job);
}

static bool put_all(int file, const signet_job_running *holder)
{
  static const signet_job_counts none;
  char line[FILE_SIZE], host[HOST_SIZE], shown[160];
  own_host(host);
  bool whole = put_holder(file, host, holder->id);
  signet_holder_tell(file, 0, &none, "");
  shorten(holder->name, shown, sizeof shown);
  snprintf(line, sizeof line, "name %.15s %s", holder->type, shown);
  whole = whole && put_line(file, line, AT_NAME, AT_ACCOUNT);
  snprintf(line, sizeof line, "account %.511s", holder->account);
  return whole && put_line(file, line, AT_ACCOUNT, FILE_SIZE);
}

int signet_holder_write(const char *journal, const signet_job_running *holder)
{
  char path[PATH_MAX + 16];
  if (!path_of(journal, path, sizeof path))
    return -1;
  int file = open(
      path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
      S_IRUSR | S_IWUSR);
  if (file < 0 || put_all(file, holder))
    return file;
  (void)close(file);
  (void)unlink(path);
  return -1;
}

void signet_holder_tell(int file, int64_t writes,
                        const signet_job_counts *counts, const char *waits)
{
  char line[AT_NAME - AT_STATUS];
  if (file < 0)
    return;
  snprintf(line, sizeof line,
           "status %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64
           " %" PRId64 " %s",
           writes, counts->done, counts->failed, counts->skipped,
           counts->unknown, counts->waiting, waits);
  (void)put_line(file, line, AT_STATUS, AT_NAME);
}

void signet_holder_note(int file, const char *note)
{
  char line[SIGNET_STORE_NOTE_SIZE + 8];
  if (file < 0)
    return;
  snprintf(line, sizeof line, "sent %.*s", SIGNET_STORE_NOTE_SIZE - 1, note);
  (void)put_line(file, line, AT_NOTE, AT_STATUS);
}

void signet_holder_remove(const char *journal)
{
  char path[PATH_MAX + 16];
  if (path_of(journal, path, sizeof path))
    (void)unlink(path);
}

/* ---- reading ---- */

/* Older versions wrote less of it. */
static bool read_file(const char *journal, char *content)
{
  char path[PATH_MAX + 16];
  if (!path_of(journal, path, sizeof path))
    return false;
  int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  ssize_t length = file >= 0 ? read(file, content, FILE_SIZE) : -1;
  if (file >= 0)
    (void)close(file);
  memset(content + (length > 0 ? length : 0), '\0',
         (size_t)(FILE_SIZE + 1 - (length > 0 ? length : 0)));
  return length > 0 && strchr(content, '\n') != NULL;
}

/* The text of a place, without the spaces that fill it. */
static const char *line_at(char *content, int at)
{
  char *line = content + at;
  line[strcspn(line, "\n")] = '\0';
  for (size_t end = strlen(line); end > 0 && line[end - 1] == ' '; end--)
    line[end - 1] = '\0';
  return line;
}

static void read_status(char *content, signet_job_running *holder)
{
  int used = 0;
  signet_job_counts *counts = &holder->counts;
  const char *status = line_at(content, AT_STATUS);
  if (sscanf(status,
             "status %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64
             " %" SCNd64 "%n",
             &holder->writes, &counts->done, &counts->failed, &counts->skipped,
             &counts->unknown, &counts->waiting, &used) == 6)
    snprintf(holder->waits, sizeof holder->waits, "%.*s",
             (int)sizeof holder->waits - 1,
             status[used] == ' ' ? status + used + 1 : "");
  const char *name = line_at(content, AT_NAME);
  if (sscanf(name, "name %15s %n", holder->type, &used) == 1)
    snprintf(holder->name, sizeof holder->name, "%.*s",
             (int)sizeof holder->name - 1, name + used);
  const char *account = line_at(content, AT_ACCOUNT);
  if (strncmp(account, "account ", 8) == 0)
    snprintf(holder->account, sizeof holder->account, "%.*s",
             (int)sizeof holder->account - 1, account + 8);
}

bool signet_holder_read(const char *journal, signet_job_running *holder)
{
  char content[FILE_SIZE + 1];
  long process;
  *holder = (signet_job_running){.writes = -1};
  if (!read_file(journal, content) ||
      sscanf(content, "signet holder 1 %64s %ld %" SCNd64 " %23[0-9a-fT-]",
             holder->host, &process, &holder->since_ms, holder->id) != 4 ||
      process <= 0)
    return false;
  holder->process = process;
  read_status(content, holder);
  return true;
}

bool signet_holder_read_note(const char *journal, char *note)
{
  char content[FILE_SIZE + 1];
  if (!read_file(journal, content))
    return false;
  const char *line = line_at(content, AT_NOTE);
  bool good = strncmp(line, "sent ", 5) == 0;
  if (good)
    snprintf(note, SIGNET_STORE_NOTE_SIZE, "%.*s", SIGNET_STORE_NOTE_SIZE - 1,
             line + 5);
  return good;
}

/* One that was killed leaves its line behind. */
static bool is_gone(const signet_job_running *holder)
{
  char own[HOST_SIZE];
  own_host(own);
  if (strcmp(holder->host, NOBODY) == 0)
    return true;
  return strcmp(holder->host, own) == 0 &&
         kill((pid_t)holder->process, 0) != 0 && errno == ESRCH;
}

bool signet_holder_find(const char *journal, signet_job_running *holder)
{
  if (signet_holder_read(journal, holder) && !is_gone(holder))
    return true;
  *holder = (signet_job_running){.writes = -1};
  return false;
}
