/* SPDX-License-Identifier: MIT */
/* Which journal is an account's, and who holds it. */
#include "canary.h"
#include "job/journal.h"
#include "job/store/sqlite/open.h"
#include "job_support.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static signet_account *account;

static void close_account(void)
{
  signet_job_free(job);
  job = NULL;
  signet_account_close(account);
  account = NULL;
}

static void end(void)
{
  close_account();
  job_end();
}

TestSuite(journal, .init = job_begin, .fini = end);

/* Opens an account over HTTP, which nothing is sent to, and a job on it. */
static void open_account(const char *url)
{
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  close_account();
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  options.base_url = url;
  account = signet_account_open(on.loop, &options, &job_error);
  cr_assert_not_null(account, "%s", job_error.message);
  job = signet_job_new(&job_options, &job_error);
  cr_assert_not_null(job, "%s", job_error.message);
  cr_assert(signet_job_attach(job, account, &job_error));
}

/* As a version made it that took each spelling for an account of its own. */
static void old_path(const char *url, char *path, size_t size)
{
  char identity[200];
  snprintf(identity, sizeof identity, "configs %s key " CANARY_KEY, url);
  cr_assert(signet_store_sqlite_path(job_folder, identity, path, size));
}

static void old_journal(const char *url, const char *id)
{
  char path[300], identity[200];
  signet_write_row write = {.job = id,
                            .verb = "delete",
                            .kind = "sign",
                            .target = "1",
                            .state = "done"};
  snprintf(identity, sizeof identity, "configs %s key " CANARY_KEY, url);
  signet_job_row row = {
      .id = id, .type = "run", .state = "failed", .account = identity};
  old_path(url, path, sizeof path);
  signet_store *store = signet_store_open_sqlite(path, &job_error);
  cr_assert_not_null(store, "%s", job_error.message);
  cr_assert(
      store->operations->put_job(store, &row, &job_error) &&
      store->operations->put_write(store, &write, &job_error) &&
      store->operations->put_step(store, id, "chosen", "[1]", &job_error) &&
      store->operations->commit(store, &job_error));
  store->operations->close(store);
}

static bool count_job(void *user, const signet_job_row *row)
{
  (void)row;
  ++*(int *)user;
  return true;
}

static bool count_write(void *user, const signet_write_row *row)
{
  (void)row;
  ++*(int *)user;
  return true;
}

/* How many jobs the store has. */
static int jobs_of(signet_store *store)
{
  int jobs = 0;
  cr_assert(
      store->operations->each_job(store, NULL, count_job, &jobs, &job_error));
  return jobs;
}

static void expect_whole(signet_store *store, const char *id)
{
  char *value;
  int writes = 0;
  cr_assert(store->operations->each_write(store, id, count_write, &writes,
                                          &job_error));
  cr_expect_eq(writes, 1, "%s", id);
  cr_assert(
      store->operations->get_step(store, id, "chosen", &value, &job_error));
  cr_expect_str_eq(value, "[1]");
  signet_job_text_free(value);
}

static signet_store *open_journal(void)
{
  signet_job_running held_by;
  signet_store *store = signet_job_open_journal(job, &held_by, &job_error);
  cr_assert_not_null(store, "%s", job_error.message);
  return store;
}

#define FIRST "20260101T000000-0001"
#define SECOND "20260101T000000-0002"

/* The tables that a journal has are those that are taken over. */
Test(journal, one_of_another_spelling_is_taken_over)
{
  char path[300], aside[320];
  old_journal("http://localhost", FIRST);
  old_journal("http://LOCALHOST:80", SECOND);
  open_account("http://LOCALHOST:80/");
  for (int turn = 0; turn < 2; turn++) {
    signet_store *store = open_journal();
    cr_expect_eq(jobs_of(store), 2);
    expect_whole(store, FIRST);
    expect_whole(store, SECOND);
    store->operations->close(store);
  }
  old_path("http://LOCALHOST:80", path, sizeof path);
  snprintf(aside, sizeof aside, "%s.merged", path);
  cr_expect_neq(access(path, F_OK), 0);
  cr_expect_eq(access(aside, F_OK), 0);
}

/* As after a crash between taking it over and setting it aside. */
Test(journal, it_is_taken_over_once)
{
  old_journal("http://LOCALHOST", FIRST);
  open_account("http://LOCALHOST");
  signet_store *store = open_journal();
  store->operations->close(store);
  old_journal("http://LOCALHOST", FIRST);
  store = open_journal();
  cr_expect_eq(jobs_of(store), 1);
  expect_whole(store, FIRST);
  store->operations->close(store);
}

Test(journal, one_that_is_held_is_waited_for)
{
  char path[300];
  old_journal("http://LOCALHOST", FIRST);
  old_path("http://LOCALHOST", path, sizeof path);
  signet_store *held = signet_store_open_sqlite(path, &job_error);
  cr_assert_not_null(held);
  signet_job_running held_by;
  open_account("http://LOCALHOST");
  cr_expect_null(signet_job_open_journal(job, &held_by, &job_error));
  cr_expect_eq(job_error.kind, SIGNET_ERROR_LOCKED, "%s", job_error.message);
  held->operations->close(held);
}

/* Under a spelling that neither is the canonical one nor today's. */
Test(journal, a_job_is_found_in_whatever_journal)
{
  signet_job_findings findings;
  old_journal("http://localhost:1", SECOND);
  old_journal("http://LocalHost:9", FIRST);
  job_options.resume = FIRST;
  open_account("http://localhost:9");
  cr_assert(signet_job_settle(job, &findings, &job_error), "%s",
            job_error.message);
  cr_expect_eq(findings.remembered, 1);
  cr_expect_str_eq(signet_job_id(job), FIRST);
  job_options.resume = SECOND;
  open_account("http://localhost:9");
  cr_expect_not(signet_job_settle(job, &findings, &job_error));
  cr_expect_eq(job_error.kind, SIGNET_ERROR_NOT_FOUND, "another account's");
}

static bool take_account(void *user, const signet_job_view *view)
{
  snprintf(user, 200, "%s", view->account);
  return true;
}

Test(journal, jobs_are_shown_under_the_account_of_today)
{
  char shown[200] = "";
  old_journal("http://LOCALHOST:80", FIRST);
  open_account("http://localhost");
  cr_assert(signet_jobs_each(job_folder, NULL, take_account, NULL, shown,
                             &job_error));
  cr_expect_str_eq(shown, signet_account_identity(account));
}

Test(journal, a_name_that_does_not_fit_is_no_account)
{
  char url[600];
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  memset(url, 'a', sizeof url);
  memcpy(url, "http://localhost/", 17);
  url[sizeof url - 1] = '\0';
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  options.base_url = url;
  cr_expect_null(signet_account_open(on.loop, &options, &job_error));
  cr_expect_eq(job_error.kind, SIGNET_ERROR_CONFIGURATION);
  cr_expect_not_null(strstr(job_error.message, "too long"));
}

/* ---- who holds it ---- */

/* The sentence about it; "": it isn't known. */
static const char *holder(void)
{
  static signet_error error;
  char path[300];
  signet_job_running running;
  cr_assert(signet_store_sqlite_path(
      job_folder, signet_account_identity(account), path, sizeof path));
  if (!signet_store_holder(path, &running))
    return "";
  signet_job_explain_lock(job, &running, &error);
  return error.message;
}

static void write_holder(const char *line)
{
  char path[320];
  cr_assert(signet_store_sqlite_path(
      job_folder, signet_account_identity(account), path, sizeof path));
  strcat(path, "-holder");
  FILE *file = fopen(path, "w");
  cr_assert_not_null(file);
  fputs(line, file);
  cr_assert_eq(fclose(file), 0);
}

Test(journal, the_holder_tells_who_it_is)
{
  signet_job_findings findings;
  char process[40];
  old_journal("http://localhost:9", FIRST);
  job_options.resume = FIRST;
  open_account("http://localhost:9");
  cr_expect_str_empty(holder());
  cr_assert(signet_job_settle(job, &findings, &job_error));
  snprintf(process, sizeof process, "process %ld on ", (long)getpid());
  cr_expect_not_null(strstr(holder(), "job " FIRST ", "), "%s", holder());
  cr_expect_not_null(strstr(holder(), process), "%s", holder());
  signet_job *second = signet_job_new(&job_options, &job_error);
  cr_assert(signet_job_attach(second, account, &job_error));
  cr_expect_not(signet_job_settle(second, &findings, &job_error));
  cr_expect_eq(job_error.kind, SIGNET_ERROR_LOCKED);
  cr_expect_not_null(strstr(job_error.message, process), "%s",
                     job_error.message);
  signet_job_free(second);
  cr_expect_not_null(strstr(holder(), process), "it was not the holder's");
  signet_job_free(job);
  job = NULL;
  cr_expect_str_empty(holder());
}

Test(journal, what_says_nothing_certain_says_nothing)
{
  static const char *const lines[] = {"",
                                      "\n",
                                      "signet holder 1\n",
                                      "signet holder 1 host 1 1 x",
                                      "signet holder 2 host 1 1 " FIRST "\n",
                                      "signet holder 1 host 0 1 " FIRST "\n",
                                      "signet holder 1 host -1 1 " FIRST "\n"};
  char gone[200], host[65];
  open_account("http://localhost:9");
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    write_holder(lines[i]);
    cr_expect_str_empty(holder(), "%s", lines[i]);
  }
  write_holder("signet holder 1 far 5 1763805600000 " FIRST "\n");
  cr_expect_not_null(strstr(holder(), "process 5 on far since 2025-11-22 "));
  cr_assert_eq(gethostname(host, sizeof host), 0);
  snprintf(gone, sizeof gone, "signet holder 1 %s 2147483646 1 " FIRST "\n",
           host);
  write_holder(gone);
  cr_expect_str_empty(holder());
}
