/* SPDX-License-Identifier: MIT */
/* A batch that is missing, or is not the one that was put, is found. */
#include "sqlite_support.h"

#include "job/store/sqlite/batch.h"

#include <criterion/criterion.h>
#include <sqlite3.h>

#include <stdio.h>
#include <string.h>

enum { BATCHES = 5 };

/* For a journal that is closed. */
static void sql(const char *text)
{
  sqlite3 *database;

  cr_assert_eq(sqlite3_open(store_path, &database), SQLITE_OK);
  cr_assert_eq(sqlite3_exec(database, text, NULL, NULL, NULL), SQLITE_OK,
               "%s: %s", text, sqlite3_errmsg(database));
  cr_assert_eq(sqlite3_close(database), SQLITE_OK);
}

static bool put_batches(int count)
{
  bool good = true;

  for (int i = 0; good && i < count; i++)
    good = store_put_write("1") != 0 && store_commit();
  return good;
}

static void begin(void)
{
  sqlite_begin_in(FOLDER_IN_MEMORY);
  cr_assert(store_open() && store_put_job() && put_batches(BATCHES), "%s",
            store_error.message);
  store_close();
}

TestSuite(store_chain, .init = begin, .fini = store_end, .timeout = 30);

/* Whether it is found; then the error has these words. */
static bool is_found(const char *words)
{
  bool found;

  cr_assert(store_open(), "%s", store_error.message);
  found = store->operations->damage(store, &store_error);
  if (found) {
    cr_expect_not_null(strstr(store_error.message, words), "%s",
                       store_error.message);
    cr_expect_eq(store_put_write("1"), 0);
  }
  store_close();
  return found;
}

Test(store_chain, a_journal_that_was_left_alone_is_whole)
{
  cr_expect_not(is_found(""));
  store_holds(BATCHES);
  cr_expect(put_batches(1));
  store_close();
  cr_expect_not(is_found(""));
}

Test(store_chain, a_batch_that_is_missing_is_named)
{
  sql("DELETE FROM batches WHERE number & 0xffffffff = 3");
  cr_expect(is_found("batch 3 of job " JOB " is missing or changed"));
}

Test(store_chain, a_batch_that_was_changed_is_named)
{
  /* The target, where nothing else would be noticed. */
  sql("UPDATE batches SET content = CAST(replace(CAST(content AS TEXT), "
      "'update', 'create') AS BLOB) WHERE number & 0xffffffff = 2");
  cr_expect(is_found("batch 2 of job " JOB));
}

Test(store_chain, batches_that_were_exchanged_are_found)
{
  sql("UPDATE batches SET number = -1 WHERE number & 0xffffffff = 2;"
      "UPDATE batches SET number = (1 << 32) + 2 WHERE number & 0xffffffff = 3;"
      "UPDATE batches SET number = (1 << 32) + 3 WHERE number = -1");
  cr_expect(is_found("is missing or changed"));
}

/* Every bit of the first link; the last batch has nobody behind it. */
Test(store_chain, a_flipped_bit_in_a_link)
{
  char change[200];

  for (int at = 1; at <= SIGNET_BATCH_LINK_SIZE; at++) {
    (void)snprintf(change, sizeof change,
                   "CREATE TABLE kept AS SELECT * FROM batches;"
                   "UPDATE batches SET content = CAST(substr(content, 1, %d) ||"
                   " x'7e' || substr(content, %d) AS BLOB)"
                   " WHERE number & 0xffffffff = 2",
                   at - 1, at + 1);
    sql(change);
    cr_expect(is_found("batch 2 of job " JOB), "byte %d", at);
    sql("DELETE FROM batches; INSERT INTO batches SELECT * FROM kept;"
        "DROP TABLE kept");
  }
  cr_expect_not(is_found(""));
}

Test(store_chain, what_is_accepted_is_not_found_again)
{
  signet_store_loss loss;

  sql("UPDATE jobs SET state = 'done';"
      "UPDATE batches SET content = x'58' WHERE number & 0xffffffff = 3");
  cr_assert(store_open());
  cr_assert(store->operations->damage(store, &store_error));
  cr_assert(store->operations->accept(store, &store_error), "%s",
            store_error.message);
  cr_expect(
      store->operations->get_loss(store, JOB, false, &loss, &store_error) &&
      loss.lost);
  cr_expect(store_put_job() && store_commit());
  store_close();
  cr_expect_not(is_found(""));
  cr_assert(store_open());
  cr_expect_eq(store_count(), -1, "what it holds can't be read");
}

/* Journals of version 3, and those that go on from it. */
Test(store_chain, batches_without_links_are_read)
{
  sql("UPDATE batches SET content = substr(content, 42);"
      "ALTER TABLE jobs ADD COLUMN script TEXT; DROP TABLE scripts;"
      "PRAGMA user_version = 3");
  cr_expect_not(is_found(""));
  store_holds(BATCHES);
  cr_assert(put_batches(2));
  store_close();
  cr_expect_not(is_found(""));
  store_holds(BATCHES + 2);
  store_close();
  sql("DELETE FROM batches WHERE number & 0xffffffff = 6");
  cr_expect(is_found("batch 6 of job " JOB));
}
