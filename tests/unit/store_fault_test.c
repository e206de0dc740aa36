/* SPDX-License-Identifier: MIT */
/* The n-th call of SQLite to the system or for memory fails, for every n: no
 * crash, an error that is right, and what was committed is there afterwards. */

#include "store_support.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <sqlite3.h>
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
  store_begin_in(FOLDER_IN_MEMORY);
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

  if (!store_open() || !store_put_job() || !store_commit()) {
    return -1;
  }
  while (committed < WRITES && put_long_write() &&
         (committed % 2 == 0 ? store_commit_beside() : store_commit())) {
    committed++;
  }
  if (committed < WRITES || !store->operations->each_write(
                                store, JOB, is_whole, &whole, &store_error)) {
    return -1 - committed;
  }
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
    if (calls < fail_at) {
      break;
    }
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
    if (calls < fail_at) {
      break;
    }
  }
  cr_assert_gt(fail_at, 3);
}

static void fail_memory(long step, bool always)
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
