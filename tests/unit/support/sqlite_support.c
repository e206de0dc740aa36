/* SPDX-License-Identifier: MIT */
#include "sqlite_support.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void sqlite_begin(void)
{
  sqlite_begin_in(FOLDER_ON_DISK);
}

void sqlite_begin_in(folder_place place)
{
  store_begin_in(place);
  (void)snprintf(store_path, sizeof store_path, "%s/journal.db", store_folder);
}

void sqlite_refuses(signet_error_kind kind, const char *words)
{
  store_refuses(kind, words);
  cr_assert_not(store_read(), "read, though: %s", words);
  store_was_refused(kind, words);
}

static const char *const version_1[] = {
    "CREATE TABLE jobs (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " type TEXT, state TEXT, name TEXT, arguments TEXT, account TEXT,"
    " parent TEXT, started_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL,"
    " done INTEGER NOT NULL, failed INTEGER NOT NULL, skipped INTEGER NOT NULL,"
    " unknown INTEGER NOT NULL, waiting INTEGER NOT NULL, script TEXT) STRICT",
    "CREATE TABLE writes (number INTEGER PRIMARY KEY, job INTEGER NOT NULL,"
    " verb TEXT, kind TEXT, intended_ms INTEGER NOT NULL, target TEXT,"
    " state TEXT, answer TEXT, error_kind TEXT, error_message TEXT,"
    " attempts INTEGER NOT NULL, decided_ms INTEGER NOT NULL,"
    " before TEXT, after TEXT) STRICT",
    "CREATE INDEX writes_of_job ON writes (job)",
    "CREATE TABLE outcomes (number INTEGER PRIMARY KEY, target TEXT,"
    " state TEXT, answer TEXT, error_kind TEXT, error_message TEXT,"
    " attempts INTEGER NOT NULL, decided_ms INTEGER NOT NULL) STRICT",
    "CREATE TABLE steps (job INTEGER NOT NULL, name TEXT NOT NULL,"
    " value TEXT NOT NULL, PRIMARY KEY (job, name)) STRICT, WITHOUT ROWID",
    "INSERT INTO jobs (number, id, started_ms, ended_ms, done, failed,"
    " skipped, unknown, waiting) VALUES (4, '" JOB "', 0, 0, 0, 0, 0, 0, 0),"
    " (5, 'other', 0, 0, 0, 0, 0, 0, 0)",
    "INSERT INTO writes VALUES (1, 5, 'delete', 'sign', 7, '10', 'intent',"
    " NULL, NULL, NULL, 1, 0, '{}', NULL),"
    " (2, 4, 'create', 'sign', 8, '', 'intent', NULL, NULL, NULL, 1, 0, NULL,"
    " '{\"a\":1}'),"
    " (3, 4, 'update', 'sign', 9, '11', 'intent', NULL, NULL, NULL, 1, 0,"
    " '{}', '{}')",
    "INSERT INTO outcomes VALUES (2, '77', 'done', '77', NULL, NULL, 1, 99)",
    "PRAGMA application_id = 1936158324",
    "PRAGMA user_version = 1",
};

void sqlite_make_version_1(void)
{
  sqlite3 *database;

  cr_assert_eq(sqlite3_open(store_path, &database), SQLITE_OK);
  for (size_t i = 0; i < sizeof version_1 / sizeof version_1[0]; i++) {
    cr_assert_eq(sqlite3_exec(database, version_1[i], NULL, NULL, NULL),
                 SQLITE_OK, "%s", sqlite3_errmsg(database));
  }
  cr_assert_eq(sqlite3_close(database), SQLITE_OK);
  cr_assert_eq(chmod(store_path, 0600), 0);
}

char *sqlite_read_file(const char *path, size_t *size)
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

void sqlite_write_file(const char *path, const char *content, size_t size)
{
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  cr_assert_geq(file, 0);
  cr_assert_eq(write(file, content, size), (ssize_t)size);
  cr_assert_eq(close(file), 0);
}
