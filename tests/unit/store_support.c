/* SPDX-License-Identifier: MIT */
#include "store_support.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char store_folder[200];
char store_path[240];
signet_store *store;
signet_error store_error;
atomic_int store_ends;

void store_begin(void)
{
  store_begin_in(FOLDER_ON_DISK);
}

void store_begin_in(folder_place place)
{
  cr_assert(folder_make(place, store_folder, sizeof store_folder));
  (void)snprintf(store_path, sizeof store_path, "%s/journal.db", store_folder);
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
  store = signet_store_open_sqlite(store_path, &store_error);
  return store != NULL;
}

void store_close(void)
{
  if (store != NULL) {
    store->operations->close(store);
  }
  store = NULL;
}

void store_refuses(signet_error_kind kind, const char *words)
{
  cr_assert_not(store_open(), "opened, though: %s", words);
  cr_assert_eq(store_error.kind, kind, "%s: %s",
               signet_error_kind_name(store_error.kind), store_error.message);
  cr_assert_not_null(strstr(store_error.message, words), "%s",
                     store_error.message);
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

char *store_read_file(const char *path, size_t *size)
{
  FILE *file = fopen(path, "rb");
  struct stat status;
  char *content;

  cr_assert_not_null(file, "%s", path);
  cr_assert_eq(fstat(fileno(file), &status), 0);
  *size = (size_t)status.st_size;
  content = malloc(*size + 1);
  cr_assert_not_null(content);
  cr_assert_eq(fread(content, 1, *size, file), *size);
  content[*size] = '\0';
  (void)fclose(file);
  return content;
}

void store_write_file(const char *path, const char *content, size_t size)
{
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  cr_assert_geq(file, 0);
  cr_assert_eq(write(file, content, size), (ssize_t)size);
  cr_assert_eq(close(file), 0);
}
