/* SPDX-License-Identifier: MIT */
/* The n-th call of SQLite to the system or for memory fails, for every n: no
 * crash, an error that is right, and what was committed is there afterwards. */

#include "sqlite_support.h"

#include "model/memory.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WRITES = 3 };

static long calls, fail_at; /* fail_at 0: none fails */
static bool sticky;
static int number; /* what errno becomes */

static bool fails(void)
{
  calls++;
  return fail_at != 0 && (sticky ? calls >= fail_at : calls == fail_at);
}

static ssize_t failing_write(int file, const void *from, size_t size,
                             off_t offset)
{
  if (fails()) {
    errno = number;
    return -1;
  }
  return pwrite(file, from, size, offset);
}

static ssize_t failing_read(int file, void *to, size_t size, off_t offset)
{
  if (fails()) {
    errno = number;
    return -1;
  }
  return pread(file, to, size, offset);
}

static void replace_call(const char *name, sqlite3_syscall_ptr function)
{
  sqlite3_vfs *system = sqlite3_vfs_find("unix");

  cr_assert_not_null(system);
  cr_assert_eq(system->xSetSystemCall(system, name, function), SQLITE_OK);
}

static sqlite3_mem_methods memory;

static void *failing_malloc(int size)
{
  return fails() ? NULL : memory.xMalloc(size);
}

static void *failing_realloc(void *old, int size)
{
  return fails() ? NULL : memory.xRealloc(old, size);
}

/* Where a sync costs nothing. */
static void begin(void)
{
  sqlite_begin_in(FOLDER_IN_MEMORY);
}

TestSuite(store_fault, .init = begin, .fini = store_end);

static bool is_whole(void *user, const signet_write_row *row)
{
  *(bool *)user = row->verb != NULL && row->kind != NULL &&
                  row->target != NULL && row->after != NULL &&
                  row->state != NULL;
  return *(bool *)user;
}

/* Its text is so long that reading it takes memory. */
static bool put_long_write(void)
{
  static char text[2000];
  signet_write_row row = {.job = JOB,
                          .verb = "update",
                          .kind = "sign",
                          .target = "1",
                          .after = text,
                          .state = "intent"};

  memset(text, 'x', sizeof text - 1);
  return store->operations->put_write(store, &row, &store_error);
}

/* Commits writes and reads them. @return how many were committed, or -1 - so
 * many where something failed */
static long use_store(void)
{
  long committed = 0;
  bool whole = true;

  if (!store_open() || !store_put_job() || !store_commit())
    return -1;
  while (committed < WRITES && put_long_write() &&
         (committed % 2 == 0 ? store_commit_beside() : store_commit()))
    committed++;
  if (committed < WRITES || !store->operations->each_write(
                                store, JOB, is_whole, &whole, &store_error))
    return -1 - committed;
  cr_assert(whole, "call %ld: a text is missing", fail_at);
  return committed;
}

static void fail_each(long step, signet_error_kind kind, const char *words)
{
  long committed, found, failures = 0;

  for (fail_at = 1;; fail_at += step) {
    calls = 0;
    committed = use_store();
    if (committed < 0) {
      failures++;
      committed = -1 - committed;
      cr_assert_eq(store_error.kind, kind, "call %ld: %s", fail_at,
                   store_error.message);
      cr_assert_not_null(strstr(store_error.message, words), "call %ld: %s",
                         fail_at, store_error.message);
    }
    store_close();
    if (calls < fail_at)
      break;
    long at = fail_at;
    fail_at = 0;
    cr_assert(store_open(), "call %ld: %s", at, store_error.message);
    found = store_count();
    cr_assert(found == committed || found == committed + 1,
              "call %ld: %ld writes, %ld committed", at, found, committed);
    store_close();
    cr_assert_eq(unlink(store_path), 0);
    fail_at = at;
  }
  cr_assert_gt(failures, 3);
}

static void fail_writes(int with, bool always, const char *words)
{
  number = with;
  sticky = always;
  replace_call("pwrite", (sqlite3_syscall_ptr)failing_write);
  replace_call("pwrite64", (sqlite3_syscall_ptr)failing_write);
  fail_each(1, SIGNET_ERROR_STORE, words);
}

Test(store_fault, a_write_fails)
{
  fail_writes(EIO, false, "Input/output error");
}

Test(store_fault, all_writes_fail)
{
  fail_writes(EIO, true, "Input/output error");
}

Test(store_fault, the_disk_is_full_once)
{
  fail_writes(ENOSPC, false, "the disk is full");
}

Test(store_fault, the_disk_stays_full)
{
  fail_writes(ENOSPC, true, "the disk is full");
}

Test(store_fault, a_read_fails)
{
  number = EIO;
  cr_assert_geq(use_store(), 0);
  store_close();
  replace_call("pread", (sqlite3_syscall_ptr)failing_read);
  replace_call("pread64", (sqlite3_syscall_ptr)failing_read);
  for (fail_at = 1;; fail_at++) {
    calls = 0;
    if (store_open()) {
      cr_assert_eq(store_count(), WRITES);
      store_close();
    } else {
      cr_assert_eq(store_error.kind, SIGNET_ERROR_STORE);
    }
    if (calls < fail_at)
      break;
  }
  cr_assert_gt(fail_at, 3);
}

static void fail_sqlite_memory(bool always)
{
  sqlite3_mem_methods failing;

  cr_assert_eq(sqlite3_shutdown(), SQLITE_OK);
  cr_assert_eq(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory), SQLITE_OK);
  failing = memory;
  failing.xMalloc = failing_malloc;
  failing.xRealloc = failing_realloc;
  cr_assert_eq(sqlite3_config(SQLITE_CONFIG_MALLOC, &failing), SQLITE_OK);
  cr_assert_eq(sqlite3_initialize(), SQLITE_OK);
  sticky = always;
}

static void fail_memory(long step, bool always)
{
  fail_sqlite_memory(always);
  fail_each(step, SIGNET_ERROR_MEMORY, "out of memory");
}

Test(store_fault, no_memory_once)
{
  fail_memory(1, false);
}

/* Of 2000 allocations each seventh is enough: under valgrind it takes time. */
Test(store_fault, no_memory_any_more)
{
  fail_memory(7, true);
}

/* ---- a journal that is there ---- */

static bool see_job(void *user, const signet_job_row *row)
{
  *(bool *)user = row->id != NULL;
  return *(bool *)user;
}

/* Opens it, reads all that it holds, and adds to it.
 * @return whether the last commit was made */
static bool go_on(void)
{
  const signet_store_operations *operations;
  signet_job_row job = {.id = JOB, .state = "done"};
  signet_write_row outcome = {.number = 1, .job = JOB, .state = "failed"};
  char *value = NULL;
  bool whole = true, good;

  if (!store_open())
    return false;
  operations = store->operations;
  good = operations->each_job(store, NULL, see_job, &whole, &store_error) &&
         operations->put_step(store, JOB, "step", "[1]", &store_error) &&
         operations->get_step(store, JOB, "step", &value, &store_error) &&
         operations->put_write(store, &outcome, &store_error) &&
         put_long_write() &&
         operations->each_write(store, JOB, is_whole, &whole, &store_error) &&
         store_begin_commit() && put_long_write() &&
         operations->put_job(store, &job, &store_error) &&
         operations->end_commit(store, &store_error) && store_commit();
  cr_assert(whole, "call %ld: a text is missing", fail_at);
  signet_memory_free(value);
  return good;
}

/* @param writes  those that the file holds */
static void fail_each_again(long step, signet_error_kind kind,
                            const char *words, long writes)
{
  size_t size;
  char *content = sqlite_read_file(store_path, &size);
  char log[260];
  long failures = 0;

  (void)snprintf(log, sizeof log, "%s-wal", store_path);
  for (fail_at = 1;; fail_at += step) {
    calls = 0;
    bool good = go_on();
    signet_error error = store_error;
    store_close();
    if (calls < fail_at)
      break;
    long at = fail_at;
    fail_at = 0;
    if (!good) {
      failures++;
      cr_assert_eq(error.kind, kind, "call %ld: %s", at, error.message);
      cr_assert_not_null(strstr(error.message, words), "call %ld: %s", at,
                         error.message);
    }
    cr_assert(store_open(), "call %ld: %s", at, store_error.message);
    long found = store_count();
    cr_assert(good ? found == writes + 2
                   : found >= writes && found <= writes + 2,
              "call %ld: %ld writes", at, found);
    store_close();
    (void)unlink(log);
    sqlite_write_file(store_path, content, size);
    fail_at = at;
  }
  cr_assert_gt(failures, 3);
  free(content);
}

static void make_current(void)
{
  cr_assert_eq(use_store(), WRITES, "%s", store_error.message);
  store_close();
}

Test(store_fault, no_memory_once_in_a_journal_that_is_there)
{
  make_current();
  fail_sqlite_memory(false);
  fail_each_again(1, SIGNET_ERROR_MEMORY, "out of memory", WRITES);
}

Test(store_fault, no_memory_any_more_in_a_journal_that_is_there)
{
  make_current();
  fail_sqlite_memory(true);
  fail_each_again(5, SIGNET_ERROR_MEMORY, "out of memory", WRITES);
}

Test(store_fault, no_memory_once_for_an_older_journal)
{
  sqlite_make_version_1();
  fail_sqlite_memory(false);
  fail_each_again(1, SIGNET_ERROR_MEMORY, "out of memory", 2);
}

Test(store_fault, a_write_fails_in_an_older_journal)
{
  sqlite_make_version_1();
  number = EIO;
  replace_call("pwrite", (sqlite3_syscall_ptr)failing_write);
  replace_call("pwrite64", (sqlite3_syscall_ptr)failing_write);
  fail_each_again(1, SIGNET_ERROR_STORE, "Input/output error", 2);
}

Test(store_fault, all_writes_fail_in_a_journal_that_is_there)
{
  make_current();
  number = EIO;
  sticky = true;
  replace_call("pwrite", (sqlite3_syscall_ptr)failing_write);
  replace_call("pwrite64", (sqlite3_syscall_ptr)failing_write);
  fail_each_again(1, SIGNET_ERROR_STORE, "Input/output error", WRITES);
}

/* ---- a reader ---- */

static void fail_each_of_a_reader(long writes, signet_error_kind kind)
{
  long failures = 0;

  for (fail_at = 1;; fail_at++) {
    calls = 0;
    bool good = store_read() && store_count() == writes;
    cr_assert(good || store_error.kind == kind, "call %ld: %s", fail_at,
              store_error.message);
    failures += !good;
    store_close();
    if (calls < fail_at)
      break;
  }
  fail_at = 0;
  cr_assert_gt(failures, 3);
  store_holds(writes);
}

Test(store_fault, no_memory_for_a_reader)
{
  make_current();
  fail_sqlite_memory(false);
  fail_each_of_a_reader(WRITES, SIGNET_ERROR_MEMORY);
}

Test(store_fault, no_memory_for_a_reader_of_an_older_journal)
{
  sqlite_make_version_1();
  fail_sqlite_memory(true);
  fail_each_of_a_reader(2, SIGNET_ERROR_MEMORY);
}

Test(store_fault, a_read_of_a_reader_fails)
{
  enum { MEGABYTES = 5 }; /* each is a call */
  static char text[1000000];
  signet_write_row row = {.job = JOB, .verb = "update", .after = text};

  memset(text, 'x', sizeof text - 1);
  cr_assert(store_open() && store_put_job());
  for (int i = 0; i < MEGABYTES; i++) {
    row.number = 0;
    cr_assert(store->operations->put_write(store, &row, &store_error));
  }
  cr_assert(store_commit());
  store_close();
  number = EIO;
  replace_call("pread", (sqlite3_syscall_ptr)failing_read);
  replace_call("pread64", (sqlite3_syscall_ptr)failing_read);
  fail_each_of_a_reader(MEGABYTES, SIGNET_ERROR_STORE);
}
