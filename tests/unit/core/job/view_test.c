/* SPDX-License-Identifier: MIT */
/* Looking at journals, whole ones beside those that can't be read. */
#include "job_support.h"

#include "job/store/sqlite/holder.h"
#include "job/store/sqlite/open.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(view, .init = job_begin, .fini = job_end);

typedef struct seen {
  size_t jobs, writes, busy, running;
  signet_job_running last; /* that runs */
  size_t limit; /* of jobs or writes: then the reading is ended; 0: none */
} seen;

static bool see_job(void *user, const signet_job_view *view)
{
  seen *all = user;
  cr_expect_not_null(view->id);
  cr_expect_not_null(strstr(view->journal, "journal-"));
  if (view->running != NULL) {
    cr_expect_str_eq(view->state, "running");
    cr_expect_str_eq(view->id, view->running->id);
    all->running++;
    all->last = *view->running;
  }
  return ++all->jobs != all->limit;
}

static bool see_write(void *user, const signet_write_view *view)
{
  seen *all = user;
  cr_expect_not_null(view->verb);
  return ++all->writes != all->limit;
}

static void see_busy(void *user, const char *path)
{
  seen *all = user;
  cr_expect_not_null(strstr(path, "journal-"));
  all->busy++;
}

static bool jobs(seen *all)
{
  return signet_jobs_each(job_folder, NULL, see_job, see_busy, all, &job_error);
}

static bool writes(const char *id, seen *all)
{
  return signet_job_writes_each(job_folder, id, see_write, all, &job_error);
}

static void make_journal(void)
{
  journal_begin();
  journal_write("delete", "sign", "1", "{}", NULL, "done");
  journal_write("delete", "sign", "2", "{}", NULL, "done");
  journal_end();
}

/* Another account's journal, of these bytes. */
static void make_file(const char *name, const char *content)
{
  char path[300];
  snprintf(path, sizeof path, "%s/%s", job_folder, name);
  FILE *file = fopen(path, "w");
  cr_assert_not_null(file);
  cr_assert_geq(fputs(content, file), 0);
  cr_assert_eq(fclose(file), 0);
  cr_assert_eq(chmod(path, 0600), 0);
}

static void expect_failure(bool good, signet_error_kind kind, const char *words)
{
  cr_expect_not(good);
  cr_expect_eq(job_error.kind, kind, "%s", job_error.message);
  cr_expect_not_null(strstr(job_error.message, words), "%s", job_error.message);
}

Test(view, where_nothing_is)
{
  seen all = {0};
  cr_expect(jobs(&all), "%s", job_error.message);
  expect_failure(writes(EARLIER, &all), SIGNET_ERROR_NOT_FOUND,
                 "has a job " EARLIER);
  strcat(job_folder, "/none");
  cr_expect(jobs(&all), "%s", job_error.message);
  expect_failure(writes(EARLIER, &all), SIGNET_ERROR_NOT_FOUND,
                 "has a job " EARLIER);
  cr_expect_eq(all.jobs, 0);
  job_folder[strlen(job_folder) - strlen("/none")] = '\0';
}

Test(view, a_file_where_the_folder_should_be)
{
  char folder[sizeof job_folder];
  seen all = {0};
  make_file("file", "");
  strcpy(folder, job_folder);
  strcat(job_folder, "/file");
  expect_failure(jobs(&all), SIGNET_ERROR_STORE, "Not a directory");
  expect_failure(writes(EARLIER, &all), SIGNET_ERROR_STORE, "Not a directory");
  strcpy(job_folder, folder);
}

Test(view, a_reading_that_is_ended)
{
  seen all = {.limit = 1};
  make_journal();
  make_file("other.db", "no journal, and none by its name");
  cr_expect(jobs(&all), "%s", job_error.message);
  cr_expect_eq(all.jobs, 1);
  cr_expect(writes(EARLIER, &all), "%s", job_error.message);
  cr_expect_eq(all.writes, 1);
}

/* What is asked for may stand in another one. */
Test(view, a_damaged_journal_beside)
{
  seen all = {0};
  make_journal();
  make_file("journal-0.db", "this is no database, whatever its name is");
  expect_failure(jobs(&all), SIGNET_ERROR_STORE, "is no journal");
  cr_expect(writes(EARLIER, &all), "%s", job_error.message);
  cr_expect_eq(all.writes, 2);
  expect_failure(writes("20260101T000000", &all), SIGNET_ERROR_STORE,
                 "is no journal");
}

static void journal_of_account(char *path, size_t size)
{
  cr_assert(signet_store_sqlite_path(
      job_folder, signet_account_identity(on.account), path, size));
}

/* By whom is not known: the job that says it runs is taken for it. */
Test(view, a_journal_that_somebody_holds)
{
  char path[300];
  seen all = {0};
  make_journal();
  journal_of_account(path, sizeof path);
  signet_store *held = signet_store_open_sqlite(path, &job_error);
  cr_assert_not_null(held, "%s", job_error.message);
  cr_expect(jobs(&all), "%s", job_error.message);
  cr_expect_eq(all.busy, 1);
  cr_expect_eq(all.jobs, 1);
  cr_expect_eq(all.running, 1);
  cr_expect(
      signet_jobs_each(job_folder, NULL, see_job, NULL, &all, &job_error));
  cr_expect(writes(EARLIER, &all), "%s", job_error.message);
  cr_expect_eq(all.writes, 2);
  held->operations->close(held);
  all = (seen){0};
  cr_expect(jobs(&all));
  cr_expect_eq(all.running, 0, "it crashed");
}

/* One that has written nothing has no row, and is there all the same. */
Test(view, a_job_that_has_written_nothing)
{
  signet_job_running self = {.type = "undo", .account = "an account"};
  char path[300], id[SIGNET_JOB_ID_ROOM];
  seen all = {0};
  make_journal();
  journal_of_account(path, sizeof path);
  signet_store *held = signet_store_open_sqlite(path, &job_error);
  cr_assert_not_null(held, "%s", job_error.message);
  strcpy(self.id, "20270101T000000-0001");
  int file = signet_holder_write(path, &self);
  cr_assert_geq(file, 0);
  signet_holder_tell(file, 0, &(signet_job_counts){.done = 3}, "2 reviews");
  cr_expect(jobs(&all), "%s", job_error.message);
  cr_expect(all.jobs == 2 && all.running == 1 && all.busy == 0);
  cr_expect_str_eq(all.last.id, self.id);
  cr_expect_str_eq(all.last.type, "undo");
  cr_expect_str_eq(all.last.account, "an account");
  cr_expect_str_eq(all.last.waits, "2 reviews");
  cr_expect_eq(all.last.counts.done, 3);
  cr_expect(signet_job_find(job_folder, "2027", id, sizeof id, &job_error));
  cr_expect_str_eq(id, self.id);
  cr_expect(writes(self.id, &all), "%s", job_error.message);
  cr_expect_eq(all.writes, 0);
  signet_holder_leave(file, self.id);
  held->operations->close(held);
  expect_failure(writes(self.id, &all), SIGNET_ERROR_NOT_FOUND, "has a job");
  (void)close(file);
}

/* A folder is what its URL names, and other URLs name nothing. */
Test(view, by_a_url)
{
  char url[300], id[SIGNET_JOB_ID_ROOM];
  seen all = {0};
  make_journal();
  snprintf(url, sizeof url, "sqlite:%s", job_folder);
  cr_expect(signet_jobs_each(url, NULL, see_job, see_busy, &all, &job_error));
  cr_expect_eq(all.jobs, 1);
  cr_expect(signet_job_find(url, EARLIER, id, sizeof id, &job_error));
  cr_expect(signet_job_writes_each(url, EARLIER, see_write, &all, &job_error));
  cr_expect_eq(all.writes, 2);
  job_options.state_dir = url;
  job_open();
  signet_job_findings findings;
  cr_expect(signet_job_settle(job, &findings, &job_error), "%s",
            job_error.message);
  cr_expect_str_eq(signet_job_id(job), EARLIER);
  cr_expect(job_close(), "%s", job_error.message);
  expect_failure(
      signet_jobs_each("pigeons://loft", NULL, see_job, NULL, &all, &job_error),
      SIGNET_ERROR_CONFIGURATION, "no store pigeons");
}

typedef struct lookup {
  const char *word;
  signet_error_kind kind;
  const char *words;
} lookup;

Test(view, a_word_means_the_one_job_whose_id_begins_so)
{
  static const lookup cases[] = {
      {"", SIGNET_ERROR_VALIDATION, "an empty word"},
      {"rename-typo", SIGNET_ERROR_VALIDATION, "there is no job rename-typo"},
      {EARLIER "0", SIGNET_ERROR_VALIDATION, "no job's id begins so"},
      {"20260101T", SIGNET_ERROR_VALIDATION, "the ids of 3 jobs begin with"},
      {"20260101T000000-000", SIGNET_ERROR_VALIDATION, "-0001"},
  };
  char id[SIGNET_JOB_ID_ROOM] = "";
  journal_begin();
  journal_job(EARLIER "a"); /* of another tool: longer, and no reason to fail */
  journal_job("20260101T000000-1002");
  journal_end();
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    expect_failure(
        signet_job_find(job_folder, cases[i].word, id, sizeof id, &job_error),
        cases[i].kind, cases[i].words);
  cr_expect(signet_job_find(job_folder, EARLIER, id, sizeof id, &job_error));
  cr_expect_str_eq(id, EARLIER);
  cr_expect(signet_job_find(job_folder, "20260101T000000-1", id, sizeof id,
                            &job_error));
  cr_expect_str_eq(id, "20260101T000000-1002");
  cr_expect_not(signet_job_find(job_folder, EARLIER, id, 4, &job_error));
}
