/* SPDX-License-Identifier: MIT */
/* Which jobs there are, which one is meant, and what can be done with it. */
#include "job_support.h"

#include "job/store/sqlite/open.h"
#include "signet/jobs.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

TestSuite(jobs, .init = job_begin, .fini = job_end);

#define ACCOUNT "configs https://one.invalid key abc"
#define OTHER "configs https://two.invalid key abc"

static void journal_path(char *path, size_t size)
{
  cr_assert(signet_store_sqlite_path(
      job_folder, signet_account_identity(on.account), path, size));
}

/* The oldest first; the number is the end of the id, and when it began. */
static const struct {
  const char *type, *state, *account, *parent;
} rows[] = {
    {"run", "failed", ACCOUNT, NULL},
    {"apply", "interrupted", ACCOUNT, "digest"},
    {"undo", "parked", OTHER, "x"},
    {"run", "running", OTHER, NULL},
    {"run", "done", ACCOUNT, NULL},
    {"undo", "done", ACCOUNT, "job-1"},
};

static signet_store *make_journal(void)
{
  char path[300], id[32];
  journal_path(path, sizeof path);
  signet_store *store = signet_store_open_sqlite(path, &job_error);
  cr_assert_not_null(store, "%s", job_error.message);
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    snprintf(id, sizeof id, "job-%zu", i + 1);
    const signet_job_row row = {.id = id,
                                .type = rows[i].type,
                                .state = rows[i].state,
                                .name = "name",
                                .account = rows[i].account,
                                .parent = rows[i].parent,
                                .started_ms = (int64_t)i + 1};
    cr_assert(store->operations->put_job(store, &row, &job_error));
  }
  cr_assert(store->operations->commit(store, &job_error));
  return store;
}

static void make_and_close(void)
{
  signet_store *store = make_journal();
  store->operations->close(store);
}

static void expect_error_of(signet_error_kind kind, const char *words)
{
  cr_expect_eq(job_error.kind, kind, "%s", job_error.message);
  cr_expect_not_null(strstr(job_error.message, words), "%s", job_error.message);
}

Test(jobs, the_newest_comes_first_and_no_text_is_null)
{
  make_and_close();
  signet_jobs *all = signet_jobs_read(job_folder, NULL, &job_error);
  cr_assert_not_null(all, "%s", job_error.message);
  cr_assert_eq(signet_jobs_count(all), 6);
  cr_expect_str_eq(signet_jobs_at(all, 0)->id, "job-6");
  cr_expect_str_eq(signet_jobs_at(all, 5)->id, "job-1");
  cr_expect_str_eq(signet_jobs_at(all, 2)->state, "crashed");
  cr_expect_str_eq(signet_jobs_at(all, 2)->arguments, "");
  cr_expect_str_eq(signet_jobs_at(all, 2)->parent, "");
  cr_expect_null(signet_jobs_at(all, 6));
  cr_expect_null(signet_jobs_busy_at(all, 0));
  signet_jobs_free(all);
  all = signet_jobs_read(job_folder, "job-2", &job_error);
  cr_expect_eq(signet_jobs_count(all), 1);
  signet_jobs_free(all);
  signet_jobs_free(NULL);
}

Test(jobs, a_folder_that_is_not_there_has_none)
{
  char folder[300];
  snprintf(folder, sizeof folder, "%s/none", job_folder);
  signet_jobs *all = signet_jobs_read(folder, NULL, &job_error);
  cr_assert_not_null(all, "%s", job_error.message);
  cr_expect_eq(signet_jobs_count(all), 0);
  signet_jobs_free(all);
  cr_expect_null(signet_jobs_read("pigeons://loft", NULL, &job_error));
  expect_error_of(SIGNET_ERROR_CONFIGURATION, "no store pigeons");
}

Test(jobs, the_one_that_a_word_means)
{
  make_and_close();
  signet_jobs *one = signet_jobs_read_one(job_folder, "job-3", &job_error);
  cr_assert_not_null(one, "%s", job_error.message);
  cr_expect_eq(signet_jobs_count(one), 1);
  cr_expect_str_eq(signet_jobs_at(one, 0)->type, "undo");
  signet_jobs_free(one);
  cr_expect_null(signet_jobs_read_one(job_folder, "job-", &job_error));
  expect_error_of(SIGNET_ERROR_VALIDATION, "the ids of 6 jobs begin with");
  cr_expect_null(signet_jobs_read_one(job_folder, "none", &job_error));
  expect_error_of(SIGNET_ERROR_VALIDATION, "there is no job none");
}

/* Those that are done, or were taken back, are left out; so is a running one,
 * which is named where there is no other. */
Test(jobs, the_one_that_nobody_names)
{
  signet_store *store = make_journal();
  signet_jobs *all = signet_jobs_read(job_folder, NULL, &job_error);
  cr_assert_not_null(all, "%s", job_error.message);
  cr_expect_str_eq(signet_jobs_to_resume(all, ACCOUNT, &job_error)->id,
                   "job-2");
  cr_expect_str_eq(signet_jobs_to_resume(all, OTHER, &job_error)->id, "job-3");
  cr_expect_null(signet_jobs_to_resume(all, "configs none", &job_error));
  expect_error_of(SIGNET_ERROR_VALIDATION, "waits to be resumed");
  cr_expect_not_null(signet_jobs_busy_at(all, 0), "a process holds it");
  signet_jobs_free(all);
  all = signet_jobs_read(job_folder, "job-4", &job_error);
  cr_assert_not_null(all, "%s", job_error.message);
  cr_expect_str_eq(signet_jobs_at(all, 0)->state, "running");
  cr_expect_null(signet_jobs_to_resume(all, OTHER, &job_error));
  expect_error_of(SIGNET_ERROR_REFUSED, "job job-4 is running");
  signet_jobs_free(all);
  store->operations->close(store);
}

Test(jobs, how_each_is_resumed)
{
  static const signet_job_resumes how[] = {
      SIGNET_RESUMES_NOT,    SIGNET_RESUMES_PLAN,    SIGNET_RESUMES_UNDO,
      SIGNET_RESUMES_SCRIPT, SIGNET_RESUMES_NOTHING, SIGNET_RESUMES_NOTHING};
  make_and_close();
  signet_jobs *all = signet_jobs_read(job_folder, NULL, &job_error);
  cr_assert_not_null(all, "%s", job_error.message);
  for (size_t i = 0; i < 6; i++)
    cr_expect_eq(
        signet_job_how_to_resume(signet_jobs_at(all, 5 - i), &job_error),
        how[i], "job-%zu: %s", i + 1, signet_jobs_at(all, 5 - i)->state);
  expect_error_of(SIGNET_ERROR_REFUSED, "job job-6 is done");
  signet_job_how_to_resume(signet_jobs_at(all, 5), &job_error);
  expect_error_of(SIGNET_ERROR_REFUSED, "job job-1 is undone: a job that is");
  signet_jobs_free(all);
}

Test(jobs, whose_it_is)
{
  make_and_close();
  signet_jobs *one = signet_jobs_read_one(job_folder, "job-3", &job_error);
  cr_assert_not_null(one, "%s", job_error.message);
  cr_expect(signet_job_is_of(signet_jobs_at(one, 0), OTHER, &job_error));
  cr_expect_not(signet_job_is_of(signet_jobs_at(one, 0), ACCOUNT, &job_error));
  expect_error_of(SIGNET_ERROR_CONFIGURATION,
                  "job job-3 works on " OTHER
                  ", and these settings lead to " ACCOUNT);
  signet_jobs_free(one);
}

Test(jobs, who_works_for_it)
{
  signet_job_running running = {.host = "a\nb", .process = 17, .since_ms = 1};
  signet_job_view view = {.running = &running};
  char out[160];
  cr_expect(signet_job_process(&view, out, sizeof out));
  cr_expect_not_null(strstr(out, "process 17 on a\\nb since 19"), "%s", out);
  running.host[0] = '\0';
  cr_expect_not(signet_job_process(&view, out, sizeof out));
  cr_expect_str_eq(out, "");
}
