/* SPDX-License-Identifier: MIT */
/* What the system refuses, before SQLite and through it: one sentence, and
 * nothing that keeps the next attempt from working. The executable is linked
 * with --wrap for the calls that fail here. */
#include "sqlite_support.h"

#include "job/store/sqlite/batch.h"
#include "job/store/sqlite/explain.h"
#include "job/store/sqlite/open.h"
#include "job/store/sqlite/sqlite.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(store_system, .init = sqlite_begin, .fini = store_end);

/* ---- calls that fail ---- */

static const char *failing; /* NULL: none */
static int left;            /* calls of it before the one that fails */

static bool fails(const char *name)
{
  if (failing == NULL || strcmp(failing, name) != 0 || left-- != 0)
    return false;
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

  if (fails("open"))
    return -1;
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

int __real_fcntl(int file, int command, ...);
int __wrap_fcntl(int file, int command, ...);
int __wrap_fcntl(int file, int command, ...)
{
  va_list list;
  void *argument;

  if (fails("fcntl")) {
    errno = ENOLCK;
    return -1;
  }
  va_start(list, command);
  argument = va_arg(list, void *);
  va_end(list);
  return __real_fcntl(file, command, argument);
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
    if (strcmp(cases[i].call, "chmod") == 0)
      cr_assert_eq(chmod(store_path, 0), -1, "no file was made yet");
    store_holds(0);
    store_close();
  }
}

/* SQLite says that it is busy, as where another process holds the journal. */
Test(store_system, a_file_system_that_cannot_lock)
{
  signet_store *first;

  cr_assert(store_open());
  first = store;
  failing = "fcntl";
  left = 0;
  store_refuses(SIGNET_ERROR_CONFIGURATION, "can't lock files (No locks "
                                            "available): name a folder on a "
                                            "local disk with --state-dir");
  failing = NULL;
  store_refuses(SIGNET_ERROR_LOCKED, "in use by another process");
  store = first;
}

static int lock_is_unknown(int file, int command, ...)
{
  (void)file;
  (void)command;
  errno = ENOSYS;
  return -1;
}

/* SQLite takes any other error for one of the disk. */
Test(store_system, a_file_system_that_knows_no_locks)
{
  sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

  vfs->xSetSystemCall(vfs, "fcntl", (sqlite3_syscall_ptr)lock_is_unknown);
  failing = "fcntl";
  left = 0;
  store_refuses(SIGNET_ERROR_CONFIGURATION, "can't lock files");
  failing = NULL;
  vfs->xSetSystemCall(vfs, "fcntl", NULL);
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
  store_refuses(SIGNET_ERROR_CONFIGURATION, "can't find the journal's folder");
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
  cr_assert_eq(store_error.kind, SIGNET_ERROR_CONFIGURATION);
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
      {SQLITE_BUSY, 0, SIGNET_ERROR_LOCKED, "in use by another process"},
      {SQLITE_LOCKED, 0, SIGNET_ERROR_LOCKED, "in use by another process"},
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

static void set_limit(int limit)
{
  sqlite3 *database = ((signet_sqlite_store *)store)->database;

  (void)sqlite3_limit(database, SQLITE_LIMIT_LENGTH, limit);
}

static bool see_job(void *user, const signet_job_row *row)
{
  (void)user, (void)row;
  return true;
}

/* Every call says why. */
static void each_call_fails(const char *words)
{
  const signet_store_operations *operations = store->operations;
  signet_job_row job = {.id = "another"};
  signet_write_row write = {.job = JOB};
  char *value;

#define FAILS(CALL)                                                      \
  do {                                                                   \
    signet_error_init(&store_error);                                     \
    cr_expect_not(CALL, #CALL);                                          \
    cr_expect_not_null(strstr(store_error.message, words), #CALL ": %s", \
                       store_error.message);                             \
  } while (0)
  FAILS(operations->get_step(store, JOB, "s", &value, &store_error));
  FAILS(operations->each_job(store, NULL, see_job, NULL, &store_error));
  FAILS(store_count() >= 0);
  FAILS(operations->put_job(store, &job, &store_error));
  FAILS(operations->put_write(store, &write, &store_error));
  FAILS(operations->put_step(store, JOB, "s", "1", &store_error));
  FAILS(store_begin_commit());
  FAILS(store_commit());
  FAILS(operations->end_commit(store, &store_error));
#undef FAILS
}

/* Nobody has asked yet how the commit came out that was begun. */
static void begin_commit_that_fails(void)
{
  static char text[400];

  memset(text, 'x', sizeof text - 1);
  cr_assert(store_open() && store_put_job() && store_commit(), "%s",
            store_error.message);
  cr_assert_eq(store_put_write(text), 1);
  set_limit(200);
  cr_assert(store_begin_commit());
}

Test(store_system, after_a_commit_that_failed_beside)
{
  begin_commit_that_fails();
  each_call_fails("too big");
  store_close();
  store_holds(0);
}

/* Whichever call comes first hears of it. */
Test(store_system, the_first_call_after_a_commit_that_failed_beside)
{
  for (int first = 0; first < 6; first++) {
    signet_job_row job = {.id = "another"};
    signet_write_row write = {.job = "another"};
    const signet_store_operations *operations;
    bool good;

    (void)unlink(store_path);
    begin_commit_that_fails();
    operations = store->operations;
    signet_error_init(&store_error);
    switch (first) {
    case 0:
      good = operations->put_job(store, &job, &store_error);
      break;
    case 1:
      good = operations->put_write(store, &write, &store_error);
      break;
    case 2:
      good = operations->put_step(store, JOB, "s", "1", &store_error);
      break;
    case 3:
      good = store_commit();
      break;
    case 4:
      good = store_begin_commit();
      break;
    default:
      good = store_count() >= 0;
    }
    cr_expect_not(good, "call %d", first);
    cr_expect_not_null(strstr(store_error.message, "too big"), "call %d: %s",
                       first, store_error.message);
    store_close();
  }
}

/* As a child of fork() has it, where a crash would be nobody's to see. */
Test(store_system, a_store_of_another_process)
{
  signet_sqlite_store *own;

  cr_assert(store_open() && store_put_job() && store_commit());
  own = (signet_sqlite_store *)store;
  own->owner++;
  each_call_fails("belongs to the process that opened it");
  own->owner--;
  cr_assert_eq(store_put_write("1"), 1);
  cr_assert(store_commit(), "%s", store_error.message);
}

/* ---- names and texts that are long ---- */

Test(store_system, names_that_are_too_large)
{
  static char name[400];
  char *value;

  memset(name, 'x', sizeof name - 1);
  cr_assert(store_open() && store_put_job() && store_commit());
  set_limit(200);
  cr_assert_not(
      store->operations->get_step(store, JOB, name, &value, &store_error));
  cr_assert_not_null(strstr(store_error.message, "too big"), "%s",
                     store_error.message);
  signet_error_init(&store_error);
  cr_assert_not(
      store->operations->each_write(store, name, NULL, NULL, &store_error));
  cr_assert_not_null(strstr(store_error.message, "too big"), "%s",
                     store_error.message);
  signet_error_init(&store_error);
  cr_assert_not(
      store->operations->each_job(store, name, see_job, NULL, &store_error));
  cr_assert_not_null(strstr(store_error.message, "too big"), "%s",
                     store_error.message);
}

static bool see_long_id(void *user, const signet_write_row *row)
{
  *(int *)user += strcmp(row->target, "1") == 0;
  return true;
}

/* No program gives such an id, and a file may hold one all the same. */
Test(store_system, a_job_with_a_long_id)
{
  static const char id[] = "20261122T073105-4f2a-and-so-on";
  signet_job_row job = {.id = id};
  signet_write_row row = {.job = id, .target = "1", .state = "intent"};
  int seen = 0;

  cr_assert(store_open() && store_put_job());
  cr_assert(store->operations->put_job(store, &job, &store_error));
  cr_assert(store->operations->put_write(store, &row, &store_error));
  cr_assert_eq(store_put_write("2"), 1, "its own numbers");
  cr_assert(store_commit(), "%s", store_error.message);
  cr_assert(store->operations->each_write(store, id, see_long_id, &seen,
                                          &store_error));
  cr_assert_eq(seen, 1);
}

/* A batch that grows too long is put before its commit. */
Test(store_system, a_long_batch_that_can_not_be_put)
{
  enum { SIZE = 5 * 1000 * 1000 };
  char *text = malloc(SIZE);

  cr_assert_not_null(text);
  memset(text, 'x', SIZE - 1);
  text[SIZE - 1] = '\0';
  cr_assert(store_open() && store_put_job() && store_commit());
  cr_assert_eq(store_put_write(text), 1);
  cr_assert_eq(store_put_write(text), 2);
  set_limit(1000 * 1000);
  cr_assert_eq(store_put_write("3"), 0);
  cr_assert_not_null(strstr(store_error.message, "too big"), "%s",
                     store_error.message);
  store_close();
  store_holds(0);
  free(text);
}

/* ---- reading within a reading ---- */

static bool meddle(void *user, const signet_job_row *row)
{
  int *refused = user;
  signet_job_row change = {.id = row->id};

  *refused += !store->operations->put_job(store, &change, &store_error) &&
              strstr(store_error.message, "while its rows are read") != NULL;
  *refused +=
      !store->operations->each_job(store, NULL, see_job, NULL, &store_error) &&
      strstr(store_error.message, "being read already") != NULL;
  *refused += store_count() == 1;
  return false;
}

Test(store_system, jobs_that_are_read_are_not_changed)
{
  int refused = 0;

  cr_assert(store_open() && store_put_job() && store_put_write("1") == 1);
  cr_assert(
      store->operations->each_job(store, NULL, meddle, &refused, &store_error),
      "%s", store_error.message);
  cr_assert_eq(refused, 3);
  cr_assert(store_commit(), "%s", store_error.message);
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

  while (whole < batch->count && batch->ends[whole] <= length)
    whole++;
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
           item == SIGNET_BATCH_OUTCOME)
      count++;
    cr_assert_eq(count, items_up_to(&made, length), "cut at %zu", length);
    cr_assert_eq(item == SIGNET_BATCH_END,
                 count == 0 ? length == 0 : made.ends[count - 1] == length,
                 "cut at %zu", length);
    free(bytes);
  }
  signet_buffer_free(&made.text);
}
