/* SPDX-License-Identifier: MIT */
#include "job/store/sqlite/damage.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MARK = 80 };

/* ---- the mark ---- */

static bool beside(const char *journal, const char *ending, char *path,
                   size_t size)
{
  int length = snprintf(path, size, "%s-%s", journal, ending);

  return (size_t)length < size;
}

/* Not synced: it outlives a killed process in any case, and after a power cut
 * an older mark says less than the log holds, which is no harm. */
int signet_store_mark_open(const char *journal)
{
  char path[PATH_MAX + 8];

  return beside(journal, "mark", path, sizeof path)
             ? open(path,
                    O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                    S_IRUSR | S_IWUSR)
             : -1;
}

/* A sum, so that a mark which is not whole is none. */
static uint32_t sum_of(const signet_store_mark *mark)
{
  return (mark->salt[0] * 31 + mark->salt[1]) * 31 +
         (uint32_t)mark->frames * 2654435761u +
         (uint32_t)mark->sequence * 2246822519u + 7;
}

void signet_store_mark_put(int file, const signet_store_mark *mark)
{
  char text[MARK + 1];

  if (file < 0)
    return;
  (void)snprintf(text, sizeof text,
                 "signet mark 2 %08" PRIx32 " %08" PRIx32 " %016" PRIx64
                 " %016" PRIx64 " %08" PRIx32 " \n",
                 mark->salt[0], mark->salt[1], (uint64_t)mark->frames,
                 (uint64_t)mark->sequence, sum_of(mark));
  if (pwrite(file, text, strlen(text), 0) < 0)
    return;
}

void signet_store_mark_remove(const char *journal)
{
  char path[PATH_MAX + 8];

  if (beside(journal, "mark", path, sizeof path))
    (void)unlink(path);
}

static bool parse_mark(const char *text, signet_store_mark *mark)
{
  uint64_t frames, sequence = 0;
  uint32_t sum;

  if (sscanf(text,
             "signet mark 2 %8" SCNx32 " %8" SCNx32 " %16" SCNx64 " %16" SCNx64
             " %8" SCNx32,
             &mark->salt[0], &mark->salt[1], &frames, &sequence, &sum) != 5 &&
      sscanf(text, /* of an older version */
             "signet mark 1 %8" SCNx32 " %8" SCNx32 " %16" SCNx64 " %8" SCNx32,
             &mark->salt[0], &mark->salt[1], &frames, &sum) != 4)
    return false;
  mark->frames = (int64_t)frames;
  mark->sequence = (int64_t)sequence;
  return sum == sum_of(mark);
}

void signet_store_mark_read(const char *journal, signet_store_mark *mark)
{
  char path[PATH_MAX + 8], text[MARK + 1] = "";
  ssize_t length = -1;
  int file;

  if (beside(journal, "mark", path, sizeof path)) {
    file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    length = file >= 0 ? read(file, text, MARK) : -1;
    if (file >= 0)
      (void)close(file);
  }
  if (length <= 0 || !parse_mark(text, mark))
    *mark = (signet_store_mark){{0, 0}, 0, 0};
}

/* ---- the log ---- */

/* A mark of another log says nothing: its salts differ. */
static bool is_behind_mark(const signet_store_wal *log,
                           const signet_store_mark *mark)
{
  return mark->salt[0] == log->salt[0] && mark->salt[1] == log->salt[1] &&
         log->committed < mark->frames;
}

signet_store_state signet_store_judge_log(signet_store_wal *log,
                                          const signet_store_mark *mark,
                                          bool used, int64_t *lost)
{
  *lost = 0;
  if (!signet_store_wal_read(log))
    return used ? SIGNET_STORE_CUT : SIGNET_STORE_WHOLE;
  *lost = signet_store_wal_lost(log);
  return is_behind_mark(log, mark) || *lost > 0 ? SIGNET_STORE_CUT
                                                : SIGNET_STORE_WHOLE;
}

signet_store_state signet_store_check_log(const char *journal, bool used,
                                          int64_t *lost)
{
  char path[PATH_MAX + 8];
  signet_store_wal log = {.file = -1};
  signet_store_mark mark;
  struct stat status;
  signet_store_state state = used ? SIGNET_STORE_NO_LOG : SIGNET_STORE_WHOLE;

  *lost = 0;
  if (!beside(journal, "wal", path, sizeof path))
    return SIGNET_STORE_WHOLE;
  log.file = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (log.file >= 0) {
    signet_store_mark_read(journal, &mark);
    if (fstat(log.file, &status) == 0 && status.st_size > 0)
      state = signet_store_judge_log(&log, &mark, used, lost);
    if (state == SIGNET_STORE_WHOLE && log.begins)
      signet_store_wal_clear_rest(&log);
    (void)close(log.file);
  }
  return state;
}
