/* SPDX-License-Identifier: MIT */
/* Every allocation of the store itself fails in turn: what was committed is
 * there, and what is read is whole. (SQLite's own are store_fault_test.c's.) */
#include "memory_sweep.h"
#include "model/memory.h"
#include "sqlite_support.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

enum { WRITES = 300, FEW = 10 };

TestSuite(store_memory, .init = memory_sweep_init, .timeout = 300);

static long committed;

static void begin(void)
{
  sqlite_begin_in(FOLDER_IN_MEMORY);
}

static bool put_outcome(int64_t number)
{
  signet_write_row row = {.number = number, .job = JOB, .state = "done"};
  return store->operations->put_write(store, &row, &store_error);
}

static bool fill(void)
{
  for (long i = 0; i < WRITES; i++) {
    if (store_put_write("1") == 0 || (i >= FEW && !put_outcome(i - FEW + 1)))
      return false;
    if (i % 100 == 99) {
      if (!(i % 200 == 99 ? store_commit_beside() : store_commit()))
        return false;
      committed = i + 1;
    }
  }
  return true;
}

static bool count_states(void *user, const signet_write_row *row)
{
  long *count = user;
  count[0]++;
  cr_assert_eq(row->number, count[0]);
  count[1] += strcmp(row->state, "done") == 0;
  return true;
}

static bool use_store(void)
{
  char *value = NULL;
  long count[2] = {0};
  committed = 0;
  bool good =
      store_open() && store_put_job() && store_commit() && fill() &&
      store->operations->put_step(store, JOB, "s", "[1]", &store_error) &&
      store->operations->get_step(store, JOB, "s", &value, &store_error) &&
      store->operations->each_write(store, JOB, count_states, count,
                                    &store_error);
  if (good) {
    cr_assert_str_eq(value, "[1]");
    cr_assert(count[0] == WRITES && count[1] == WRITES - FEW);
  } else {
    cr_assert_eq(store_error.kind, SIGNET_ERROR_MEMORY, "%s",
                 store_error.message);
  }
  signet_memory_free(value);
  store_close();
  return good;
}

static void check(bool good)
{
  (void)good;
  cr_assert(store_open(), "%s", store_error.message);
  long found = store_count();
  cr_assert_eq(found, committed, "%ld writes, %ld committed", found, committed);
  store_close();
}

static const memory_sweep sweep = {begin, use_store, check, store_end, 10};

Test(store_memory, each_allocation_once)
{
  memory_sweep_run(&sweep, false);
}

Test(store_memory, each_allocation_and_all_that_follow)
{
  memory_sweep_run(&sweep, true);
}

/* ---- read only ---- */

static void begin_read(void)
{
  begin();
  cr_assert(store_open() && store_put_job() && fill());
  store_close();
}

static bool read_it(void)
{
  bool good = store_read() && store_count() == WRITES;
  if (!good)
    cr_assert_eq(store_error.kind, SIGNET_ERROR_MEMORY, "%s",
                 store_error.message);
  store_close();
  return good;
}

static const memory_sweep reading = {begin_read, read_it, check, store_end, 5};

Test(store_memory, each_of_a_reader_once)
{
  memory_sweep_run(&reading, false);
}

Test(store_memory, each_of_a_reader_and_all_that_follow)
{
  memory_sweep_run(&reading, true);
}

/* ---- a journal of version 1 ---- */

static void begin_older(void)
{
  begin();
  sqlite_make_version_1();
}

static bool migrate(void)
{
  bool good = store_open() && store_count() == 2;
  if (!good)
    cr_assert_eq(store_error.kind, SIGNET_ERROR_MEMORY, "%s",
                 store_error.message);
  store_close();
  return good;
}

static void check_older(bool good)
{
  (void)good;
  store_holds(2);
  store_close();
}

static const memory_sweep older = {begin_older, migrate, check_older, store_end,
                                   4};

Test(store_memory, an_older_journal_once)
{
  memory_sweep_run(&older, false);
}

Test(store_memory, an_older_journal_from_then_on)
{
  memory_sweep_run(&older, true);
}
