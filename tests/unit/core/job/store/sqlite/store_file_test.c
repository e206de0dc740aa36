/* SPDX-License-Identifier: MIT */
/* The file of a journal: who may open it, and what is no journal. */

#include "sqlite_support.h"

#include "job/store/sqlite/open.h"
#include "model/memory.h"

#include <criterion/criterion.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(store_file, .init = sqlite_begin, .fini = store_end);

enum { PAGE = 8192 };

static unsigned mode_of(const char *path)
{
  struct stat status;

  cr_assert_eq(lstat(path, &status), 0, "%s", path);
  return status.st_mode & 07777;
}

/* A path in the folder; valid until the next call. */
static const char *beside(const char *name)
{
  static char path[256];

  (void)snprintf(path, sizeof path, "%s/%s", store_folder, name);
  return path;
}

static void set_path(const char *name)
{
  (void)snprintf(store_path, sizeof store_path, "%s/%s", store_folder, name);
}

/* Statements for the file as SQLite has them, beside the store. */
static int64_t sql(const char *text)
{
  sqlite3 *database;
  sqlite3_stmt *statement;
  int64_t number = 0;

  cr_assert_eq(sqlite3_open(store_path, &database), SQLITE_OK);
  cr_assert_eq(sqlite3_prepare_v2(database, text, -1, &statement, NULL),
               SQLITE_OK, "%s", sqlite3_errmsg(database));
  if (sqlite3_step(statement) == SQLITE_ROW)
    number = sqlite3_column_int64(statement, 0);
  cr_assert_eq(sqlite3_finalize(statement), SQLITE_OK);
  cr_assert_eq(sqlite3_close(database), SQLITE_OK);
  return number;
}

/* A closed journal with writes and a text of several pages. */
static void make_journal(void)
{
  enum { WRITES = 100, SIZE = 8 * PAGE };
  char text[SIZE + 1];

  memset(text, '1', SIZE);
  text[SIZE] = '\0';
  cr_assert(store_open() && store_put_job(), "%s", store_error.message);
  for (int i = 0; i < WRITES; i++)
    cr_assert_neq(store_put_write("123456789"), 0);
  cr_assert(store->operations->put_step(store, JOB, "big", text, &store_error));
  cr_assert(store_commit());
  store_close();
}

static void has_modes_under(mode_t mask)
{
  mode_t before = umask(mask);

  set_path("state/journal.db");
  cr_assert(store_open() && store_put_job() && store_commit(), "%s",
            store_error.message);
  cr_assert_eq(umask(before), mask, "the umask is the process's own");
  cr_assert_eq(mode_of(beside("state")), 0700);
  cr_assert_eq(mode_of(store_path), 0600);
  cr_assert_eq(mode_of(beside("state/journal.db-wal")), 0600);
  cr_assert_neq(access(beside("state/journal.db-shm"), F_OK), 0);
  store_close();
  cr_assert_neq(access(beside("state/journal.db-wal"), F_OK), 0);
  cr_assert_eq(unlink(store_path), 0);
}

Test(store_file, is_the_owners_alone_under_any_umask)
{
  has_modes_under(0);
  has_modes_under(0777);
}

Test(store_file, is_written_as_durably_as_it_says)
{
  cr_assert(store_open() && store_put_job() && store_commit());
  store_close();
  cr_assert_eq(sql("SELECT count(*) FROM pragma_journal_mode"
                   " WHERE journal_mode = 'wal'"),
               1);
  cr_assert_eq(sql("PRAGMA application_id"), 0x73676e74);
  cr_assert_eq(sql("PRAGMA user_version"), 5);
}

Test(store_file, open_to_others_is_refused_with_the_remedy)
{
  make_journal();
  cr_assert_eq(chmod(store_path, 0640), 0);
  sqlite_refuses(SIGNET_ERROR_STORE, "run chmod 600 ");
  cr_assert_not_null(strstr(store_error.message, store_path));
  cr_assert_eq(chmod(store_path, 0602), 0);
  sqlite_refuses(SIGNET_ERROR_STORE, "run chmod 600 ");
  cr_assert_eq(chmod(store_path, 0600), 0);
  cr_assert_eq(chmod(store_folder, 0701), 0);
  sqlite_refuses(SIGNET_ERROR_CONFIGURATION, "run chmod 700 ");
  cr_assert_not_null(strstr(store_error.message, store_folder));
  cr_assert_eq(chmod(store_folder, 0700), 0);
  store_holds(100);
}

Test(store_file, of_another_user_is_refused)
{
  make_journal();
  if (chown(store_path, 4242, 4242) != 0)
    cr_skip_test("only root can give a file away");
  sqlite_refuses(SIGNET_ERROR_STORE, "belongs to another user");
  cr_assert_eq(chown(store_path, geteuid(), getegid()), 0);
  cr_assert_eq(chown(store_folder, 4242, 4242), 0);
  sqlite_refuses(SIGNET_ERROR_CONFIGURATION, "belongs to another user");
  cr_assert_eq(chown(store_folder, geteuid(), getegid()), 0);
  store_holds(100);
}

Test(store_file, behind_a_link_is_refused)
{
  make_journal();
  cr_assert_eq(symlink("journal.db", beside("link.db")), 0);
  cr_assert_eq(link(store_path, beside("twin.db")), 0);
  sqlite_refuses(SIGNET_ERROR_STORE, "no plain file of one name");
  cr_assert_eq(unlink(beside("twin.db")), 0);
  set_path("link.db");
  sqlite_refuses(SIGNET_ERROR_STORE, "symbolic link");
  cr_assert_eq(unlink(beside("journal.db")), 0);
  sqlite_refuses(SIGNET_ERROR_STORE, "symbolic link");
  cr_assert_neq(access(beside("journal.db"), F_OK), 0, "made through a link");
}

/* A home folder is behind a link in more than one distribution. */
Test(store_file, in_a_folder_behind_a_link)
{
  char target[sizeof store_folder];

  make_journal();
  (void)snprintf(target, sizeof target, "%s", store_folder);
  cr_assert_eq(symlink(target, beside("link")), 0);
  set_path("link/journal.db");
  store_holds(100);
  store_close();
  cr_assert_eq(chmod(store_folder, 0755), 0);
  sqlite_refuses(SIGNET_ERROR_CONFIGURATION, "run chmod 700 ");
}

Test(store_file, nothing_but_files_beside_it)
{
  static const char *const names[] = {"journal.db-wal", "journal.db-shm",
                                      "journal.db-journal"};

  make_journal();
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    cr_assert_eq(mkfifo(beside(names[i]), 0600), 0);
    sqlite_refuses(SIGNET_ERROR_STORE, " is no plain file: move it away");
    cr_assert_not_null(strstr(store_error.message, names[i]));
    cr_assert_eq(unlink(beside(names[i])), 0);
    cr_assert_eq(symlink("elsewhere", beside(names[i])), 0);
    sqlite_refuses(SIGNET_ERROR_STORE, " is no plain file: move it away");
    cr_assert_eq(unlink(beside(names[i])), 0);
    cr_assert_neq(access(beside("elsewhere"), F_OK), 0);
  }
  store_holds(100);
}

Test(store_file, names_that_are_none)
{
  set_path("");
  store_refuses(SIGNET_ERROR_STORE, "can't open the journal");
  set_path("..");
  store_refuses(SIGNET_ERROR_STORE, "can't open the journal");
  set_path("no/such/journal.db");
  store_refuses(SIGNET_ERROR_CONFIGURATION, "No such file or directory");
  cr_assert_eq(mkdir(beside("folder"), 0700), 0);
  set_path("folder");
  store_refuses(SIGNET_ERROR_STORE, "no plain file");
  cr_assert_eq(mkfifo(beside("pipe"), 0600), 0);
  set_path("pipe");
  store_refuses(SIGNET_ERROR_STORE, "no plain file");
  set_path("pipe/journal.db");
  store_refuses(SIGNET_ERROR_CONFIGURATION, "is no folder");
  cr_assert_eq(unlink(beside("pipe")), 0);
}

Test(store_file, path_too_long)
{
  static char path[8192];

  memset(path, 'x', sizeof path - 1);
  cr_assert_null(signet_store_open_sqlite(path, &store_error));
  cr_assert_eq(store_error.kind, SIGNET_ERROR_STORE);
  cr_assert_not_null(strstr(store_error.message, "File name too long"));
}

/* Bidirectional and control characters must not reach a terminal. */
Test(store_file, messages_escape_the_name)
{
  set_path("a\033[2J\n/b/c.db");
  store_refuses(SIGNET_ERROR_CONFIGURATION, "a\\x1B[2J\\n");
}

Test(store_file, empty_file_becomes_a_journal)
{
  sqlite_write_file(store_path, "", 0);
  make_journal();
  store_holds(100);
}

Test(store_file, foreign_file_is_left_alone)
{
  static const char text[] = "Dear diary, this is no database at all. ";
  char page[PAGE], *after;
  size_t size;

  for (size_t i = 0; i < sizeof page; i++)
    page[i] = text[i % (sizeof text - 1)];
  for (size_t length = 2; length <= sizeof page; length *= 2) {
    sqlite_write_file(store_path, page, length);
    sqlite_refuses(SIGNET_ERROR_STORE, "is no journal");
    after = sqlite_read_file(store_path, &size);
    cr_assert_eq(size, length);
    cr_assert_eq(memcmp(after, page, size), 0);
    free(after);
  }
}

Test(store_file, foreign_database_is_left_alone)
{
  char *before, *after;
  size_t size, size_after;

  (void)sql("CREATE TABLE jobs (id)");
  cr_assert_eq(chmod(store_path, 0600), 0);
  before = sqlite_read_file(store_path, &size);
  sqlite_refuses(SIGNET_ERROR_STORE, "another program's database");
  after = sqlite_read_file(store_path, &size_after);
  cr_assert_eq(size, size_after);
  cr_assert_eq(memcmp(after, before, size), 0);
  free(before);
  free(after);
  (void)sql("PRAGMA application_id = 1");
  (void)sql("DROP TABLE jobs");
  sqlite_refuses(SIGNET_ERROR_STORE, "another program's database");
}

Test(store_file, newer_schema_is_refused)
{
  make_journal();
  (void)sql("PRAGMA user_version = 6");
  sqlite_refuses(SIGNET_ERROR_STORE, "has version 6, this program knows up to");
  (void)sql("PRAGMA user_version = -1");
  sqlite_refuses(SIGNET_ERROR_STORE, "has version -1");
  (void)sql("PRAGMA user_version = 5");
  store_holds(100);
}

Test(store_file, schema_without_its_tables_is_refused)
{
  make_journal();
  (void)sql("DROP TABLE batches");
  sqlite_refuses(SIGNET_ERROR_STORE, "no such table: batches");
}

/* Wherever it is cut; a file of one byte is an empty one to SQLite. */
Test(store_file, cut_file_is_refused)
{
  char *content;
  size_t size;

  make_journal();
  content = sqlite_read_file(store_path, &size);
  for (size_t length = 2; length < size; length += 997) {
    sqlite_write_file(store_path, content, length);
    sqlite_refuses(SIGNET_ERROR_STORE, "journal.db");
  }
  sqlite_write_file(store_path, content, size);
  store_holds(100);
  free(content);
}

Test(store_file, each_page_is_checked)
{
  char *content, kept[8];
  size_t size;

  make_journal();
  content = sqlite_read_file(store_path, &size);
  cr_assert_gt(size, 8 * PAGE);
  for (size_t at = 0; at < size; at += PAGE) {
    memcpy(kept, content + at, sizeof kept);
    memset(content + at, 0xff, sizeof kept);
    sqlite_write_file(store_path, content, size);
    sqlite_refuses(SIGNET_ERROR_STORE, "damaged");
    memcpy(content + at, kept, sizeof kept);
  }
  free(content);
}

/* SQLite can't know what a batch must hold. */
static void is_no_batch(const char *content)
{
  char text[200];

  (void)snprintf(text, sizeof text, "UPDATE batches SET content = %s", content);
  (void)sql(text);
  cr_assert(store_open(), "%s", store_error.message);
  cr_assert_eq(store_count(), -1, "%s was read", content);
  cr_assert_not_null(strstr(store_error.message, "damaged"), "%s",
                     store_error.message);
  store_close();
}

Test(store_file, what_is_no_batch_is_told)
{
  make_journal();
  is_no_batch("x'58'");                       /* no such item */
  is_no_batch("x'57'");                       /* nothing behind it */
  is_no_batch("x'57ffffffffffffffffffff'");   /* a number without an end */
  is_no_batch("x'5702ffffffffffffffff7f41'"); /* a text of that length */
  is_no_batch("x'57020241'");                 /* no NUL behind it */
  is_no_batch(
      "x'570400000000000000000000000000'"); /* the second is the first */
  is_no_batch("x'4f0200000000000000'");     /* an outcome of no write */
  (void)sql("UPDATE batches SET content = x''");
  store_holds(0);
}

static bool is_moved(void *user, const signet_write_row *row)
{
  int *seen = user;

  ++*seen;
  if (*seen == 1) {
    cr_expect(row->number == 1 && row->intended_ms == 8 &&
              row->decided_ms == 99);
    cr_expect_str_eq(row->target, "77");
    cr_expect_str_eq(row->state, "done");
    cr_expect_str_eq(row->answer, "77");
    cr_expect_str_eq(row->after, "{\"a\":1}");
  } else {
    cr_expect(row->number == 2 && row->decided_ms == 0);
    cr_expect_str_eq(row->target, "11");
    cr_expect_str_eq(row->state, "intent");
  }
  return true;
}

Test(store_file, version_1_is_brought_up_to_date)
{
  int seen = 0;

  sqlite_make_version_1();
  cr_assert(store_open(), "%s", store_error.message);
  cr_assert(
      store->operations->each_write(store, JOB, is_moved, &seen, &store_error),
      "%s", store_error.message);
  cr_assert_eq(seen, 2);
  cr_assert_eq(store_put_write("12"), 3);
  cr_assert(store_commit());
  store_close();
  store_holds(3);
  store_close();
  cr_assert_eq(sql("PRAGMA user_version"), 5);
}

/* A flipped bit in a text is not seen; but nothing may crash or hang. */
static void survives(char *content, size_t size, size_t at, int bits,
                     int *refused)
{
  content[at] = (char)(content[at] ^ bits);
  sqlite_write_file(store_path, content, size);
  if (!store_open()) {
    cr_assert_eq(store_error.kind, SIGNET_ERROR_STORE, "byte %zu: %s", at,
                 store_error.message);
    ++*refused;
  } else {
    (void)store_count();
    (void)(store_put_write("1") && store_commit());
    store_close();
  }
  content[at] = (char)(content[at] ^ bits);
}

Test(store_file, flipped_bytes_never_crash)
{
  enum { HEADER = 100, ROUNDS = 300 };
  char *content;
  size_t size;
  unsigned random = 12345;
  int refused = 0;

  make_journal();
  content = sqlite_read_file(store_path, &size);
  for (size_t at = 0; at < HEADER; at++)
    survives(content, size, at, 0xff, &refused);
  cr_assert_gt(refused, 20);
  for (int i = 0; i < ROUNDS; i++) {
    random = random * 1103515245 + 12345;
    survives(content, size, (random >> 4) % size, 1 << (random >> 29),
             &refused);
  }
  cr_assert_lt(refused, HEADER + ROUNDS);
  sqlite_write_file(store_path, content, size);
  store_holds(100);
  free(content);
}

Test(store_file, a_version_without_our_mark_is_left_alone)
{
  (void)sql("PRAGMA user_version = 1");
  cr_assert_eq(chmod(store_path, 0600), 0);
  sqlite_refuses(SIGNET_ERROR_STORE, "another program's database");
}

/* The script stood with the job, before version 5. */
Test(store_file, version_4_with_a_script)
{
  char *text;

  make_journal();
  (void)sql("ALTER TABLE jobs ADD COLUMN script TEXT");
  (void)sql("UPDATE jobs SET script = 'return \"ä\"'");
  (void)sql("DROP TABLE scripts");
  (void)sql("PRAGMA user_version = 4");
  store_holds(100);
  cr_assert(store->operations->get_script(store, JOB, &text, &store_error));
  cr_assert_str_eq(text, "return \"ä\"");
  signet_memory_free(text);
  store_close();
  cr_assert_eq(sql("PRAGMA user_version"), 5);
  cr_assert_eq(sql("SELECT count(*) FROM pragma_table_info('jobs')"
                   " WHERE name = 'script'"),
               0);
}

/* Each batch holds about as much as one commit does. */
Test(store_file, version_1_with_long_texts)
{
  sqlite_make_version_1();
  (void)sql("UPDATE writes SET after = hex(zeroblob(700000))");
  store_holds(2);
  store_close();
  cr_assert_eq(sql("SELECT count(*) FROM batches"), 3);
  cr_assert_eq(sql("SELECT max(last) FROM batches"), 2);
}
