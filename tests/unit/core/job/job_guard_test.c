/* SPDX-License-Identifier: MIT */
/* Limits, the confirmation of deletes, protected entries. */
#include "job_support.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

TestSuite(job_guard, .init = job_begin, .fini = job_end);

static char ids[40][24];

static void seed(size_t count)
{
  for (size_t i = 0; i < count; i++) {
    char name[32];
    snprintf(name, sizeof name, "Name %zu", i);
    world_sign(name, SIGNET_STATUS_APPROVED, ids[i]);
  }
}

/* Deletes the first ones at once. @return how many worked */
static size_t delete_first(size_t count)
{
  signet_call *calls[40];
  size_t done = 0;
  for (size_t i = 0; i < count; i++)
    calls[i] = signet_sign_delete(on.account, ids[i], NULL, NULL);
  for (size_t i = 0; i < count; i++) {
    const signet_error *error = signet_call_wait(calls[i]);
    if (error == NULL) {
      done++;
    } else {
      cr_expect_eq(error->kind, SIGNET_ERROR_REFUSED, "%s", error->message);
      cr_expect_eq(error->outcome, SIGNET_OUTCOME_NOT_SENT);
    }
    signet_call_release(calls[i]);
  }
  return done;
}

static void limit_deletes(int64_t number, bool percent, int64_t from)
{
  job_options.max_deletes = (signet_job_limit){number, percent, from};
}

Test(job_guard, without_a_limit_everything_goes)
{
  seed(20);
  job_open();
  cr_expect_eq(delete_first(20), 20);
  cr_expect_null(signet_job_refusal(job));
}

Test(job_guard, a_number)
{
  seed(12);
  limit_deletes(5, false, 0);
  job_open();
  cr_expect_eq(delete_first(12), 5);
  cr_assert_not_null(signet_job_refusal(job));
  cr_expect_not_null(strstr(signet_job_refusal(job)->message, "--max-deletes"));
  cr_assert(job_close());
  cr_expect_eq(write_count(), 5);
}

Test(job_guard, the_usual_limit_is_a_share_of_the_entries)
{
  seed(20);
  job_options.max_deletes = (signet_job_limit)SIGNET_JOB_USUAL_DELETES;
  job_open();
  cr_expect_eq(delete_first(20), 6);
}

Test(job_guard, few_entries_have_no_usual_limit)
{
  seed(9);
  job_options.max_deletes = (signet_job_limit)SIGNET_JOB_USUAL_DELETES;
  job_open();
  cr_expect_eq(delete_first(9), 9);
}

Test(job_guard, exactly_the_share_may_go)
{
  seed(10);
  limit_deletes(30, true, 10);
  job_open();
  cr_expect_eq(delete_first(3), 3);
  cr_expect_null(signet_job_refusal(job));
  limit_deletes(0, true, 0);
}

Test(job_guard, one_list_counts_them_for_all)
{
  seed(20);
  limit_deletes(50, true, 0);
  job_open();
  cr_expect_eq(delete_first(20), 10);
  /* Before-images, one list, the deletes. */
  cr_expect_eq(signet_account_requests(on.account), 20 + 1 + 10);
}

Test(job_guard, a_list_of_some_counts_all)
{
  seed(20);
  limit_deletes(50, true, 0);
  job_open();
  signet_fields *filter = text_field("sign_name", "Name 1");
  signet_call_release(
      expect_done(signet_sign_list(on.account, filter, NULL, NULL)));
  signet_fields_free(filter);
  cr_expect_eq(delete_first(20), 10);
}

Test(job_guard, a_share_counts_what_earlier_runs_deleted)
{
  seed(16);
  limit_deletes(25, true, 0);
  journal_begin();
  for (int i = 0; i < 4; i++) { /* of 20 once */
    char id[24];
    snprintf(id, sizeof id, "99%d", i);
    journal_write("delete", "sign", id, "{}", NULL, "done");
  }
  journal_end();
  job_open();
  for (int i = 0; i < 4; i++) { /* asked for again, and not sent */
    char id[24];
    snprintf(id, sizeof id, "99%d", i);
    signet_call_release(
        expect_done(signet_sign_delete(on.account, id, NULL, NULL)));
  }
  cr_expect_eq(delete_first(16), 1);
}

Test(job_guard, changes_have_a_limit_too)
{
  seed(4);
  job_options.max_changes = (signet_job_limit){2, false, 0};
  job_open();
  signet_call_release(expect_done(create_sign(on.account, "Made")));
  signet_call_release(expect_done(rename_sign(ids[0], "Re")));
  expect_words(rename_sign(ids[1], "Re 2"), SIGNET_ERROR_REFUSED,
               SIGNET_OUTCOME_NOT_SENT, "--max-changes");
}

Test(job_guard, a_delete_that_waits_to_be_counted_can_be_cancelled)
{
  seed(20);
  limit_deletes(50, true, 0);
  job_open();
  signet_call_release(
      expect_done(signet_sign_get(on.account, ids[0], NULL, NULL)));
  signet_call *call = signet_sign_delete(on.account, ids[0], NULL, NULL);
  while (job->writes.uncounted.count == 0)
    signet_loop_step(on.loop, -1);
  signet_call_cancel(call);
  expect_error(call, SIGNET_ERROR_CANCELLED, SIGNET_OUTCOME_NOT_SENT);
  while (job->counting[SIGNET_SIGN].call != NULL)
    signet_loop_step(on.loop, -1);
  cr_assert(job_close());
  cr_expect_eq(write_count(), 0);
}

static int asked;
static bool answer;

static bool confirm(void *user, const char *account, signet_error *error)
{
  cr_expect_eq(user, &asked);
  cr_expect_str_eq(account, "a world in memory");
  asked++;
  if (!answer)
    snprintf(error->message, sizeof error->message, "nobody said yes");
  return answer;
}

static void ask(bool says)
{
  answer = says;
  job_options.confirm = confirm;
  job_options.confirm_user = &asked;
}

Test(job_guard, a_run_asks_once_before_it_deletes)
{
  seed(3);
  ask(true);
  job_open();
  signet_call_release(expect_done(create_sign(on.account, "Made")));
  cr_expect_eq(asked, 0);
  cr_expect_eq(delete_first(3), 3);
  cr_expect_eq(asked, 1);
}

Test(job_guard, what_is_not_confirmed_is_not_deleted)
{
  seed(3);
  ask(false);
  job_open();
  cr_expect_eq(delete_first(3), 0);
  cr_expect_eq(asked, 1);
  cr_expect_not_null(
      strstr(signet_job_refusal(job)->message, "nobody said yes"));
}

Test(job_guard, what_was_deleted_before_asks_nothing)
{
  ask(false);
  journal_begin();
  journal_write("delete", "sign", "42", "{}", NULL, "done");
  journal_end();
  job_open();
  signet_call_release(
      expect_done(signet_sign_delete(on.account, "42", NULL, NULL)));
  cr_expect_eq(asked, 0);
}

/* ---- a prompt: read-only until it may write, and asked anew ---- */

static const char closed[] = "say \":write\" first";

Test(job_guard, a_job_that_only_reads_refuses_every_write)
{
  seed(1);
  job_open();
  signet_job_read_only(job, closed);
  uint64_t before = signet_account_requests(on.account);
  expect_words(create_sign(on.account, "Made"), SIGNET_ERROR_REFUSED,
               SIGNET_OUTCOME_NOT_SENT, closed);
  expect_words(rename_sign(ids[0], "Re"), SIGNET_ERROR_REFUSED,
               SIGNET_OUTCOME_NOT_SENT, closed);
  expect_words(signet_sign_delete(on.account, ids[0], NULL, NULL),
               SIGNET_ERROR_REFUSED, SIGNET_OUTCOME_NOT_SENT, closed);
  expect_words(signet_request(on.account, "DELETE", "/v1/sign-configs/1", NULL,
                              0, NULL, NULL),
               SIGNET_ERROR_REFUSED, SIGNET_OUTCOME_NOT_SENT, closed);
  /* Nothing was read for them either, and reading goes on. */
  cr_expect_eq(signet_account_requests(on.account), before);
  signet_call_release(
      expect_done(signet_sign_get(on.account, ids[0], NULL, NULL)));
  cr_assert(signet_job_keep_step(job, "name", "1", &job_error));
  cr_expect_null(signet_job_id(job));
  cr_assert(job_close());
  cr_expect_eq(write_count(), 0);
}

Test(job_guard, it_writes_once_it_may)
{
  seed(1);
  job_open();
  signet_job_read_only(job, closed);
  expect_words(rename_sign(ids[0], "Re"), SIGNET_ERROR_REFUSED,
               SIGNET_OUTCOME_NOT_SENT, closed);
  signet_job_read_only(job, NULL);
  signet_call_release(expect_done(rename_sign(ids[0], "Re")));
  cr_assert(job_close());
  cr_expect_eq(write_count(), 1);
}

Test(job_guard, another_command_is_asked_about_anew)
{
  seed(4);
  ask(false);
  limit_deletes(2, false, 0);
  job_open();
  cr_expect_eq(delete_first(1), 0);
  signet_job_ask_anew(job);
  cr_expect_null(signet_job_refusal(job));
  answer = true;
  cr_expect_eq(delete_first(1), 1);
  cr_expect_eq(asked, 2);
  signet_job_ask_anew(job);
  signet_call_release(
      expect_done(signet_sign_delete(on.account, ids[1], NULL, NULL)));
  cr_expect_eq(asked, 3);
  /* What was deleted counts on. */
  signet_job_ask_anew(job);
  expect_words(signet_sign_delete(on.account, ids[2], NULL, NULL),
               SIGNET_ERROR_REFUSED, SIGNET_OUTCOME_NOT_SENT, "--max-deletes");
}

Test(job_guard, a_script_hears_of_its_own_names_for_limits)
{
  seed(4);
  limit_deletes(1, false, 0);
  job_options.max_changes = (signet_job_limit){2, false, 0};
  job_options.limits_in_lua = true;
  job_open();
  cr_expect_eq(delete_first(2), 1);
  cr_expect_not_null(
      strstr(signet_job_refusal(job)->message, ": max_deletes = N or \"N%\""));
  signet_call_release(expect_done(rename_sign(ids[2], "Re")));
  expect_words(rename_sign(ids[3], "Re 2"), SIGNET_ERROR_REFUSED,
               SIGNET_OUTCOME_NOT_SENT, ": max_changes = N or \"N%\"");
}

/* ---- what counts ---- */

/* A delete that the service refuses leaves its place to another one. */
Test(job_guard, what_was_refused_does_not_count)
{
  seed(8);
  limit_deletes(3, false, 0);
  job_open();
  cr_assert(signet_world_lock(on.world, SIGNET_SIGN, ids[0], true));
  cr_assert(signet_world_lock(on.world, SIGNET_SIGN, ids[1], true));
  signet_call *calls[8];
  size_t done = 0;
  for (size_t i = 0; i < 8; i++)
    calls[i] = signet_sign_delete(on.account, ids[i], NULL, NULL);
  for (size_t i = 0; i < 8; i++) {
    done += signet_call_wait(calls[i]) == NULL;
    signet_call_release(calls[i]);
  }
  cr_expect_eq(done, 3);
  cr_expect_not_null(signet_job_refusal(job));
}

/* Ten of ten, then: creates would make them ten of twenty. */
Test(job_guard, creates_do_not_pad_a_share)
{
  seed(10);
  limit_deletes(50, true, 0);
  job_open();
  for (int i = 0; i < 10; i++) {
    char name[32];
    snprintf(name, sizeof name, "New %d", i);
    signet_call_release(expect_done(create_sign(on.account, name)));
  }
  signet_call_release(
      expect_done(signet_sign_list(on.account, NULL, NULL, NULL)));
  cr_expect_eq(delete_first(10), 5);
}

/* ---- announcements ---- */

static void announces(signet_job_announcement what, const char *words)
{
  bool good = signet_job_announce(job, NULL, &what, &job_error);
  cr_expect_eq(good, words == NULL, "%s", job_error.message);
  if (words == NULL || good)
    return;
  cr_expect_eq(job_error.kind, SIGNET_ERROR_REFUSED);
  cr_expect_eq(job_error.outcome, SIGNET_OUTCOME_NOT_SENT);
  cr_expect_not_null(strstr(job_error.message, words), "%s", job_error.message);
}

Test(job_guard, what_is_announced_is_judged_before_the_first_write)
{
  seed(20);
  job_options.max_deletes = (signet_job_limit)SIGNET_JOB_USUAL_DELETES;
  job_open();
  announces(
      (signet_job_announcement){.deletes = {.signs = 20}},
      "this run is going to delete 20 of the account's 20 signatures, and "
      "may delete at most 30 %: --max-deletes N or N% allows others");
  cr_expect_eq(delete_first(1), 0, "a run that was refused sends nothing");
  expect_words(create_sign(on.account, "Made"), SIGNET_ERROR_REFUSED,
               SIGNET_OUTCOME_NOT_SENT, "--max-deletes");
  announces((signet_job_announcement){.updates = {.signs = 1}},
            "--max-deletes");
}

Test(job_guard, announced_changes_have_a_limit_too)
{
  seed(4);
  job_options.max_changes = (signet_job_limit){3, false, 0};
  job_open();
  announces((signet_job_announcement){.updates = {.either = 2}}, NULL);
  announces((signet_job_announcement){.creates = {.signs = 2}},
            "this run is going to change 4 entries, and may change at most 3");
}

/* Of a kind that isn't said: a share of all entries. */
Test(job_guard, a_share_of_both_kinds)
{
  seed(10);
  limit_deletes(50, true, 0);
  job_open();
  for (int i = 0; i < 10; i++) {
    char id[24], name[32];
    snprintf(name, sizeof name, "Template %d", i);
    world_template(name, SIGNET_STATUS_APPROVED, NULL, 0, id);
  }
  announces((signet_job_announcement){.deletes = {.either = 10}}, NULL);
  announces((signet_job_announcement){.deletes = {.either = 1}},
            "11 of the account's 20 entries");
}

Test(job_guard, what_is_announced_is_confirmed_once)
{
  seed(3);
  ask(true);
  job_open();
  cr_expect_null(signet_job_announced(job));
  announces((signet_job_announcement){.updates = {.signs = 2}}, NULL);
  cr_expect_eq(asked, 0);
  announces((signet_job_announcement){.deletes = {.signs = 2}}, NULL);
  cr_expect_eq(signet_job_announced(job)->deletes.signs, 2);
  cr_expect_eq(asked, 1);
  cr_expect_eq(delete_first(2), 2);
  cr_expect_eq(asked, 1);
  signet_call_release(
      expect_done(signet_sign_delete(on.account, ids[2], NULL, NULL)));
  cr_expect_eq(asked, 2, "it was not announced");
}

Test(job_guard, a_no_ends_the_run)
{
  seed(2);
  ask(false);
  job_open();
  announces((signet_job_announcement){.deletes = {.signs = 2}},
            "nobody said yes");
  cr_expect_eq(delete_first(2), 0);
  expect_words(rename_sign(ids[0], "Re"), SIGNET_ERROR_REFUSED,
               SIGNET_OUTCOME_NOT_SENT, "nobody said yes");
  cr_expect_eq(asked, 1);
}

/* All of it, or what is left. */
Test(job_guard, a_job_that_is_resumed_announces_again)
{
  signet_job_findings findings;
  seed(2);
  limit_deletes(3, false, 0);
  journal_begin();
  journal_write("delete", "sign", "991", "{}", NULL, "done");
  journal_end();
  job_open();
  cr_assert(signet_job_settle(job, &findings, &job_error));
  announces((signet_job_announcement){.deletes = {.signs = 3}}, NULL);
  signet_call_release(
      expect_done(signet_sign_delete(on.account, "991", NULL, NULL)));
  cr_expect_eq(delete_first(2), 2);
}

Test(job_guard, without_an_account_nothing_is_announced)
{
  signet_job_announcement none = {0};
  signet_kind kind;
  job = signet_job_new(&job_options, &job_error);
  cr_assert_not_null(job);
  cr_expect_not(signet_job_announce(job, NULL, &none, &job_error));
  cr_expect_eq(job_error.kind, SIGNET_ERROR_CONFIGURATION);
  cr_expect_not(signet_job_announce_needs(job, NULL, &none, &kind));
}

/* ---- protection: of the account, with and without a job ---- */

static void protect(const char *protected_ids, const char *names)
{
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  signet_account_close(on.account);
  options.world = on.world;
  options.protect_id = protected_ids;
  options.protect_name = names;
  on.account = signet_account_open(on.loop, &options, &job_error);
  cr_assert_not_null(on.account);
}

static void is_protected(const char *id, const char *words)
{
  expect_words(rename_sign(id, "Re"), SIGNET_ERROR_REFUSED,
               SIGNET_OUTCOME_NOT_SENT, words);
  expect_words(signet_sign_delete(on.account, id, NULL, NULL),
               SIGNET_ERROR_REFUSED, SIGNET_OUTCOME_NOT_SENT, words);
}

Test(job_guard, protected_ids)
{
  char list[64];
  seed(3);
  snprintf(list, sizeof list, "1, %s ,2", ids[1]);
  protect(list, NULL);
  is_protected(ids[1], "protect_id");
  signet_call_release(
      expect_done(signet_sign_delete(on.account, ids[0], NULL, NULL)));
  job_open();
  is_protected(ids[1], "protect_id");
}

Test(job_guard, protected_names)
{
  seed(3);
  protect(NULL, "Bank*, *ame 1");
  is_protected(ids[1], "protect_name = *ame 1");
  signet_call_release(expect_done(rename_sign(ids[0], "Bank")));
  is_protected(ids[0], "protect_name = Bank*");
  job_open();
  is_protected(ids[1], "protect_name = *ame 1");
  signet_call_release(
      expect_done(signet_sign_delete(on.account, ids[2], NULL, NULL)));
}

Test(job_guard, names_that_look_the_same_are_protected_alike)
{
  static const char *const names[] = {"BANK of A", "bank",
                                      "\xef\xbc\xa2"
                                      "ank",
                                      "B\xe2\x80\x8b"
                                      "ank"};
  char id[24];
  protect(NULL, "Bank*");
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    world_sign(names[i], SIGNET_STATUS_APPROVED, id);
    is_protected(id, "it is protected by protect_name = Bank* of the profile");
  }
}

/* Deleting a signature's templates takes it out of use. */
Test(job_guard, templates_of_a_protected_signature_are_not_deleted)
{
  char of_first[24], of_none[24];
  seed(2);
  world_template("Its own", SIGNET_STATUS_APPROVED, ids[0], 1, of_first);
  world_template("Free", SIGNET_STATUS_APPROVED, ids[1], 1, of_none);
  for (int turn = 0; turn < 2; turn++) {
    protect(turn == 0 ? ids[0] : NULL, turn == 0 ? NULL : "NAME 0");
    expect_words(signet_template_delete(on.account, of_first, NULL, NULL),
                 SIGNET_ERROR_REFUSED, SIGNET_OUTCOME_NOT_SENT,
                 "its signature is protected by ");
  }
  signet_call_release(
      expect_done(signet_template_delete(on.account, of_none, NULL, NULL)));
}
