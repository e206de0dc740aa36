/* SPDX-License-Identifier: MIT */
/* The rows of a journal: what was put comes back, in order, and only that. */

#include "store_support.h"

#include "model/memory.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void begin(void)
{
  store_begin();
  cr_assert(store_open(), "%s", store_error.message);
}

TestSuite(store, .init = begin, .fini = store_end);

/* The fields of the rows that were read, a line each; NULL is shown as "-". */
static char shown[1 << 16];
static size_t shown_length;

static void show(const char *text)
{
  shown_length +=
      (size_t)snprintf(shown + shown_length, sizeof shown - shown_length, "%s|",
                       text != NULL ? text : "-");
  cr_assert_lt(shown_length, sizeof shown);
}

static void show_number(int64_t number)
{
  char text[24];

  (void)snprintf(text, sizeof text, "%lld", (long long)number);
  show(text);
}

static void show_script(const char *job)
{
  char *text;

  cr_assert(store->operations->get_script(store, job, &text, &store_error),
            "%s", store_error.message);
  show(text);
  signet_memory_free(text);
}

static bool show_job(void *user, const signet_job_row *row)
{
  (void)user;
  show(row->id);
  show(row->type);
  show(row->state);
  show(row->name);
  cr_assert_null(row->script);
  show_script(row->id);
  show(row->arguments);
  show(row->account);
  show(row->parent);
  show_number(row->started_ms);
  show_number(row->ended_ms);
  show_number(row->done);
  show_number(row->failed);
  show_number(row->skipped);
  show_number(row->unknown);
  show_number(row->waiting);
  shown[shown_length - 1] = '\n';
  return true;
}

static bool show_write(void *user, const signet_write_row *row)
{
  (void)user;
  show_number(row->number);
  show(row->job);
  show(row->verb);
  show(row->kind);
  show(row->target);
  show(row->before);
  show(row->after);
  show(row->state);
  show(row->answer);
  show(row->error_kind);
  show(row->error_message);
  show_number(row->attempts);
  show_number(row->intended_ms);
  show_number(row->decided_ms);
  shown[shown_length - 1] = '\n';
  return true;
}

static bool show_id(void *user, const signet_job_row *row)
{
  int *left = user;

  show(row->id);
  return left == NULL || --*left > 0;
}

static const char *jobs(const char *prefix, signet_job_row_fn function,
                        void *user)
{
  shown_length = 0;
  *shown = '\0';
  cr_assert(
      store->operations->each_job(store, prefix, function, user, &store_error),
      "%s", store_error.message);
  return shown;
}

static const char *writes(const char *job)
{
  shown_length = 0;
  *shown = '\0';
  cr_assert(
      store->operations->each_write(store, job, show_write, NULL, &store_error),
      "%s", store_error.message);
  return shown;
}

static void put_job(const signet_job_row *row)
{
  cr_assert(store->operations->put_job(store, row, &store_error), "%s",
            store_error.message);
}

static void put_write(signet_write_row *row)
{
  cr_assert(store->operations->put_write(store, row, &store_error), "%s",
            store_error.message);
}

static void put_step(const char *job, const char *name, const char *value)
{
  cr_assert(store->operations->put_step(store, job, name, value, &store_error),
            "%s", store_error.message);
}

/* The value is freed by the next call. */
static const char *step(const char *job, const char *name)
{
  static char *value;

  signet_memory_free(value);
  cr_assert(store->operations->get_step(store, job, name, &value, &store_error),
            "%s", store_error.message);
  return value;
}

static void commit_and_reopen(void)
{
  cr_assert(store_commit(), "%s", store_error.message);
  store_close();
  cr_assert(store_open(), "%s", store_error.message);
}

/* Every field has a value of its own, so that none can be taken for another. */
static const signet_job_row full_job = {.id = JOB,
                                        .type = "run",
                                        .state = "done",
                                        .name = "jobs/rename.lua",
                                        .script = "print 'Grüße 你好 🎉'\n",
                                        .arguments = "[\"--all\"]",
                                        .account = "configs https://host key",
                                        .parent = "20261121T000000-0000",
                                        .started_ms = INT64_MAX,
                                        .ended_ms = INT64_MIN,
                                        .done = 1,
                                        .failed = 2,
                                        .skipped = 3,
                                        .unknown = 4,
                                        .waiting = 5};

Test(store, job_comes_back_whole)
{
  put_job(&full_job);
  commit_and_reopen();
  cr_assert_str_eq(jobs(NULL, show_job, NULL),
                   JOB "|run|done|jobs/rename.lua|print 'Grüße 你好 🎉'\n|"
                       "[\"--all\"]|configs https://host key|"
                       "20261121T000000-0000|9223372036854775807|"
                       "-9223372036854775808|1|2|3|4|5\n");
}

Test(store, job_without_texts)
{
  put_job(&(signet_job_row){.id = "a", .name = ""});
  commit_and_reopen();
  cr_assert_str_eq(jobs(NULL, show_job, NULL),
                   "a|-|-||-|-|-|-|0|0|0|0|0|0|0\n");
}

/* But for its script, which is as long as a plan may be. */
Test(store, job_is_replaced_and_keeps_its_writes)
{
  put_job(&full_job);
  cr_assert_eq(store_put_write("1"), 1);
  put_job(&(signet_job_row){.id = "other"});
  put_job(&(signet_job_row){.id = JOB, .type = "undo", .done = 7});
  commit_and_reopen();
  cr_assert_str_eq(jobs(JOB, show_job, NULL),
                   JOB "|undo|-|-|print 'Grüße 你好 🎉'\n"
                       "|-|-|-|0|0|7|0|0|0|0\n");
  cr_assert_str_eq(jobs(NULL, show_id, NULL), "other|" JOB "|");
  cr_assert_eq(store_count(), 1);
}

static bool has_script(const char *job, const char *expected)
{
  char *text;
  bool same;

  cr_assert(store->operations->get_script(store, job, &text, &store_error),
            "%s", store_error.message);
  same = text != NULL && strcmp(text, expected) == 0;
  signet_memory_free(text);
  return same;
}

/* A plan of many steps: what is changed of its job says nothing of it. */
Test(store, a_long_script_stays_as_it_is)
{
  enum { SIZE = 4000 * 1000 };
  static const char letter[] = "ä"; /* parts end within one */
  char *text = malloc(SIZE + 2);

  cr_assert_not_null(text);
  text[0] = '-';
  for (int i = 1; i < SIZE; i++)
    text[i] = letter[(i - 1) % 2];
  text[SIZE] = '\0';
  put_job(&(signet_job_row){.id = "first", .script = "1"});
  put_job(&(signet_job_row){.id = JOB, .script = text});
  put_job(&(signet_job_row){.id = "last", .script = "2"});
  commit_and_reopen();
  put_job(&(signet_job_row){.id = JOB, .state = "done"});
  cr_assert(store_commit());
  (void)jobs(NULL, show_id, NULL);
  cr_assert(has_script(JOB, text));
  text[SIZE / 2] = '\0';
  put_job(&(signet_job_row){.id = JOB, .script = text});
  commit_and_reopen();
  cr_assert(has_script(JOB, text));
  cr_assert(has_script("first", "1"));
  cr_assert(has_script("last", "2"));
  cr_assert_not(has_script("none", "2"));
  free(text);
}

Test(store, jobs_newest_first_by_prefix_and_until_told)
{
  static const char *const ids[] = {"20250101T1", "20260101T1", "20260202T1",
                                    "%", "2026_"};
  int left = 2;

  for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
    put_job(&(signet_job_row){.id = ids[i]});
  cr_assert_str_eq(jobs(NULL, show_id, NULL),
                   "2026_|%|20260202T1|20260101T1|20250101T1|");
  cr_assert_str_eq(jobs("2026", show_id, NULL), "2026_|20260202T1|20260101T1|");
  cr_assert_str_eq(jobs("2026_", show_id, NULL), "2026_|");
  cr_assert_str_eq(jobs("%", show_id, NULL), "%|");
  cr_assert_str_eq(jobs("20260202T1+", show_id, NULL), "");
  cr_assert_str_eq(jobs("", show_id, &left), "2026_|%|");
}

Test(store, write_comes_back_whole)
{
  signet_write_row row = {.job = JOB,
                          .verb = "create",
                          .kind = "template",
                          .target = "",
                          .before = "{\"b\":1}",
                          .after = "{\"ä\":\"🎉\"}",
                          .state = "intent",
                          .answer = "77",
                          .error_kind = "pending",
                          .error_message = "waits",
                          .attempts = 3,
                          .intended_ms = 1700000000000,
                          .decided_ms = 1700000000001};

  put_job(&full_job);
  put_write(&row);
  cr_assert_eq(row.number, 1);
  commit_and_reopen();
  cr_assert_str_eq(writes(JOB),
                   "1|" JOB "|create|template||{\"b\":1}|{\"ä\":\"🎉\"}|intent|"
                   "77|pending|waits|3|1700000000000|1700000000001\n");
}

Test(store, write_changes_what_may_change)
{
  signet_write_row row = {.job = JOB,
                          .verb = "create",
                          .kind = "sign",
                          .target = "",
                          .after = "{}",
                          .state = "intent",
                          .error_kind = "network",
                          .intended_ms = 1};
  signet_write_row change = {.job = JOB,
                             .verb = "x",
                             .kind = "x",
                             .before = "x",
                             .after = "x",
                             .intended_ms = 9,
                             .target = "5",
                             .state = "done",
                             .answer = "5",
                             .attempts = 2,
                             .decided_ms = 8};

  put_job(&full_job);
  put_write(&row);
  change.number = row.number;
  put_write(&change);
  cr_assert_str_eq(writes(JOB),
                   "1|" JOB "|create|sign|5|-|{}|done|5|-|-|2|1|8\n");
  change.state = "failed";
  change.answer = NULL;
  change.error_message = "no";
  put_write(&change);
  commit_and_reopen();
  cr_assert_str_eq(writes(JOB),
                   "1|" JOB "|create|sign|5|-|{}|failed|-|-|no|2|1|8\n");
}

Test(store, writes_in_their_order_job_by_job)
{
  signet_write_row row = {.job = "other"};

  put_job(&full_job);
  put_job(&(signet_job_row){.id = "other"});
  cr_assert_eq(store_put_write("a"), 1);
  put_write(&row);
  cr_assert_eq(row.number, 1);
  commit_and_reopen();
  cr_assert_eq(store_put_write("b"), 2);
  cr_assert_eq(store_put_write("c"), 3);
  cr_assert_eq(store_count(), 3);
  cr_assert_str_eq(writes("other"), "1|other||||-|-||-|-|-|0|0|0\n");
  cr_assert_str_eq(writes("none"), "");
  (void)writes(JOB);
  cr_assert_lt(strstr(shown, "|a|"), strstr(shown, "|b|"));
  cr_assert_lt(strstr(shown, "|b|"), strstr(shown, "|c|"));
}

Test(store, steps)
{
  put_job(&full_job);
  put_job(&(signet_job_row){.id = "other"});
  put_step(JOB, "selection", "[1,2]");
  put_step("other", "selection", "[3]");
  put_step(JOB, "", "null");
  cr_assert_str_eq(step(JOB, "selection"), "[1,2]");
  put_step(JOB, "selection", "[]");
  commit_and_reopen();
  cr_assert_str_eq(step(JOB, "selection"), "[]");
  cr_assert_str_eq(step("other", "selection"), "[3]");
  cr_assert_str_eq(step(JOB, ""), "null");
  cr_assert_null(step(JOB, "Selection"));
  cr_assert_null(step("none", "selection"));
}

Test(store, big_texts)
{
  enum { SIZE = 5 * 1000 * 1000 };
  char *text = malloc(SIZE + 1);

  cr_assert_not_null(text);
  for (int i = 0; i < SIZE; i++)
    text[i] = (char)('a' + i % 23);
  text[SIZE] = '\0';
  put_job(&full_job);
  put_step(JOB, "big", text);
  commit_and_reopen();
  cr_assert(strcmp(step(JOB, "big"), text) == 0);
  cr_assert_null(step(JOB, "none"));
  free(text);
}

Test(store, what_was_not_committed_goes_with_the_store)
{
  put_job(&full_job);
  cr_assert(store_commit());
  cr_assert(store_commit(), "nothing to commit is no failure");
  cr_assert_eq(store_put_write("1"), 1);
  cr_assert_eq(store_count(), 1);
  store_close();
  store_holds(0);
}

Test(store, a_commit_that_was_begun)
{
  put_job(&full_job);
  cr_assert_eq(store_put_write("1"), 1);
  cr_assert(store_begin_commit(), "%s", store_error.message);
  cr_assert_eq(store_put_write("2"), 2);
  cr_assert(store->operations->end_commit(store, &store_error));
  cr_assert_eq(store_count(), 2);
  cr_assert(store_begin_commit());
  put_step(JOB, "waits", "1");
  cr_assert_eq(store_put_write("3"), 3);
  cr_assert(store_commit(), "one after the other");
  cr_assert(store->operations->end_commit(store, &store_error));
  cr_assert(store_begin_commit(), "nothing to commit is no failure");
  cr_assert(store->operations->end_commit(store, &store_error));
  store_close();
  cr_assert_eq(atomic_load(&store_ends), 3);
  store_holds(3);
}

/* A batch that grows too large is put before its commit. */
Test(store, a_large_commit)
{
  enum { COUNT = 5, SIZE = 3000 * 1000 };
  char *text = calloc(SIZE + 1, 1);
  signet_write_row row = {.job = JOB, .verb = "update", .after = text};

  cr_assert_not_null(text);
  memset(text, 'x', SIZE);
  put_job(&full_job);
  for (int i = 0; i < COUNT; i++) {
    row.number = 0;
    put_write(&row);
  }
  cr_assert(store_commit_beside(), "%s", store_error.message);
  store_close();
  store_holds(COUNT);
  free(text);
}

/* After a change that fails, nothing works and nothing of it stays. */
static void is_dead(const char *words)
{
  char message[sizeof store_error.message];
  char *value = NULL;
  signet_job_row row = {.id = "late"};

  cr_assert_eq(store_error.kind, SIGNET_ERROR_STORE);
  cr_assert_not_null(strstr(store_error.message, words), "%s",
                     store_error.message);
  memcpy(message, store_error.message, sizeof message);
#define FAILS(CALL)                                     \
  do {                                                  \
    signet_error_init(&store_error);                    \
    cr_assert_not(CALL);                                \
    cr_assert_eq(store_error.kind, SIGNET_ERROR_STORE); \
    cr_assert_str_eq(store_error.message, message);     \
  } while (0)
  FAILS(store->operations->put_job(store, &row, &store_error));
  FAILS(store_put_write("2"));
  FAILS(store->operations->put_step(store, JOB, "s", "1", &store_error));
  FAILS(store_commit());
  FAILS(store_count() >= 0);
  FAILS(store->operations->each_job(store, NULL, show_job, NULL, &store_error));
  FAILS(store->operations->get_step(store, JOB, "s", &value, &store_error));
#undef FAILS
  store_close();
  store_holds(1);
}

static void put_one_and_begin_another(void)
{
  put_job(&full_job);
  cr_assert_eq(store_put_write("1"), 1);
  cr_assert(store_commit());
  cr_assert_eq(store_put_write("2"), 2);
}

Test(store, dead_after_a_write_of_no_job)
{
  signet_write_row row = {.job = "none"};

  put_one_and_begin_another();
  cr_assert_not(store->operations->put_write(store, &row, &store_error));
  cr_assert_eq(row.number, 0);
  is_dead("no such job");
}

Test(store, dead_after_a_change_of_no_write)
{
  signet_write_row row = {.job = JOB, .number = 3};

  put_one_and_begin_another();
  cr_assert_not(store->operations->put_write(store, &row, &store_error));
  is_dead("no such write");
}

Test(store, dead_after_a_job_without_id)
{
  put_one_and_begin_another();
  cr_assert_not(store->operations->put_job(store, &(signet_job_row){.id = NULL},
                                           &store_error));
  is_dead("journal");
}

/* Tries every change and the same reading again. */
static bool meddle(void *user, const signet_write_row *row)
{
  signet_write_row change = *row;
  int *refused = user;

  *refused += store_put_write("2") == 0;
  *refused += !store->operations->put_write(store, &change, &store_error);
  *refused += !store_commit();
  *refused += store_count() < 0;
  *refused += strcmp(row->target, "1") == 0;
  return true;
}

Test(store, rows_that_are_read_are_not_changed)
{
  int refused = 0;

  put_one_and_begin_another();
  cr_assert(
      store->operations->each_write(store, JOB, meddle, &refused, &store_error),
      "%s", store_error.message);
  cr_assert_eq(refused, 4 + 1 + 4);
  cr_assert(store_put_write("3"), "that was no failure of a change");
  cr_assert_eq(store_count(), 3);
  commit_and_reopen();
  cr_assert_eq(store_count(), 3);
}
