/* SPDX-License-Identifier: MIT */
#include "job/store/damage.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The form of the log: sqlite.org/fileformat2.html, "The Write-Ahead Log". */
enum {
  HEADER = 32,
  FRAME = 24,
  SUMMED = 8, /* bytes of a frame's head that its checksum is of */
  PAGE_MINIMUM = 512,
  PAGE_MAXIMUM = 65536,
  MARK = 80
};

static const uint32_t MAGIC = 0x377f0682; /* and one more: big-endian sums */

/* ---- the mark ---- */

static bool beside(const char *journal, const char *ending, char *path,
                   size_t size)
{
  int length = snprintf(path, size, "%s-%s", journal, ending);

  return (size_t)length < size;
}

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

  if (file < 0) {
    return;
  }
  (void)snprintf(text, sizeof text,
                 "signet mark 2 %08" PRIx32 " %08" PRIx32 " %016" PRIx64
                 " %016" PRIx64 " %08" PRIx32 " \n",
                 mark->salt[0], mark->salt[1], (uint64_t)mark->frames,
                 (uint64_t)mark->sequence, sum_of(mark));
  if (pwrite(file, text, strlen(text), 0) < 0) {
    return;
  }
}

void signet_store_mark_remove(const char *journal)
{
  char path[PATH_MAX + 8];

  if (beside(journal, "mark", path, sizeof path)) {
    (void)unlink(path);
  }
}

static bool read_mark(const char *journal, signet_store_mark *mark)
{
  char path[PATH_MAX + 8], text[MARK + 1] = "";
  uint64_t frames, sequence = 0;
  uint32_t sum;
  ssize_t length;
  int file;

  if (!beside(journal, "mark", path, sizeof path)) {
    return false;
  }
  file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  length = file >= 0 ? read(file, text, MARK) : -1;
  if (file >= 0) {
    (void)close(file);
  }
  if (length <= 0 ||
      (sscanf(text,
              "signet mark 2 %8" SCNx32 " %8" SCNx32 " %16" SCNx64 " %16" SCNx64
              " %8" SCNx32,
              &mark->salt[0], &mark->salt[1], &frames, &sequence, &sum) != 5 &&
       sscanf(text, /* of an older version */
              "signet mark 1 %8" SCNx32 " %8" SCNx32 " %16" SCNx64 " %8" SCNx32,
              &mark->salt[0], &mark->salt[1], &frames, &sum) != 4)) {
    return false;
  }
  mark->frames = (int64_t)frames;
  mark->sequence = (int64_t)sequence;
  return sum == sum_of(mark);
}

int64_t signet_store_mark_sequence(const char *journal)
{
  signet_store_mark mark;

  return read_mark(journal, &mark) ? mark.sequence : 0;
}

/* ---- the log ---- */

typedef struct reading {
  int file;
  bool big_endian; /* how the words of the sums are read */
  uint32_t page;
  unsigned char *bytes; /* of one frame */
  unsigned char salt[8];
  uint32_t sum[2];
  int64_t frames; /* whole ones */
  int64_t committed;
} reading;

static uint32_t word(const unsigned char *at)
{
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
         at[3];
}

static uint32_t word_of_sum(const unsigned char *at, bool big_endian)
{
  return big_endian ? word(at)
                    : (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 |
                          (uint32_t)at[1] << 8 | at[0];
}

static void add_to_sum(reading *log, const unsigned char *bytes, size_t size)
{
  for (size_t i = 0; i < size; i += 8) {
    log->sum[0] += word_of_sum(bytes + i, log->big_endian) + log->sum[1];
    log->sum[1] += word_of_sum(bytes + i + 4, log->big_endian) + log->sum[0];
  }
}

static bool read_header(reading *log)
{
  unsigned char head[HEADER];

  if (pread(log->file, head, sizeof head, 0) != (ssize_t)sizeof head ||
      (word(head) & ~1u) != MAGIC) {
    return false;
  }
  log->big_endian = (word(head) & 1) != 0;
  log->page = word(head + 8);
  memcpy(log->salt, head + 16, sizeof log->salt);
  add_to_sum(log, head, SUMMED * 3);
  return log->page >= PAGE_MINIMUM && log->page <= PAGE_MAXIMUM &&
         (log->page & (log->page - 1)) == 0 && log->sum[0] == word(head + 24) &&
         log->sum[1] == word(head + 28);
}

/* @return bytes of the frame that are there, 0: none of its head */
static size_t read_frame(const reading *log, int64_t index)
{
  size_t size = FRAME + log->page;
  ssize_t length =
      pread(log->file, log->bytes, size, HEADER + index * (int64_t)size);

  return length >= FRAME ? (size_t)length : 0;
}

static bool is_of_log(const reading *log)
{
  return memcmp(log->bytes + 8, log->salt, sizeof log->salt) == 0;
}

static bool is_commit(const reading *log)
{
  return word(log->bytes + 4) != 0;
}

/* The frames that SQLite takes. */
static void read_whole(reading *log)
{
  for (;;) {
    if (read_frame(log, log->frames) != FRAME + log->page || !is_of_log(log) ||
        word(log->bytes) == 0) {
      return;
    }
    add_to_sum(log, log->bytes, SUMMED);
    add_to_sum(log, log->bytes + FRAME, log->page);
    if (log->sum[0] != word(log->bytes + 16) ||
        log->sum[1] != word(log->bytes + 20)) {
      return;
    }
    log->frames++;
    if (is_commit(log)) {
      log->committed = log->frames;
    }
  }
}

/* A commit is durable before the next frame is written. So where a frame of
 * this log follows a commit that SQLite doesn't take, that commit was lost.
 * What was not durable yet may be there in part, after a power cut.
 * @return how many were lost, at least */
static int64_t lost_commits(const reading *log)
{
  int64_t lost = 0;
  bool commit = false;

  for (int64_t i = log->frames; read_frame(log, i) > 0; i++) {
    if (!is_of_log(log)) {
      continue;
    }
    lost += commit;
    commit = is_commit(log);
  }
  return lost;
}

static bool is_behind_mark(const reading *log, const char *journal)
{
  signet_store_mark mark;

  return read_mark(journal, &mark) && mark.salt[0] == word(log->salt) &&
         mark.salt[1] == word(log->salt + 4) && log->committed < mark.frames;
}

static signet_store_state judge(reading *log, const char *journal, bool used,
                                int64_t *lost)
{
  bool cut;

  if (!read_header(log)) {
    return used ? SIGNET_STORE_CUT : SIGNET_STORE_WHOLE;
  }
  log->bytes = malloc(FRAME + log->page);
  if (log->bytes == NULL) {
    return SIGNET_STORE_WHOLE; /* what follows needs memory, and fails */
  }
  read_whole(log);
  *lost = lost_commits(log);
  cut = is_behind_mark(log, journal) || *lost > 0;
  free(log->bytes);
  return cut ? SIGNET_STORE_CUT : SIGNET_STORE_WHOLE;
}

signet_store_state signet_store_check_log(const char *journal, bool used,
                                          int64_t *lost)
{
  char path[PATH_MAX + 8];
  reading log = {.file = -1};
  struct stat status;
  signet_store_state state = used ? SIGNET_STORE_NO_LOG : SIGNET_STORE_WHOLE;

  *lost = 0;
  if (!beside(journal, "wal", path, sizeof path)) {
    return SIGNET_STORE_WHOLE;
  }
  log.file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (log.file >= 0) {
    if (fstat(log.file, &status) == 0 && status.st_size > 0) {
      state = judge(&log, journal, used, lost);
    }
    (void)close(log.file);
  }
  return state;
}
