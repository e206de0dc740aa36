/* SPDX-License-Identifier: MIT */
/* Reading a store beside the job that writes to it: what is read is one
 * moment's, and the job does not notice. */
#include "store_support.h"

#include <criterion/criterion.h>

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void begin(void)
{
  store_begin_in(FOLDER_IN_MEMORY);
}

TestSuite(store_reader, .init = begin, .fini = store_end, .timeout = 60);

/* ---- children ---- */

/* A child that ends with the function's result, unless it is killed. */
static pid_t start(int (*function)(void))
{
  pid_t child = fork();

  cr_assert_geq(child, 0);
  if (child == 0) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    _exit(function());
  }
  return child;
}

static void expect_end(pid_t child, int result)
{
  int status = 0;

  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == result, "%x", status);
}

static void expect_killed(pid_t child)
{
  int status = 0;

  cr_assert_eq(kill(child, SIGKILL), 0);
  cr_assert_eq(waitpid(child, &status, 0), child);
  cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "%x", status);
}

/* ---- one moment ---- */

static void make(int writes)
{
  cr_assert(store_open() && store_put_job(), "%s", store_error.message);
  for (int i = 0; i < writes; i++)
    cr_assert_neq(store_put_write("1"), 0);
  cr_assert(store_commit());
}

static bool is_held(void)
{
  signet_job_running holder;

  return store->operations->held_by(store, &holder);
}

/* In this process: reading must not let go of the lock, either. */
static int is_locked(void)
{
  return !store_open() && store_error.kind == SIGNET_ERROR_LOCKED;
}

Test(store_reader, sees_what_is_committed_beside_the_writer)
{
  signet_store *writer, *reader;

  make(2);
  writer = store;
  for (int i = 0; i < 3; i++) {
    cr_assert(store_read(), "%s", store_error.message);
    cr_expect(is_held());
    cr_expect_eq(store_count(), 2);
    store_close();
  }
  cr_assert(store_read());
  reader = store;
  store = writer;
  cr_assert_eq(store_put_write("2"), 3);
  cr_assert(store_commit());
  cr_assert_eq(store_put_write("3"), 4);
  store = reader;
  cr_expect_eq(store_count(), 2, "it is of its own moment");
  store_close();
  expect_end(start(is_locked), 1);
  cr_assert(store_read());
  cr_expect_eq(store_count(), 3, "what is not committed is not there");
  store_close();
  store = writer;
  cr_expect(store_commit(), "%s", store_error.message);
  store_close();
  cr_assert(store_read());
  cr_expect_not(is_held());
  cr_expect_eq(store_count(), 4);
}

Test(store_reader, changes_nothing)
{
  signet_job_row row = {.id = "new"};

  make(1);
  store_close();
  cr_assert(store_read());
  cr_expect_eq(store_put_write("2"), 0);
  cr_expect_not_null(strstr(store_error.message, "to be read only"), "%s",
                     store_error.message);
  cr_expect_not(store->operations->put_job(store, &row, &store_error));
  cr_expect_not(
      store->operations->put_step(store, JOB, "s", "1", &store_error));
  cr_expect_not(store_commit());
  cr_expect_not(store_begin_commit());
  cr_expect_eq(store_count(), 1);
}

Test(store_reader, where_nothing_is_kept)
{
  cr_expect_not(store_read());
  cr_expect_eq(store_error.kind, SIGNET_ERROR_NOT_FOUND, "%s",
               store_error.message);
}

/* ---- while much is written ---- */

enum { COMMITS = 2000, IN_EACH = 2, SEEN = 12 };

/* What processes share. */
static struct shared {
  atomic_bool enough; /* has been seen */
  atomic_int commits;
} * shared;

/* As many as let the log begin anew several times, and until it was seen often
 * enough, however slow the readers are. */
static int write_commits(int least)
{
  bool good = store_open() && store_put_job() && store_commit();

  for (int i = 0; good && (i < least || !shared->enough); i++) {
    shared->commits = i + 1;
    for (int k = 0; good && k < IN_EACH; k++)
      good = store_put_write("1") != 0;
    good = good && store_commit();
    (void)usleep(i < least ? 100 : 5000); /* no service is faster */
  }
  store_close();
  return good ? 0 : 1;
}

static void share(void)
{
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  cr_assert_neq((void *)shared, MAP_FAILED);
}

static int write_much(void)
{
  return write_commits(COMMITS);
}

/* @return how many writes there were, -1: it failed */
static long read_once(void)
{
  long count = -1;

  if (store_read())
    count = store->operations->damage(store, &store_error) ? -1 : store_count();
  else if (store_error.kind == SIGNET_ERROR_NOT_FOUND)
    count = 0;
  store_close();
  return count;
}

static int read_for_ever(void)
{
  while (read_once() >= 0) {
  }
  return 1;
}

Test(store_reader, is_of_one_moment_and_hinders_nobody)
{
  pid_t writer, reader;
  long before = 0, count = 0, seen = 0;
  int status;

  share();
  writer = start(write_much);
  reader = start(read_for_ever);

  while (waitpid(writer, &status, WNOHANG) == 0) {
    count = read_once();
    cr_assert_geq(count, before, "%ld after %ld: %s", count, before,
                  store_error.message);
    cr_assert_eq(count % IN_EACH, 0, "half a commit");
    seen += count > before;
    before = count;
    shared->enough = seen >= SEEN;
    if (seen % 4 == 3) { /* one that is killed while it reads */
      expect_killed(reader);
      reader = start(read_for_ever);
    }
  }
  expect_killed(reader);
  cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%x", status);
  cr_expect_geq(seen, SEEN);
  store_holds(shared->commits * IN_EACH);
  cr_expect_eq(munmap(shared, sizeof *shared), 0);
}

/* And the writer, at any moment. */
Test(store_reader, survives_the_writer)
{
  share(); /* `enough` stays false: the writer goes on until it is killed */
  for (int round = 0; round < 5; round++) {
    pid_t writer = start(write_much);
    long count = 0, before;

    for (int i = 0; i < 3 + round; i++) {
      before = count;
      count = read_once();
      cr_assert_geq(count, before, "%s", store_error.message);
    }
    expect_killed(writer);
    cr_assert_geq(read_once(), count, "%s", store_error.message);
    cr_assert(store_open(), "%s", store_error.message);
    cr_assert_not(store->operations->damage(store, &store_error), "%s",
                  store_error.message);
    store_close();
    store_other_account();
  }
  cr_expect_eq(munmap(shared, sizeof *shared), 0);
}
