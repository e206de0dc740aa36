/* SPDX-License-Identifier: MIT */
#include "store_support.h"
#include "job/store/sqlite/open.h"
#include "job/store/sqlite/reader.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char store_folder[200];
char store_path[240];
char store_url[240];
char store_account[100];
signet_job_running store_held_by;
signet_store *store;
signet_error store_error;
atomic_int store_ends;

void store_begin(void)
{
  store_begin_in(FOLDER_ON_DISK);
}

void store_other_account(void)
{
  static int number;

  (void)snprintf(store_account, sizeof store_account,
                 "configs http://store.test key %ld-%d", (long)getpid(),
                 ++number);
}

void store_begin_in(folder_place place)
{
  const char *url = getenv("SIGNET_TEST_STORE");

  cr_assert(folder_make(place, store_folder, sizeof store_folder));
  (void)snprintf(
      store_url, sizeof store_url, "%s%s",
      url != NULL ? url : "sqlite:", url != NULL ? "" : store_folder);
  *store_path = '\0';
  store_other_account();
  signet_error_init(&store_error);
}

void store_end(void)
{
  store_close();
  cr_expect_null(folder_remove(store_folder));
}

bool store_open(void)
{
  signet_error_init(&store_error);
  store = *store_path != '\0'
              ? signet_store_open_sqlite(store_path, &store_error)
              : signet_store_open(store_url, store_account, &store_held_by,
                                  &store_error);
  return store != NULL;
}

bool store_read(void)
{
  signet_error_init(&store_error);
  store = *store_path != '\0'
              ? signet_store_read_sqlite(store_path, &store_error)
              : signet_store_read(store_url, store_account, &store_error);
  return store != NULL;
}

void store_close(void)
{
  if (store != NULL)
    store->operations->close(store);
  store = NULL;
}

void store_was_refused(signet_error_kind kind, const char *words)
{
  cr_assert_eq(store_error.kind, kind, "%s: %s",
               signet_error_kind_name(store_error.kind), store_error.message);
  cr_assert_not_null(strstr(store_error.message, words), "%s",
                     store_error.message);
}

void store_refuses(signet_error_kind kind, const char *words)
{
  cr_assert_not(store_open(), "opened, though: %s", words);
  store_was_refused(kind, words);
}

void store_holds(long writes)
{
  long found;

  cr_assert(store_open(), "%s", store_error.message);
  found = store_count();
  cr_assert_eq(found, writes, "%ld writes, not %ld: %s", found, writes,
               store_error.message);
}

bool store_put_job(void)
{
  signet_job_row row = {.id = JOB, .type = "run", .state = "running"};

  return store->operations->put_job(store, &row, &store_error);
}

int64_t store_put_write(const char *target)
{
  signet_write_row row = {.job = JOB,
                          .verb = "update",
                          .kind = "sign",
                          .target = target,
                          .after = "{}",
                          .state = "intent",
                          .intended_ms = 1700000000000};

  return store->operations->put_write(store, &row, &store_error) ? row.number
                                                                 : 0;
}

bool store_commit(void)
{
  return store->operations->commit(store, &store_error);
}

static void count_end(void *user)
{
  (void)user;
  atomic_fetch_add(&store_ends, 1);
}

bool store_begin_commit(void)
{
  return store->operations->begin_commit(store, count_end, NULL, &store_error);
}

bool store_commit_beside(void)
{
  return store_begin_commit() &&
         store->operations->end_commit(store, &store_error);
}

static bool count_write(void *user, const signet_write_row *row)
{
  long *count = user;

  (void)row;
  (*count)++;
  return true;
}

long store_count(void)
{
  long count = 0;

  return store->operations->each_write(store, JOB, count_write, &count,
                                       &store_error)
             ? count
             : -1;
}
