/* SPDX-License-Identifier: MIT */
/* What is asked of a job at its borders: before it has an account, after that
 * is gone, of another one, and of journals that no job of today writes. */
#include "canary.h"
#include "job/store/sqlite/open.h"
#include "job_support.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

TestSuite(job_border, .init = job_begin, .fini = job_end);

static void expect_error_of(bool good, signet_error_kind kind,
                            const char *words)
{
  cr_expect_not(good);
  cr_expect_eq(job_error.kind, kind, "%s", job_error.message);
  cr_expect_not_null(strstr(job_error.message, words), "%s", job_error.message);
}

static void make_job(void)
{
  job = signet_job_new(&job_options, &job_error);
  cr_assert_not_null(job, "%s", job_error.message);
}

/* An account over HTTP, where nobody listens. */
static signet_account *open_other(void)
{
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  options.base_url = "http://127.0.0.1:9";
  signet_account *other = signet_account_open(on.loop, &options, &job_error);
  cr_assert_not_null(other, "%s", job_error.message);
  return other;
}

static void settle_refuses(signet_error_kind kind, const char *words)
{
  signet_job_findings findings;
  expect_error_of(signet_job_settle(job, &findings, &job_error), kind, words);
}

Test(job_border, names_of_states)
{
  cr_expect_str_eq(signet_job_state_name(SIGNET_JOB_DONE), "done");
  cr_expect_str_eq(signet_job_state_name((signet_job_state)99), "unknown");
}

Test(job_border, no_folder_for_the_journal)
{
  job_options.state_dir = "";
  cr_expect_null(signet_job_new(&job_options, &job_error));
  cr_expect_eq(job_error.kind, SIGNET_ERROR_CONFIGURATION);
}

Test(job_border, without_an_account)
{
  char *value;
  make_job();
  settle_refuses(SIGNET_ERROR_CONFIGURATION, "attach it");
  cr_expect(signet_job_step(job, "step", &value, &job_error));
  cr_expect_null(value);
  cr_expect_not(signet_job_end(job, SIGNET_JOB_UNDONE, NULL, &job_error));
  cr_expect_eq(job_error.kind, SIGNET_ERROR_VALIDATION);
  cr_expect(signet_job_end(job, SIGNET_JOB_DONE, NULL, &job_error), "%s",
            job_error.message);
  signet_job_free(job);
  job_options.resume = "2026";
  make_job();
  expect_error_of(signet_job_step(job, "step", &value, &job_error),
                  SIGNET_ERROR_CONFIGURATION, "before the first step");
}

Test(job_border, accounts_of_two_loops)
{
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  signet_loop *loop = signet_loop_new();
  options.world = on.world;
  signet_account *other = signet_account_open(loop, &options, &job_error);
  cr_assert_not_null(other, "%s", job_error.message);
  job_open();
  expect_error_of(signet_job_attach(job, other, &job_error),
                  SIGNET_ERROR_CONFIGURATION, "share one loop");
  signet_account_close(other);
  signet_loop_free(loop);
}

/* A handle that is closed and one opened again are the same account. */
Test(job_border, an_account_that_is_opened_again)
{
  job_open();
  signet_call_release(expect_done(create_sign(on.account, "Before")));
  on_world_speak(SIGNET_CONFIGS);
  cr_assert(signet_job_attach(job, on.account, &job_error));
  signet_call_release(expect_done(create_sign(on.account, "After")));
  cr_assert(job_close(), "%s", job_error.message);
  cr_expect_eq(write_count(), 2);
}

Test(job_border, another_account_beside_a_closed_one)
{
  job_open();
  signet_call_release(expect_done(create_sign(on.account, "Before")));
  signet_account_close(on.account);
  signet_account *other = open_other();
  cr_assert(signet_job_attach(job, other, &job_error));
  expect_words(create_sign(other, "After"), SIGNET_ERROR_REFUSED,
               SIGNET_OUTCOME_NOT_SENT, "a journal belongs to one account");
  on.account = other;
}

Test(job_border, the_resumed_account_is_closed)
{
  journal_begin();
  journal_write("delete", "sign", "1", "{}", NULL, "intent");
  journal_end();
  job_open();
  signet_account_close(on.account);
  on.account = NULL;
  settle_refuses(SIGNET_ERROR_CONFIGURATION, "is closed");
}

Test(job_border, a_path_that_is_too_long)
{
  static char path[SIGNET_STORE_PATH_SIZE];
  memset(path, 'x', sizeof path - 8);
  job_options.state_dir = path;
  job_open();
  expect_words(create_sign(on.account, "Name"), SIGNET_ERROR_CONFIGURATION,
               SIGNET_OUTCOME_NOT_SENT, "too long");
}

/* ---- steps ---- */

Test(job_border, a_step_that_was_decided_before_the_account_was_known)
{
  char *value;
  make_job();
  cr_assert(signet_job_keep_step(job, "early", "[1]", &job_error));
  cr_assert(signet_job_keep_step(job, "next", "[2]", &job_error));
  cr_assert(signet_job_attach(job, on.account, &job_error));
  signet_call_release(expect_done(create_sign(on.account, "Name")));
  cr_assert(signet_job_step(job, "early", &value, &job_error));
  cr_assert_not_null(value);
  cr_expect_str_eq(value, "[1]");
  signet_job_text_free(value);
}

Test(job_border, a_job_that_has_written_nothing)
{
  char path[300];
  cr_assert(signet_store_sqlite_path(
      job_folder, signet_account_identity(on.account), path, sizeof path));
  signet_store *held = signet_store_open_sqlite(path, &job_error);
  cr_assert_not_null(held);
  job_options.wait_lock_ms = 60000;
  job_open();
  expect_error_of(signet_job_record(job, &job_error), SIGNET_ERROR_LOCKED,
                  "another job works");
  held->operations->close(held);
  cr_assert(signet_job_record(job, &job_error), "it is tried again");
  cr_assert_not_null(signet_job_id(job));
  cr_expect(signet_job_record(job, &job_error), "once more changes nothing");
}

Test(job_border, steps_without_a_journal)
{
  char *value;
  job_options.no_journal = true;
  make_job();
  cr_expect(signet_job_keep_step(job, "step", "[1]", &job_error));
  cr_expect(signet_job_step(job, "step", &value, &job_error));
  cr_expect_null(value);
}

Test(job_border, a_step_waits_for_the_journal)
{
  char path[300];
  char *value;
  cr_assert(signet_store_sqlite_path(
      job_folder, signet_account_identity(on.account), path, sizeof path));
  signet_store *held = signet_store_open_sqlite(path, &job_error);
  cr_assert_not_null(held);
  job_options.resume = EARLIER;
  job_options.wait_lock_ms = 1;
  job_open();
  expect_error_of(signet_job_step(job, "step", &value, &job_error),
                  SIGNET_ERROR_LOCKED, "another job works");
  expect_error_of(signet_job_keep_step(job, "step", "1", &job_error),
                  SIGNET_ERROR_LOCKED, "another job works");
  held->operations->close(held);
}

/* One is cancelled, one waits in vain, and one is another account's. */
Test(job_border, writes_wait_for_the_journal)
{
  char path[300];
  signet_account *other = open_other();
  cr_assert(signet_store_sqlite_path(
      job_folder, signet_account_identity(on.account), path, sizeof path));
  signet_store *held = signet_store_open_sqlite(path, &job_error);
  cr_assert_not_null(held);
  job_options.wait_lock_ms = 400;
  job_open();
  cr_assert(signet_job_attach(job, other, &job_error));
  signet_call *first = create_sign(on.account, "First");
  signet_loop_step(on.loop, 0);
  signet_loop_step(on.loop, 0);
  signet_call *second = create_sign(on.account, "Second");
  signet_loop_step(on.loop, 0);
  signet_call *third = create_sign(other, "Third");
  signet_call_cancel(first);
  expect_error(first, SIGNET_ERROR_CANCELLED, SIGNET_OUTCOME_NOT_SENT);
  expect_words(third, SIGNET_ERROR_REFUSED, SIGNET_OUTCOME_NOT_SENT,
               "a journal belongs to one account");
  expect_words(second, SIGNET_ERROR_LOCKED, SIGNET_OUTCOME_NOT_SENT,
               "another job works");
  held->operations->close(held);
  signet_account_close(other);
}

/* ---- limits ---- */

static bool refuse_silently(void *user, const char *account,
                            signet_error *error)
{
  (void)user, (void)account, (void)error;
  return false;
}

Test(job_border, deletes_that_are_not_confirmed)
{
  char id[24];
  world_sign("Kept", SIGNET_STATUS_APPROVED, id);
  job_options.confirm = refuse_silently;
  job_open();
  expect_words(signet_sign_delete(on.account, id, NULL, NULL),
               SIGNET_ERROR_REFUSED, SIGNET_OUTCOME_NOT_SENT,
               "were not confirmed");
}

/* A share of the entries says nothing of what is about none. */
Test(job_border, a_request_and_a_share_of_the_entries)
{
  job_options.max_changes = (signet_job_limit){1, true, 0};
  job_open();
  expect_error(signet_request(on.account, "POST", "/x", "{}", 2, NULL, NULL),
               SIGNET_ERROR_UNSUPPORTED, SIGNET_OUTCOME_NOT_SENT);
}

/* ---- rows ---- */

/* What a write of the job made is not what another create was to make. */
Test(job_border, a_create_beside_its_twin)
{
  static const char state[] =
      "{\"version\":1,\"signs\":[{\"sign_id\":\"77\",\"sign_name\":\"Twin\","
      "\"status\":2,\"created_time\":1700000100}]}";
  signet_job_findings findings;
  cr_assert(signet_world_load(on.world, state, sizeof state - 1, &job_error),
            "%s", job_error.message);
  journal_begin();
  journal_write("create", "sign", "", NULL, "{\"sign_name\":\"Twin\"}", "done");
  journal_write("create", "sign", "", NULL, "{\"sign_name\":\"Twin\"}",
                "intent");
  journal_end();
  job_open();
  cr_assert(signet_job_settle(job, &findings, &job_error), "%s",
            job_error.message);
  cr_expect_eq(findings.not_done, 1);
  cr_expect_eq(findings.done, 0);
}

Test(job_border, an_id_that_this_program_does_not_give)
{
  signet_job_findings findings;
  journal_begin();
  journal_job(EARLIER "-and-so-on-and-on");
  journal_end();
  job_open();
  cr_assert(signet_job_settle(job, &findings, &job_error), "%s",
            job_error.message);
  cr_expect_str_eq(signet_job_id(job), EARLIER);
}

/* Only that the credentials were refused says nothing about the write. */
Test(job_border, refusals_of_an_earlier_run)
{
  static const struct {
    const char *kind, *message;
    signet_error_kind expected; /* SIGNET_OK: it is sent again */
  } cases[] = {{"pending", "it waits", SIGNET_ERROR_PENDING},
               {"auth", "who are you", SIGNET_OK},
               {"no such kind", "what", SIGNET_ERROR_SERVER},
               {NULL, NULL, SIGNET_ERROR_SERVER}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    journal_begin();
    journal_refusal("{\"sign_name\":\"Name\"}", cases[i].kind,
                    cases[i].message);
    journal_end();
    job_open();
    signet_call *call = create_sign(on.account, "Name");
    if (cases[i].expected == SIGNET_OK)
      signet_call_release(expect_done(call));
    else
      expect_words(call, cases[i].expected, SIGNET_OUTCOME_REFUSED,
                   cases[i].message != NULL ? cases[i].message : "write 1");
    cr_assert(job_close(), "%s", job_error.message);
    journal_remove();
  }
}

Test(job_border, a_request_without_a_body)
{
  journal_begin();
  journal_write("request", "request", "", NULL,
                "{\"method\":\"POST\",\"path\":\"/x\",\"body\":\"\"}", "done");
  journal_end();
  job_open();
  signet_call_release(expect_done(
      signet_request(on.account, "POST", "/x", NULL, 0, NULL, NULL)));
  cr_expect_eq(signet_job_remembered(job), 1);
}

/* Nothing is recalled for another account, or once the job is broken. */
Test(job_border, writes_that_are_not_recalled)
{
  signet_account *other = open_other();
  journal_begin();
  journal_write("create", "sign", "", NULL, "{\"sign_name\":\"Name\"}", "done");
  journal_write("create", "sign", "", NULL, "{}", "none");
  journal_end();
  job_open();
  cr_assert(signet_job_attach(job, other, &job_error));
  expect_words(create_sign(other, "Name"), SIGNET_ERROR_REFUSED,
               SIGNET_OUTCOME_NOT_SENT, "a journal belongs to one account");
  settle_refuses(SIGNET_ERROR_STORE, "write 2 ");
  expect_words(create_sign(on.account, "Name"), SIGNET_ERROR_STORE,
               SIGNET_OUTCOME_NOT_SENT, "write 2 ");
  signet_account_close(other);
}
