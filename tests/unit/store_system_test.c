/* SPDX-License-Identifier: MIT */
/* What the system refuses, before SQLite and through it: one sentence, and
 * nothing that keeps the next attempt from working. The executable is linked
 * with --wrap for the calls that fail here. */
#include "store_support.h"

#include "job/store_batch.h"
#include "job/store_sqlite.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(store_system, .init = store_begin, .fini = store_end);

/* ---- calls that fail ---- */

static const char *failing; /* NULL: none */
static int left;            /* calls of it before the one that fails */

static bool fails(const char *name)
{
  if (failing == NULL || strcmp(failing, name) != 0 || left-- != 0) {
    return false;
  }
  errno = EIO;
  return true;
}

#define WRAPPED(name, parameters, arguments)            \
  int __real_##name parameters;                         \
  int __wrap_##name parameters;                         \
  int __wrap_##name parameters                          \
  {                                                     \
    return fails(#name) ? -1 : __real_##name arguments; \
  }

WRAPPED(chmod, (const char *path, mode_t mode), (path, mode))
WRAPPED(fchmod, (int file, mode_t mode), (file, mode))
WRAPPED(lstat, (const char *path, struct stat *status), (path, status))

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
  va_list list;
  mode_t mode = 0;

  if (fails("open")) {
    return -1;
  }
  if ((flags & O_CREAT) != 0) {
    va_start(list, flags);
    mode = va_arg(list, mode_t);
    va_end(list);
  }
  return __real_open(path, flags, mode);
}

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *user), void *user);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *user), void *user);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *user), void *user)
{
  return fails("pthread_create")
             ? EIO
             : __real_pthread_create(thread, attributes, start, user);
}

Test(store_system, a_call_to_the_system_fails)
{
  static const struct {
    const char *call;
    int after;
    const char *words; /* NULL: it does no harm */
  } cases[] = {
      {"chmod", 0, "can't set the mode of"},
      {"fchmod", 0, "can't set the mode of"},
      {"lstat", 0, "can't look at the journal's folder"},
      {"lstat", 1, "can't look at the journal "},
      {"open", 0, NULL},
      {"open", 1, "can't make the journal "},
      {"pthread_create", 0, "no thread can be started for the journal"},
  };

  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    (void)snprintf(store_path, sizeof store_path, "%s/%zu/journal.db",
                   store_folder, i);
    failing = cases[i].call;
    left = cases[i].after;
    if (cases[i].words == NULL) {
      cr_assert(store_open(), "%s: %s", failing, store_error.message);
      store_close();
    } else {
      store_refuses(SIGNET_ERROR_STORE, cases[i].words);
      cr_assert_not_null(strstr(store_error.message, "Input/output error"),
                         "%s", store_error.message);
    }
    cr_assert_lt(left, 0, "%s was not called", failing);
    failing = NULL;
    if (strcmp(cases[i].call, "chmod") == 0) {
      cr_assert_eq(chmod(store_path, 0), -1, "no file was made yet");
    }
    store_holds(0);
    store_close();
  }
}

Test(store_system, a_name_that_the_file_system_does_not_take)
{
  char name[NAME_MAX + 20];

  memset(name, 'x', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  cr_assert_eq(chdir(store_folder), 0);
  cr_assert_null(signet_store_open_sqlite(name, &store_error));
  cr_assert_not_null(strstr(store_error.message, "File name too long"), "%s",
                     store_error.message);
}

Test(store_system, a_folder_that_leads_nowhere)
{
  char link[240];

  (void)snprintf(link, sizeof link, "%s/link", store_folder);
  cr_assert_eq(symlink("nowhere", link), 0);
  (void)snprintf(store_path, sizeof store_path, "%s/link/journal.db",
                 store_folder);
  store_refuses(SIGNET_ERROR_STORE, "can't find the journal's folder");
}

Test(store_system, names_without_a_folder)
{
  cr_assert_eq(chdir(store_folder), 0);
  (void)snprintf(store_path, sizeof store_path, "here.db");
  store_holds(0);
  store_close();
  cr_assert_eq(access("here.db", F_OK), 0);
  (void)snprintf(store_path, sizeof store_path, ".");
  store_refuses(SIGNET_ERROR_STORE, "can't open the journal");
  (void)snprintf(store_path, sizeof store_path, "/tmp");
  cr_assert_not(store_open());
  cr_assert_eq(store_error.kind, SIGNET_ERROR_STORE);
}

/* ---- what SQLite says ---- */

Test(store_system, each_code_has_a_sentence)
{
  static const struct {
    int code, number;
    signet_error_kind kind;
    const char *words;
  } cases[] = {
      {SQLITE_NOMEM, 0, SIGNET_ERROR_MEMORY, "out of memory in the journal"},
      {SQLITE_IOERR_NOMEM, 0, SIGNET_ERROR_MEMORY, "out of memory in"},
      {SQLITE_BUSY, 0, SIGNET_ERROR_REFUSED, "in use by another process"},
      {SQLITE_LOCKED, 0, SIGNET_ERROR_REFUSED, "in use by another process"},
      {SQLITE_NOTADB, 0, SIGNET_ERROR_STORE, "is no journal"},
      {SQLITE_IOERR_READ, EIO, SIGNET_ERROR_STORE, "(Input/output error)"},
      {SQLITE_IOERR_READ, 0, SIGNET_ERROR_STORE, "(disk I/O error)"},
      {SQLITE_IOERR_WRITE, ENOSPC, SIGNET_ERROR_STORE, "the disk is full"},
      {SQLITE_IOERR_WRITE, EDQUOT, SIGNET_ERROR_STORE, "the disk is full"},
      {SQLITE_FULL, 0, SIGNET_ERROR_STORE, "the disk is full"},
      {SQLITE_IOERR_WRITE, EFBIG, SIGNET_ERROR_STORE, "the largest size"},
      {SQLITE_CANTOPEN, ENOENT, SIGNET_ERROR_STORE, "No such file"},
      {SQLITE_READONLY, EROFS, SIGNET_ERROR_STORE, "Read-only file system"},
      {SQLITE_PERM, EACCES, SIGNET_ERROR_STORE, "Permission denied"},
      {SQLITE_CORRUPT, 0, SIGNET_ERROR_STORE,
       "is damaged (database disk image is malformed)"},
      {SQLITE_MISUSE, 0, SIGNET_ERROR_STORE, "can't be used: bad parameter"},
  };
  sqlite3 *database;

  cr_assert_eq(sqlite3_open(":memory:", &database), SQLITE_OK);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    signet_error_init(&store_error);
    errno = cases[i].number;
    cr_expect_not(
        signet_store_explain(database, cases[i].code, "a/path", &store_error));
    cr_expect_eq(store_error.kind, cases[i].kind, "case %zu", i);
    cr_expect(strstr(store_error.message, cases[i].words) != NULL &&
                  strstr(store_error.message, "a/path") != NULL,
              "case %zu: %s", i, store_error.message);
  }
  (void)sqlite3_close(database);
}

/* A text that SQLite doesn't take must not be stored as none. */
Test(store_system, a_text_that_is_too_large)
{
  enum { LIMIT = 200 };
  static char text[2 * LIMIT];
  const signet_job_row row = {.id = "other", .name = text};
  sqlite3 *database;

  memset(text, 'x', sizeof text - 1);
  cr_assert(store_open() && store_put_job() && store_commit());
  database = ((signet_sqlite_store *)store)->database;
  (void)sqlite3_limit(database, SQLITE_LIMIT_LENGTH, LIMIT);
  cr_assert_not(store->operations->put_job(store, &row, &store_error));
  cr_assert_not_null(strstr(store_error.message, "too big"), "%s",
                     store_error.message);
  store_close();
  cr_assert(store_open() && store_put_write(text) == 1);
  database = ((signet_sqlite_store *)store)->database;
  (void)sqlite3_limit(database, SQLITE_LIMIT_LENGTH, LIMIT);
  cr_assert_not(store_commit());
  cr_assert_not_null(strstr(store_error.message, "too big"), "%s",
                     store_error.message);
  store_close();
  store_holds(0);
}

/* ---- batches that were cut ---- */

typedef struct content {
  signet_buffer text;
  size_t ends[4]; /* of its items */
  size_t count;
} content;

static void make_batch(content *batch)
{
  signet_write_row row = {.number = 1,
                          .verb = "update",
                          .kind = "sign",
                          .target = "12",
                          .before = "{}",
                          .after = "{\"sign_name\":\"N\"}",
                          .state = "intent",
                          .attempts = 300,
                          .intended_ms = INT64_MAX,
                          .decided_ms = INT64_MIN};

  signet_buffer_init(&batch->text, 4096);
  signet_batch_add_write(&batch->text, &row);
  batch->ends[batch->count++] = batch->text.length;
  row.state = "failed";
  row.answer = "77";
  row.error_kind = "pending";
  row.error_message = "no";
  signet_batch_add_outcome(&batch->text, &row);
  batch->ends[batch->count++] = batch->text.length;
  cr_assert_not(batch->text.failed);
}

static size_t items_up_to(const content *batch, size_t length)
{
  size_t whole = 0;

  while (whole < batch->count && batch->ends[whole] <= length) {
    whole++;
  }
  return whole;
}

/* In memory of just that size, so that a byte too far is noticed. */
Test(store_system, a_batch_is_cut_at_each_byte)
{
  content made = {0};

  make_batch(&made);
  for (size_t length = 0; length <= made.text.length; length++) {
    char *bytes = malloc(length + 1);
    signet_batch batch;
    signet_batch_item item;
    signet_write_row row = {0};
    size_t count = 0;

    cr_assert_not_null(bytes);
    char *at = bytes + 1; /* the end is that of the block */
    memcpy(at, made.text.data, length);
    batch = (signet_batch){.at = at, .end = at + length};
    while ((item = signet_batch_next(&batch, &row)) == SIGNET_BATCH_WRITE ||
           item == SIGNET_BATCH_OUTCOME) {
      count++;
    }
    cr_assert_eq(count, items_up_to(&made, length), "cut at %zu", length);
    cr_assert_eq(item == SIGNET_BATCH_END,
                 count == 0 ? length == 0 : made.ends[count - 1] == length,
                 "cut at %zu", length);
    free(bytes);
  }
  signet_buffer_free(&made.text);
}
