/* SPDX-License-Identifier: MIT */
/* A disk that is full, a log that is damaged, a large journal. */

#include "sqlite_support.h"

#include "model/memory.h"

#include <criterion/criterion.h>

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a child says. */
static int said[2];

static void begin(void)
{
  sqlite_begin();
  cr_assert_eq(pipe(said), 0);
}

static void end(void)
{
  (void)close(said[0]);
  (void)close(said[1]);
  store_end();
}

TestSuite(store_disk, .init = begin, .fini = end);

static void say(const void *what, size_t size)
{
  if (write(said[1], what, size) != (ssize_t)size)
    _exit(99);
}

static void hear(void *what, size_t size)
{
  cr_assert_eq(read(said[0], what, size), (ssize_t)size);
}

/* In a child, which ends without a word to anybody. @return what it returned */
static int in_child(int (*function)(void))
{
  pid_t child = fork();
  int status = 0;

  cr_assert_geq(child, 0);
  if (child == 0)
    _exit(function());
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_assert(WIFEXITED(status), "%x", status);
  return WEXITSTATUS(status);
}

static int leave_a_log(void)
{
  bool good = store_open() && store_put_job() && store_commit();

  for (int i = 0; i < 20 && good; i++)
    good = store_put_write("1") != 0 && store_commit();
  return good;
}

/* What SQLite takes from a damaged log is its beginning, never a mixture. */
Test(store_disk, damaged_log)
{
  char log_path[sizeof store_path + 8], *log, *file;
  size_t log_size, file_size;
  long found;
  int shorter = 0;

  (void)snprintf(log_path, sizeof log_path, "%s-wal", store_path);
  cr_assert(in_child(leave_a_log));
  log = sqlite_read_file(log_path, &log_size);
  file = sqlite_read_file(store_path, &file_size);
  for (size_t at = 0; at < log_size; at += 1009) {
    log[at] = (char)(log[at] ^ 0x10);
    sqlite_write_file(store_path, file, file_size);
    sqlite_write_file(log_path, log, log_size);
    log[at] = (char)(log[at] ^ 0x10);
    if (!store_open()) {
      cr_assert_eq(store_error.kind, SIGNET_ERROR_STORE);
      continue;
    }
    found = store_count();
    cr_assert(found >= 0 && found <= 20, "%ld", found);
    shorter += found < 20;
    store_close();
  }
  cr_assert_gt(shorter, 0);
  sqlite_write_file(store_path, file, file_size);
  sqlite_write_file(log_path, log, log_size);
  store_holds(20);
  free(log);
  free(file);
}

/* Commits until no file can grow any more, then says how often it could. */
static int fill(void)
{
  struct rlimit limit = {.rlim_cur = 300 * 1000, .rlim_max = 300 * 1000};
  char text[5001] = "";
  long commits = 0;
  bool dead;
  signet_write_row row = {.job = JOB, .after = text};

  memset(text, 'x', sizeof text - 1);
  (void)signal(SIGXFSZ, SIG_IGN);
  if (setrlimit(RLIMIT_FSIZE, &limit) != 0 || !store_open() ||
      !store_put_job() || !store_commit())
    return 0;
  while (store->operations->put_write(store, &row, &store_error) &&
         store_commit()) {
    row.number = 0;
    commits++;
  }
  say(&commits, sizeof commits);
  say(&store_error, sizeof store_error);
  signet_error_init(&store_error);
  dead = store_put_write("1") == 0 && !store_commit() &&
         store_error.kind == SIGNET_ERROR_STORE;
  store_close();
  return dead;
}

Test(store_disk, full_file)
{
  signet_error error;
  long commits;

  cr_assert(in_child(fill));
  hear(&commits, sizeof commits);
  hear(&error, sizeof error);
  cr_assert_gt(commits, 5);
  cr_assert_eq(error.kind, SIGNET_ERROR_STORE);
  cr_assert_not_null(strstr(error.message, "largest size"), "%s",
                     error.message);
  cr_assert_not_null(strstr(error.message, store_path), "%s", error.message);
  store_holds(commits);
  cr_assert(store_put_write("1") != 0 && store_commit(), "%s",
            store_error.message);
}

/* What is changed of a job says nothing of its text: a plan of many steps. */
Test(store_disk, a_long_script_costs_no_memory_later)
{
  enum { SIZE = 4000 * 1000, LITTLE = 1000 * 1000 };
  signet_job_row row = {.id = JOB, .script = calloc(SIZE + 1, 1)};

  cr_assert_not_null(row.script);
  memset((char *)row.script, 'x', SIZE);
  cr_assert(store_open());
  cr_assert(store->operations->put_job(store, &row, &store_error));
  free((char *)row.script);
  cr_assert(store_commit());
  store_close();
  store_holds(0);
  (void)sqlite3_memory_highwater(1);
  cr_assert(store_put_job() && store_commit());
  cr_assert_eq(store_count(), 0);
  cr_assert_lt(sqlite3_memory_highwater(0), LITTLE);
}

/* The 100 000 writes of a large job are to stay under 120 MB. */
Test(store_disk, ten_thousand_writes_fit_into_twelve_megabytes)
{
  enum { COUNT = 10000, TURN = 64, BEFORE = 440, AFTER = 300 };
  char before[BEFORE + 1] = "", after[AFTER + 1] = "", target[24];
  struct stat status;
  signet_write_row row;

  cr_assert(store_open(), "%s", store_error.message);

  memset(before, 'b', BEFORE);
  memset(after, 'a', AFTER);
  cr_assert(store_put_job());
  for (int i = 0; i < COUNT; i++) {
    (void)snprintf(target, sizeof target, "%d", 987654321 + i);
    row = (signet_write_row){.job = JOB,
                             .verb = "update",
                             .kind = "template",
                             .target = target,
                             .before = before,
                             .after = after,
                             .state = "intent",
                             .intended_ms = 1700000000000};
    cr_assert(store->operations->put_write(store, &row, &store_error));
    row.state = "done";
    row.attempts = 1;
    row.decided_ms = 1700000000500;
    cr_assert(store->operations->put_write(store, &row, &store_error));
    if (i % TURN == 0)
      cr_assert(store_commit());
  }
  cr_assert(store_commit());
  store_close();
  store_holds(COUNT);
  cr_assert_eq(stat(store_path, &status), 0);
  cr_assert_lt(status.st_size, 12 * 1000 * 1000);
}
