/* SPDX-License-Identifier: MIT */
#include "job/store/sqlite/snapshot.h"

#include "job/store/sqlite/connect.h"
#include "job/store/sqlite/explain.h"
#include "job/store/sqlite/holder.h"
#include "job/store/sqlite/live.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A log begins anew after some megabytes of writes, and a journal of a gigabyte
 * is read in a second: this is for a machine that has much else to do. */
enum { PATIENCE_MS = 20000, PAUSE_MS = 5 };

/* Places in the header of a database: sqlite.org/fileformat2.html. */
enum {
  HEADER = 100,
  AT_PAGE_SIZE = 16,
  AT_CHANGES = 24,
  AT_PAGES = 28,
  AT_VALID = 92
};

/* What is the same as long as no job begins, ends or begins its log anew. */
typedef struct version {
  size_t length; /* of the log's header, as much as there is */
  unsigned char log[SIGNET_STORE_WAL_HEADER];
  struct stat file;
} version;

typedef struct taking {
  signet_store_snapshot *into;
  const signet_store_file *file;
  char log_path[PATH_MAX + 8];
  signet_store_live live;
  version version;
  signet_store_mark mark;
  signet_store_wal log; /* what `bytes` holds */
  unsigned char *bytes; /* of the log */
  int64_t seen_lost;    /* by the attempt before … */
  int64_t seen_frames;  /* … and how far the log got then; -1: none was */
  bool changed;         /* the files, meanwhile */
} taking;

static bool fail(const taking *all, int code, signet_error *error)
{
  return signet_store_explain(NULL, code, all->file->shown, error);
}

/* ---- what the files are ---- */

static int open_log(const taking *all)
{
  return open(all->log_path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

static void read_version(const taking *all, version *out)
{
  int file = open_log(all);
  ssize_t length = file >= 0 ? pread(file, out->log, sizeof out->log, 0) : 0;

  memset(&out->file, 0, sizeof out->file);
  out->length = length > 0 ? (size_t)length : 0;
  if (file >= 0)
    (void)close(file);
  (void)lstat(all->file->path, &out->file);
}

/* Without a log, only a job that began and ended meanwhile can have changed the
 * file; with one, pages are moved there as it goes on. */
static bool is_same(const version *a, const version *b)
{
  if (a->length != b->length || memcmp(a->log, b->log, a->length) != 0)
    return false;
  return a->file.st_ino == b->file.st_ino &&
         (a->length > 0 ||
          (a->file.st_size == b->file.st_size &&
           a->file.st_mtim.tv_sec == b->file.st_mtim.tv_sec &&
           a->file.st_mtim.tv_nsec == b->file.st_mtim.tv_nsec));
}

/* Before the reading and after it: a job that is seen at neither moment had no
 * time to leave anything in the files. */
static void look_for_holder(taking *all)
{
  signet_job_running holder;

  if (signet_store_live_is_held(&all->live)) {
    all->into->held = true;
    if (signet_holder_find(all->file->path, &holder))
      all->into->holder = holder;
  }
}

/* ---- reading ---- */

/* What one attempt needed serves the next. */
static bool make_room(signet_store_snapshot *snapshot, size_t size)
{
  unsigned char *pages;

  if (size > snapshot->room) {
    pages = signet_memory_resize(snapshot->pages, size, 1);
    if (pages == NULL)
      return false;
    snapshot->pages = pages;
    snapshot->room = size;
  }
  return true;
}

static bool read_pages(taking *all, signet_error *error)
{
  signet_store_snapshot *into = all->into;
  int code = signet_store_live_size(&all->live, &into->size);

  if (code == SQLITE_OK && into->size > 0) {
    code = make_room(into, into->size)
               ? signet_store_live_read(&all->live, into->pages, into->size)
               : SQLITE_NOMEM;
  }
  all->changed = code == SQLITE_IOERR_SHORT_READ;
  return code == SQLITE_OK || all->changed || fail(all, code, error);
}

/* All that it holds, the frame that is being written included. */
static bool read_log(taking *all, signet_error *error)
{
  int file = open_log(all);
  struct stat status;
  ssize_t length = 0;
  bool good = true;

  all->log = (signet_store_wal){.file = -1};
  if (file >= 0 && fstat(file, &status) == 0 && status.st_size > 0) {
    all->bytes = signet_memory_zeroed((size_t)status.st_size, 1);
    good = all->bytes != NULL || fail(all, SQLITE_NOMEM, error);
    while (good && all->log.size < (size_t)status.st_size &&
           (length = pread(file, all->bytes + all->log.size,
                           (size_t)status.st_size - all->log.size,
                           (off_t)all->log.size)) > 0)
      all->log.size += (size_t)length;
    good = good && (length >= 0 || fail(all, SQLITE_IOERR_READ, error));
  }
  if (file >= 0)
    (void)close(file);
  all->log.bytes = all->bytes;
  return good;
}

static uint32_t word(const unsigned char *at)
{
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
         at[3];
}

/* ---- what it comes to ---- */

static bool lay_over(taking *all, signet_error *error)
{
  signet_store_snapshot *into = all->into;
  signet_store_wal *log = &all->log;
  uint32_t number, pages = 0;
  size_t size;

  if (log->committed == 0)
    return true;
  (void)signet_store_wal_frame(log, log->committed - 1, &number, &pages);
  size = (size_t)pages * log->page;
  if (!make_room(into, size))
    return fail(all, SQLITE_NOMEM, error);
  if (size > into->size)
    memset(into->pages + into->size, 0, size - into->size);
  into->size = size;
  for (int64_t i = 0; i < log->committed; i++) {
    const unsigned char *page = signet_store_wal_frame(log, i, &number, &pages);
    size_t at = ((size_t)number - 1) * log->page;

    if (at + log->page <= size)
      memcpy(into->pages + at, page, log->page);
  }
  return true;
}

/* SQLite reads what is missing of the last page as zeros. While the log holds
 * pages the file may lack them: a crash can have come between. */
static bool is_cut(const taking *all)
{
  const unsigned char *pages = all->into->pages;
  uint32_t page;

  if (all->log.committed > 0 || all->into->size < HEADER ||
      memcmp(pages + AT_CHANGES, pages + AT_VALID, 4) != 0)
    return false;
  page = word(pages + AT_PAGE_SIZE) >> 16;
  page = page == 1 ? SIGNET_STORE_WAL_PAGE_MAXIMUM : page;
  return (size_t)word(pages + AT_PAGES) * page > all->into->size;
}

/* Of a log that goes on, a frame may have been read before it was written, and
 * those behind it after that. So damage is what stays as it is. */
static bool is_in_doubt(taking *all)
{
  bool doubtful = all->into->held && all->into->state != SIGNET_STORE_WHOLE &&
                  (all->seen_frames != all->log.frames ||
                   all->seen_lost != all->into->lost);

  all->seen_frames = all->log.frames;
  all->seen_lost = all->into->lost;
  return doubtful;
}

static bool judge(taking *all, signet_error *error)
{
  signet_store_snapshot *into = all->into;
  bool used = into->size >= HEADER && signet_store_says_used(into->pages);

  if (all->log.size == 0) {
    into->state = used ? SIGNET_STORE_NO_LOG : SIGNET_STORE_WHOLE;
  } else {
    into->state =
        signet_store_judge_log(&all->log, &all->mark, used, &into->lost);
  }
  all->changed = is_in_doubt(all);
  into->cut = is_cut(all);
  into->sequence = all->mark.sequence;
  return all->changed || lay_over(all, error);
}

/* ---- all of it ---- */

static bool read_all(taking *all, signet_error *error)
{
  version after;

  look_for_holder(all);
  read_version(all, &all->version);
  if (!read_pages(all, error) || (!all->changed && !read_log(all, error)))
    return false;
  read_version(all, &after);
  look_for_holder(all);
  all->changed = all->changed || !is_same(&all->version, &after);
  return all->changed || judge(all, error);
}

static bool try_once(taking *all, signet_error *error)
{
  int code;
  bool good;

  *all->into = (signet_store_snapshot){.pages = all->into->pages,
                                       .room = all->into->room,
                                       .state = SIGNET_STORE_WHOLE};
  all->changed = false;
  /* First: it never says more than the log holds that is read after it. */
  signet_store_mark_read(all->file->path, &all->mark);
  errno = 0;
  code = signet_store_live_open(&all->live, all->file);
  if (code != SQLITE_OK && errno == ENOENT) {
    return signet_error_set(error, SIGNET_ERROR_NOT_FOUND,
                            "the journal %s is not there any more",
                            all->file->shown);
  }
  if (code != SQLITE_OK)
    return fail(all, code, error);
  good = read_all(all, error);
  signet_store_live_close(&all->live);
  signet_memory_free(all->bytes);
  all->bytes = NULL;
  return good;
}

bool signet_store_snapshot_take(signet_store_snapshot *snapshot,
                                const signet_store_file *file,
                                signet_error *error)
{
  taking *all = signet_memory_zeroed(1, sizeof *all);
  int64_t end = signet_clock_boot_ms() + PATIENCE_MS;
  bool good = all != NULL, changed;

  *snapshot = (signet_store_snapshot){.pages = NULL};
  if (!good)
    return signet_store_explain(NULL, SQLITE_NOMEM, file->shown, error);
  all->into = snapshot;
  all->file = file;
  all->seen_frames = -1;
  (void)snprintf(all->log_path, sizeof all->log_path, "%s-wal", file->path);
  good = try_once(all, error);
  while (good && all->changed && signet_clock_boot_ms() < end) {
    signet_clock_pause(PAUSE_MS);
    good = try_once(all, error);
  }
  changed = all->changed;
  signet_memory_free(all);
  return good && (!changed ||
                  signet_error_set(error, SIGNET_ERROR_LOCKED,
                                   "the journal %s changes faster than it can "
                                   "be read: try again",
                                   file->shown));
}

void signet_store_snapshot_free(signet_store_snapshot *snapshot)
{
  signet_memory_free(snapshot->pages);
  snapshot->pages = NULL;
}
