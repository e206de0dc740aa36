/* SPDX-License-Identifier: MIT */
/* The life of a job: what is recorded, recalled, refused, audited. */
#include "canary.h"
#include "job_support.h"

#include <criterion/criterion.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>

TestSuite(job, .init = job_begin, .fini = job_end);

static bool has_journal(void)
{
  bool found = false;
  struct dirent *entry;
  DIR *folder = opendir(job_folder);
  cr_assert_not_null(folder);
  while ((entry = readdir(folder)) != NULL)
    found = found || strncmp(entry->d_name, "journal-", 8) == 0;
  closedir(folder);
  return found;
}

static signet_call *delete_sign(const char *id)
{
  return signet_sign_delete(on.account, id, NULL, NULL);
}

Test(job, writes_and_their_end_are_recorded)
{
  char id[24], state[16];
  signet_job_counts counts;
  world_sign("Old name", SIGNET_STATUS_APPROVED, id);
  job_open();
  cr_expect_null(signet_job_id(job));
  signet_call_release(expect_done(rename_sign(id, "New name")));
  cr_expect_not_null(signet_job_id(job));
  expect_error(rename_sign(id, "Another"), SIGNET_ERROR_PENDING,
               SIGNET_OUTCOME_REFUSED);
  cr_assert(job_close(), "%s", job_error.message);
  cr_assert(newest_job(state, &counts));
  cr_expect_str_eq(state, "done");
  cr_expect(counts.done == 2 && counts.skipped == 1);
  cr_assert_eq(write_count(), 2);
  cr_expect_str_eq(write_at(0).state, "done");
  cr_expect_str_eq(write_at(0).target, id);
  cr_expect_str_eq(write_at(1).state, "failed");
  cr_expect_str_eq(write_at(1).error_kind, "pending");
}

Test(job, a_job_that_only_reads_leaves_no_trace)
{
  job_open();
  signet_call_release(
      expect_done(signet_sign_list(on.account, NULL, NULL, NULL)));
  cr_assert(job_close());
  cr_expect_not(has_journal());
}

Test(job, a_job_without_a_journal_keeps_nothing_and_works)
{
  job_options.no_journal = true;
  job_options.state_dir = NULL;
  job_open();
  signet_call_release(expect_done(create_sign(on.account, "Without")));
  cr_assert(signet_job_keep_step(job, "step", "1", &job_error));
  cr_expect_null(signet_job_id(job));
  cr_assert(job_close());
  cr_expect_not(has_journal());
}

Test(job, options_of_another_version_and_no_folder)
{
  job_options.version = 7;
  cr_expect_null(signet_job_new(&job_options, &job_error));
  cr_expect_eq(job_error.kind, SIGNET_ERROR_CONFIGURATION);
  signet_job_options_init(&job_options);
  cr_expect_null(signet_job_new(&job_options, &job_error));
  cr_expect_eq(job_error.kind, SIGNET_ERROR_CONFIGURATION);
}

Test(job, one_at_a_time)
{
  char id[24];
  signet_job *first;
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  world_sign("Old name", SIGNET_STATUS_APPROVED, id);
  job_open();
  first = job;
  signet_call_release(expect_done(create_sign(on.account, "First")));
  options.world = on.world;
  signet_account *second = signet_account_open(on.loop, &options, &job_error);
  job = signet_job_new(&job_options, &job_error);
  cr_assert(signet_job_attach(job, second, &job_error));
  expect_words(create_sign(second, "Second"), SIGNET_ERROR_LOCKED,
               SIGNET_OUTCOME_NOT_SENT, "--wait-lock");
  cr_expect_not(signet_job_end(job, SIGNET_JOB_DONE, NULL, &job_error));
  cr_expect_eq(job_error.kind, SIGNET_ERROR_LOCKED);
  signet_account_close(second);
  signet_job_free(job);
  job = first;
}

/* A write that is given up while it waits for its turn is no write at all. */
Test(job, a_write_cancelled_before_its_commit)
{
  job_open();
  signet_call *call = create_sign(on.account, "Cancelled");
  signet_call_cancel(call);
  expect_error(call, SIGNET_ERROR_CANCELLED, SIGNET_OUTCOME_NOT_SENT);
  signet_call_release(expect_done(create_sign(on.account, "Sent")));
  cr_assert(job_close());
  cr_assert_eq(write_count(), 1);
}

Test(job, an_interrupted_account_lets_go_of_what_waits)
{
  job_open();
  signet_call *call = create_sign(on.account, "Held");
  signet_account_hold(on.account, true);
  expect_error(call, SIGNET_ERROR_CANCELLED, SIGNET_OUTCOME_NOT_SENT);
  cr_assert(job_close());
  cr_assert_eq(write_count(), 0);
}

Test(job, steps_are_kept_and_given_back)
{
  char *value = NULL;
  job = signet_job_new(&job_options, &job_error);
  cr_assert(signet_job_keep_step(job, "early", "[1]", &job_error), "%s",
            job_error.message);
  cr_assert(signet_job_attach(job, on.account, &job_error));
  cr_assert(signet_job_keep_step(job, "late", "[2]", &job_error));
  char id[SIGNET_JOB_ID_SIZE];
  snprintf(id, sizeof id, "%s", signet_job_id(job));
  cr_assert(signet_job_end(job, SIGNET_JOB_FAILED, NULL, &job_error));
  signet_job_free(job);
  job_options.resume = id;
  job_open();
  cr_assert(signet_job_step(job, "early", &value, &job_error));
  cr_assert_not_null(value);
  cr_expect_str_eq(value, "[1]");
  signet_job_text_free(value);
  cr_assert(signet_job_step(job, "late", &value, &job_error));
  cr_expect_str_eq(value, "[2]");
  signet_job_text_free(value);
  cr_assert(signet_job_step(job, "none", &value, &job_error));
  cr_expect_null(value);
}

static bool take_words(void *user, const signet_job_view *view)
{
  snprintf(user, 200, "%s %s %s %s", view->type, view->name, view->arguments,
           view->parent);
  return true;
}

/* A program that resumes it need not know how it was begun. */
Test(job, a_resumed_job_stays_what_it_was)
{
  char words[200] = "";
  char id[SIGNET_JOB_ID_SIZE];
  job_options.type = "apply";
  job_options.name = "plan.json";
  job_options.arguments = "[\"one\"]";
  job_options.parent = "digest";
  job_open();
  job_end_state = SIGNET_JOB_FAILED;
  signet_call_release(expect_done(create_sign(on.account, "One")));
  snprintf(id, sizeof id, "%s", signet_job_id(job));
  cr_assert(job_close(), "%s", job_error.message);
  job_options.type = "run";
  job_options.name = job_options.arguments = job_options.parent = NULL;
  job_options.resume = id;
  job_open();
  signet_call_release(expect_done(create_sign(on.account, "One")));
  cr_assert(job_close(), "%s", job_error.message);
  cr_assert(signet_jobs_each(job_options.state_dir, id, take_words, NULL, words,
                             &job_error));
  cr_expect_str_eq(words, "apply plan.json [\"one\"] digest");
}

/* ---- recall ---- */

Test(job, what_was_done_is_not_sent_again)
{
  signet_job_findings findings;
  journal_begin();
  journal_write("create", "sign", "", NULL, "{\"sign_name\":\"Made\"}", "done");
  journal_write("delete", "sign", "42", "{}", NULL, "done");
  journal_write("update", "sign", "43", "{}", "{\"sign_name\":\"Re\"}", "done");
  journal_write("delete", "sign", "44", "{}", NULL, "drift");
  journal_write("delete", "sign", "45", "{}", NULL, "unsent");
  journal_end();
  job_open();
  cr_assert(signet_job_settle(job, &findings, &job_error), "%s",
            job_error.message);
  cr_expect_eq(findings.remembered, 4);
  uint64_t before = signet_account_requests(on.account);
  signet_call *call = expect_done(create_sign(on.account, "Made"));
  cr_expect_str_eq(signet_call_id(call), "77");
  signet_call_release(call);
  signet_call_release(expect_done(delete_sign("42")));
  signet_call_release(expect_done(rename_sign("43", "Re")));
  expect_error(delete_sign("44"), SIGNET_ERROR_CONFLICT,
               SIGNET_OUTCOME_REFUSED);
  cr_expect_eq(signet_account_requests(on.account), before);
  cr_expect_eq(signet_job_remembered(job), 4);
  /* What had no effect is tried again. */
  expect_error(delete_sign("45"), SIGNET_ERROR_NOT_FOUND,
               SIGNET_OUTCOME_NOT_SENT);
  /* A second time is another write. */
  expect_error(delete_sign("42"), SIGNET_ERROR_NOT_FOUND,
               SIGNET_OUTCOME_NOT_SENT);
}

static void resume_two_updates(void)
{
  journal_begin();
  journal_write("update", "sign", "42", "{}", "{\"sign_name\":\"Re\"}", "done");
  journal_write("create", "sign", "", NULL, "{\"sign_name\":\"Made\"}", "done");
  journal_end();
  job_open();
}

/* Nothing that it can know says that these were written. */
Test(job, other_writes_than_those_of_the_first_run)
{
  resume_two_updates();
  signet_call_release(expect_done(rename_sign("42", "Re")));
  expect_words(create_sign(on.account, "Other"), SIGNET_ERROR_REFUSED,
               SIGNET_OUTCOME_NOT_SENT,
               "1 write of the journal was not asked for again: create "
               "signature 77");
  cr_expect_eq(signet_account_requests(on.account), 0);
  /* That is for good. */
  expect_error(create_sign(on.account, "Third"), SIGNET_ERROR_REFUSED,
               SIGNET_OUTCOME_NOT_SENT);
  cr_expect_not_null(signet_job_refusal(job));
  cr_expect_null(signet_job_refusal_lifted_by(job));
}

Test(job, other_content_for_an_entry_that_was_written)
{
  char id[24];
  world_sign("There", SIGNET_STATUS_APPROVED, id);
  resume_two_updates();
  signet_call_release(
      expect_done(signet_sign_list(on.account, NULL, NULL, NULL)));
  expect_words(rename_sign("42", "Else"), SIGNET_ERROR_REFUSED,
               SIGNET_OUTCOME_NOT_SENT,
               "write 1 of the journal (update signature 42) was of other "
               "content");
}

Test(job, who_has_looked_may_ask_for_something_else)
{
  resume_two_updates();
  signet_call_release(
      expect_done(signet_sign_list(on.account, NULL, NULL, NULL)));
  signet_call_release(expect_done(create_sign(on.account, "Other")));
  signet_call_release(expect_done(create_sign(on.account, "Third")));
  cr_expect_null(signet_job_refusal(job));
}

/* Without signet_job_settle() it happens at the first write, before anything
 * is read for it. */
Test(job, recall_waits_for_the_journal)
{
  journal_begin();
  journal_write("delete", "sign", "42", "{}", NULL, "done");
  journal_end();
  job_open();
  signet_call_release(expect_done(delete_sign("42")));
  cr_expect_eq(signet_account_requests(on.account), 0);
}

Test(job, a_pending_template_is_recalled)
{
  char id[24];
  world_template("Renamed", SIGNET_STATUS_PENDING, NULL, 0, id);
  journal_begin();
  journal_write("update", "template", id, "{}",
                "{\"template_name\":\"Renamed\",\"template_type\":\"utility\"}",
                "done");
  journal_end();
  job_open();
  signet_fields *fields = text_field("template_name", "Renamed");
  signet_call_release(
      expect_done(signet_template_update(on.account, id, fields, NULL, NULL)));
  signet_fields_free(fields);
}

/* As a flipped bit makes it: no write would be recognised by it. */
Test(job, a_row_in_words_that_there_are_not)
{
  static const struct {
    const char *verb, *kind, *state;
  } cases[] = {{"creape", "sign", "done"},
               {"create", "s", "done"},
               {"create", "sign", "dmne"},
               {"create", "sign", ""}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    signet_job_findings findings;
    journal_begin();
    journal_write("delete", "sign", "9", "{}", NULL, "done");
    journal_write(cases[i].verb, cases[i].kind, "1", NULL, "{}",
                  cases[i].state);
    journal_end();
    job_open();
    cr_expect_not(signet_job_settle(job, &findings, &job_error));
    cr_expect_eq(job_error.kind, SIGNET_ERROR_STORE);
    cr_expect_not_null(strstr(job_error.message, "write 2 "), "%s",
                       job_error.message);
    expect_error(create_sign(on.account, "Again"), SIGNET_ERROR_STORE,
                 SIGNET_OUTCOME_NOT_SENT);
    cr_expect_not(job_close());
    journal_remove();
  }
}

Test(job, an_unknown_job_is_told)
{
  signet_job_findings findings;
  job_options.resume = "2019";
  job_open();
  cr_expect_not(signet_job_settle(job, &findings, &job_error));
  cr_expect_eq(job_error.kind, SIGNET_ERROR_NOT_FOUND);
}

/* ---- the audit ---- */

static char job_earlier[24];

typedef struct mismatches {
  size_t count;
  char text[200];
} mismatches;

static void take_mismatch(void *user, const signet_job_mismatch *mismatch)
{
  mismatches *found = user;
  found->count++;
  snprintf(found->text, sizeof found->text, "%s %s %s: %s", mismatch->verb,
           mismatch->kind, mismatch->id, mismatch->finding);
}

/* Straight in the world, as somebody else does it. */
static void by_another(signet_verb verb, const char *id, const char *name)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_world_reply reply;
  signet_fields *fields = text_field("sign_name", name);
  operation.verb = verb;
  operation.id = id;
  operation.id_length = strlen(id);
  operation.fields = fields;
  cr_assert(signet_world_apply(on.world, SIGNET_CONFIGS, &operation, &reply),
            "%s", reply.error.message);
  signet_list_release(reply.list);
  signet_fields_free(fields);
}

static mismatches audit(void)
{
  mismatches found = {0};
  cr_assert(signet_job_audit(job, NULL, take_mismatch, &found, &job_error),
            "%s", job_error.message);
  return found;
}

Test(job, the_audit_agrees_with_what_was_done)
{
  char id[24], other[24];
  world_sign("One", SIGNET_STATUS_APPROVED, id);
  world_sign("Two", SIGNET_STATUS_APPROVED, other);
  job_open();
  cr_expect_eq(audit().count, 0);
  cr_expect_eq(signet_account_requests(on.account), 0);
  signet_call_release(expect_done(create_sign(on.account, "Three")));
  signet_call_release(expect_done(rename_sign(id, "Other name")));
  cr_assert(signet_world_review(on.world, SIGNET_SIGN, id,
                                SIGNET_STATUS_APPROVED, ""));
  signet_call_release(expect_done(rename_sign(id, "Last name")));
  signet_call_release(expect_done(delete_sign(other)));
  uint64_t before = signet_account_requests(on.account);
  cr_expect_eq(audit().count, 0);
  cr_expect_eq(signet_account_requests(on.account), before + 1);
}

Test(job, the_audit_finds_what_differs)
{
  char id[24], other[24];
  world_sign("One", SIGNET_STATUS_APPROVED, id);
  world_sign("Two", SIGNET_STATUS_APPROVED, other);
  job_open();
  signet_call_release(expect_done(rename_sign(id, "Mine")));
  cr_assert(signet_world_review(on.world, SIGNET_SIGN, id,
                                SIGNET_STATUS_APPROVED, ""));
  by_another(SIGNET_UPDATE, id, "Theirs");
  /* No clock tells whether that was later. */
  mismatches found = audit();
  cr_expect_eq(found.count, 1);
  cr_expect_not_null(strstr(found.text, "shows sign_name \"Theirs\", and not "
                                        "\"Mine\""),
                     "%s", found.text);
  uint64_t before = signet_account_requests(on.account);
  cr_expect_eq(audit().count, 1); /* it is not looked for again … */
  cr_expect_eq(signet_account_requests(on.account), before);
  signet_call_release(expect_done(rename_sign(other, "Else")));
  by_another(SIGNET_DELETE, other, "");
  found = audit(); /* … until something is written */
  cr_expect_eq(found.count, 2);
  cr_expect_not_null(strstr(found.text, "does not show it"), "%s", found.text);
}

static bool take_state(void *user, const signet_write_row *row)
{
  char *text = user;
  size_t used = strlen(text);
  snprintf(text + used, 200 - used, "%s %s; ", row->state,
           row->answer != NULL ? "answered" : "");
  return true;
}

/* Somebody has deleted what a job made: resuming doesn't make it again. */
Test(job, what_the_audit_contradicts_is_unknown)
{
  char id[24], states[200] = "";
  job_open();
  job_end_state = SIGNET_JOB_FAILED;
  signet_call *call = expect_done(create_sign(on.account, "One"));
  snprintf(id, sizeof id, "%s", signet_call_id(call));
  signet_call_release(call);
  signet_call_release(expect_done(create_sign(on.account, "Two")));
  by_another(SIGNET_DELETE, id, "");
  cr_expect_eq(audit().count, 1);
  cr_expect_eq(signet_job_contradicted(job), 1);
  cr_expect_eq(signet_job_written(job), 1);
  cr_assert(job->store->operations->each_write(job->store, job->about.id,
                                               take_state, states, &job_error));
  cr_expect_str_eq(states, "unknown answered; done answered; ");
  snprintf(job_earlier, sizeof job_earlier, "%s", signet_job_id(job));
  cr_assert(job_close(), "%s", job_error.message);
  job_options.resume = job_earlier;
  job_open();
  signet_job_findings findings;
  cr_assert(signet_job_settle(job, &findings, &job_error), "%s",
            job_error.message);
  cr_expect_eq(findings.drift, 1);
  cr_expect_eq(findings.open, 0);
  expect_words(create_sign(on.account, "One"), SIGNET_ERROR_CONFLICT,
               SIGNET_OUTCOME_REFUSED, "or deleted it");
  cr_expect_eq(audit().count, 0);
}

/* What one run has compared is no contradiction in the next. */
Test(job, what_was_seen_once_is_not_doubted_again)
{
  char id[24];
  world_sign("One", SIGNET_STATUS_APPROVED, id);
  job_open();
  job_end_state = SIGNET_JOB_FAILED;
  signet_call_release(expect_done(rename_sign(id, "Mine")));
  cr_expect_eq(audit().count, 0);
  snprintf(job_earlier, sizeof job_earlier, "%s", signet_job_id(job));
  cr_assert(job_close(), "%s", job_error.message);
  cr_assert(signet_world_review(on.world, SIGNET_SIGN, id,
                                SIGNET_STATUS_APPROVED, ""));
  by_another(SIGNET_UPDATE, id, "One");
  job_options.resume = job_earlier;
  job_open();
  signet_call_release(expect_done(rename_sign(id, "Mine"))); /* remembered */
  cr_expect_eq(audit().count, 0);
}

/* It was made as the service said; what somebody made of it since is theirs. */
Test(job, a_create_that_was_changed_by_others_is_not_sent_again)
{
  char id[24];
  job_open();
  job_end_state = SIGNET_JOB_FAILED;
  signet_call *call = expect_done(create_sign(on.account, "One"));
  snprintf(id, sizeof id, "%s", signet_call_id(call));
  signet_call_release(call);
  cr_assert(signet_world_review(on.world, SIGNET_SIGN, id,
                                SIGNET_STATUS_APPROVED, ""));
  by_another(SIGNET_UPDATE, id, "Theirs");
  cr_expect_eq(audit().count, 1);
  snprintf(job_earlier, sizeof job_earlier, "%s", signet_job_id(job));
  cr_assert(job_close(), "%s", job_error.message);
  job_options.resume = job_earlier;
  job_open();
  signet_job_findings findings;
  cr_assert(signet_job_settle(job, &findings, &job_error), "%s",
            job_error.message);
  cr_expect_eq(findings.drift, 1);
  expect_words(create_sign(on.account, "One"), SIGNET_ERROR_CONFLICT,
               SIGNET_OUTCOME_REFUSED, "somebody else changed");
}

/* ---- several accounts ---- */

Test(job, a_job_goes_with_the_account_of_its_first_write)
{
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  options.base_url = "http://127.0.0.1:9";
  job = signet_job_new(&job_options, &job_error);
  signet_account *other = signet_account_open(on.loop, &options, &job_error);
  cr_assert_not_null(other, "%s", job_error.message);
  cr_assert(signet_job_attach(job, other, &job_error));
  cr_assert(signet_job_attach(job, on.account, &job_error));
  signet_call_release(expect_done(create_sign(on.account, "First")));
  expect_words(create_sign(other, "Second"), SIGNET_ERROR_REFUSED,
               SIGNET_OUTCOME_NOT_SENT, "a journal belongs to one account");
  signet_account_close(other);
}
