/* SPDX-License-Identifier: MIT */
/* What an earlier run left open, in every state that the account can be in. */
#include "job_support.h"

#include "model/memory.h"

#include <criterion/criterion.h>

#include <string.h>

TestSuite(job_settle, .init = job_begin, .fini = job_end);

/* Settles the one write; checks the finding, and what the journal says then. */
static void settles(const char *state, int64_t done, int64_t not_done,
                    int64_t drift, int64_t open)
{
  signet_job_findings findings;
  job_end_state = SIGNET_JOB_FAILED; /* it can be resumed */
  journal_end();
  job_open();
  cr_assert(signet_job_settle(job, &findings, &job_error), "%s",
            job_error.message);
  cr_expect_eq(findings.done, done, "done");
  cr_expect_eq(findings.not_done, not_done, "not done");
  cr_expect_eq(findings.drift, drift, "drift");
  cr_expect_eq(findings.open, open, "open");
  cr_assert(job_close(), "%s", job_error.message);
  cr_expect_str_eq(write_at(0).state, state);
}

static void update_of(signet_kind kind, const char *name, const char *after)
{
  char id[24];
  if (kind == SIGNET_SIGN)
    world_sign("Before", SIGNET_STATUS_APPROVED, id);
  else
    world_template("Before", SIGNET_STATUS_APPROVED, NULL, 0, id);
  char *before = image_of(kind, id);
  journal_begin();
  journal_write("update", kind == SIGNET_SIGN ? "sign" : "template", id, before,
                after, "intent");
  signet_memory_free(before);
  if (name == NULL)
    return;
  signet_fields *fields = kind == SIGNET_SIGN ? text_field("sign_name", name)
                                              : template_fields(name);
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_world_reply reply;
  operation.kind = kind;
  operation.verb = SIGNET_UPDATE;
  operation.id = id;
  operation.id_length = strlen(id);
  operation.fields = fields;
  cr_assert(signet_world_apply(on.world, SIGNET_CONFIGS, &operation, &reply),
            "%s", reply.error.message);
  signet_list_release(reply.list);
  signet_fields_free(fields);
}

static void make_template_now(void *user)
{
  world_template("After", SIGNET_STATUS_PENDING, NULL, 0, user);
}

#define SIGN_AFTER "{\"sign_name\":\"After\"}"
#define TEMPLATE_AFTER                                          \
  "{\"template_name\":\"After\",\"template_type\":\"utility\"," \
  "\"template_content\":\"Content\",\"country_codes\":\"CN\"}"

Test(job_settle, an_update_that_took_effect)
{
  update_of(SIGNET_SIGN, "After", SIGN_AFTER);
  settles("done", 1, 0, 0, 0);
}

Test(job_settle, an_update_that_did_not)
{
  update_of(SIGNET_SIGN, NULL, SIGN_AFTER);
  settles("unsent", 0, 1, 0, 0);
}

Test(job_settle, an_entry_that_somebody_else_changed)
{
  update_of(SIGNET_SIGN, "Theirs", SIGN_AFTER);
  settles("drift", 0, 0, 1, 0);
}

Test(job_settle, an_update_of_a_template_that_took_effect)
{
  update_of(SIGNET_TEMPLATE, "After", TEMPLATE_AFTER);
  settles("done", 1, 0, 0, 0);
}

Test(job_settle, an_update_of_a_template_that_did_not)
{
  update_of(SIGNET_TEMPLATE, NULL, TEMPLATE_AFTER);
  settles("unsent", 0, 1, 0, 0);
}

Test(job_settle, a_template_that_somebody_else_changed)
{
  update_of(SIGNET_TEMPLATE, "Theirs", TEMPLATE_AFTER);
  settles("drift", 0, 0, 1, 0);
}

Test(job_settle, an_update_of_an_entry_that_is_gone)
{
  journal_begin();
  journal_write("update", "sign", "4711", "{\"sign_name\":\"Before\"}",
                SIGN_AFTER, "intent");
  settles("drift", 0, 0, 1, 0);
}

Test(job_settle, a_delete_that_took_effect)
{
  journal_begin();
  journal_write("delete", "template", "4711", "{}", NULL, "intent");
  settles("done", 1, 0, 0, 0);
}

Test(job_settle, a_delete_that_did_not)
{
  char id[24];
  world_sign("Before", SIGNET_STATUS_APPROVED, id);
  char *before = image_of(SIGNET_SIGN, id);
  journal_begin();
  journal_write("delete", "sign", id, before, NULL, "unknown");
  signet_memory_free(before);
  settles("unknown", 0, 1, 0, 0);
  job_open();
  signet_call_release(
      expect_done(signet_sign_delete(on.account, id, NULL, NULL)));
  cr_assert(job_close(), "%s", job_error.message);
  cr_expect_eq(write_count(), 1, "it is the same write");
  cr_expect_str_eq(write_at(0).state, "done");
}

/* What was sent before takes effect between the look and the second sending. */
Test(job_settle, a_delete_that_takes_effect_late)
{
  char id[24];
  world_sign("Before", SIGNET_STATUS_APPROVED, id);
  char *before = image_of(SIGNET_SIGN, id);
  journal_begin();
  journal_write("delete", "sign", id, before, NULL, "intent");
  journal_end();
  signet_memory_free(before);
  signet_job_findings findings;
  job_open();
  cr_assert(signet_job_settle(job, &findings, &job_error));
  world_delete(SIGNET_SIGN, id);
  signet_call_release(
      expect_done(signet_sign_delete(on.account, id, NULL, NULL)));
  cr_assert(job_close(), "%s", job_error.message);
  cr_expect_eq(write_count(), 1);
  cr_expect_str_eq(write_at(0).state, "done");
}

/* Its name is unique: it is sent again as the same write, and what the service
 * says then is settled, too. */
Test(job_settle, a_create_of_a_signature_that_shows_no_effect)
{
  journal_begin();
  journal_write("create", "sign", "", NULL, SIGN_AFTER, "intent");
  settles("unknown", 0, 1, 0, 0);
  job_open();
  signet_call_release(expect_done(create_sign(on.account, "After")));
  cr_assert(job_close(), "%s", job_error.message);
  cr_expect_eq(write_count(), 1);
  cr_expect_str_eq(write_at(0).state, "done");
}

Test(job_settle, a_create_of_a_signature_that_takes_effect_late)
{
  char id[24];
  signet_job_findings findings;
  journal_begin();
  journal_write("create", "sign", "", NULL, SIGN_AFTER, "intent");
  journal_end();
  job_open();
  cr_assert(signet_job_settle(job, &findings, &job_error));
  cr_expect_eq(findings.not_done, 1);
  world_sign("After", SIGNET_STATUS_PENDING, id);
  signet_call *call = expect_done(create_sign(on.account, "After"));
  cr_expect_str_eq(signet_call_id(call), id);
  signet_call_release(call);
  cr_assert(job_close(), "%s", job_error.message);
  cr_expect_eq(write_count(), 1);
  cr_expect_str_eq(write_at(0).answer, id);
}

/* The name is another's: the service's no stands. */
Test(job_settle, a_create_of_a_signature_whose_name_was_taken_before)
{
  char id[24];
  signet_job_findings findings;
  world_sign("After", SIGNET_STATUS_APPROVED, id);
  journal_at += 60000;
  journal_begin();
  journal_write("create", "sign", "", NULL, SIGN_AFTER, "intent");
  journal_end();
  job_open();
  cr_assert(signet_job_settle(job, &findings, &job_error));
  cr_expect_eq(findings.not_done, 1);
  expect_error(create_sign(on.account, "After"), SIGNET_ERROR_CONFLICT,
               SIGNET_OUTCOME_REFUSED);
  cr_assert(job_close(), "%s", job_error.message);
  cr_expect_str_eq(write_at(0).state, "failed");
}

/* It isn't known when it was intended, so it may be older. */
Test(job_settle, an_entry_of_a_service_that_told_no_time)
{
  char id[24];
  world_template("After", SIGNET_STATUS_PENDING, NULL, 0, id);
  journal_at = 0;
  journal_begin();
  journal_write("create", "template", "", NULL, TEMPLATE_AFTER, "intent");
  settles("unknown", 0, 0, 0, 1);
}

/* One entry answers one write: of four creates of the same content two took
 * effect, and two had none. */
Test(job_settle, creates_of_the_same_content_get_an_entry_each)
{
  enum { CREATES = 4, MADE = 2 };
  char ids[MADE][24];
  size_t made = 0;
  signet_job_findings findings;
  for (size_t i = 0; i < MADE; i++)
    world_template("After", SIGNET_STATUS_PENDING, NULL, 0, ids[i]);
  journal_begin();
  for (size_t i = 0; i < CREATES; i++)
    journal_write("create", "template", "", NULL, TEMPLATE_AFTER, "intent");
  journal_end();
  job_open();
  cr_assert(signet_job_settle(job, &findings, &job_error));
  cr_expect_eq(findings.done, MADE);
  cr_expect_eq(findings.not_done, CREATES - MADE);
  cr_assert(job_close(), "%s", job_error.message);
  for (size_t i = 0; i < CREATES; i++) {
    seen_write write = write_at(i);
    made += strcmp(write.state, "done") == 0;
    if (strcmp(write.state, "done") == 0)
      cr_expect(strcmp(write.answer, ids[0]) == 0 ||
                strcmp(write.answer, ids[1]) == 0);
    for (size_t j = 0; j < i; j++)
      cr_expect(write.answer[0] == '\0' ||
                    strcmp(write.answer, write_at(j).answer) != 0,
                "%s answers two writes", write.answer);
  }
  cr_expect_eq(made, MADE);
}

/* What answered a write that is done answers no other. */
Test(job_settle, an_entry_that_another_create_came_to)
{
  char id[24];
  world_template("After", SIGNET_STATUS_PENDING, NULL, 0, id);
  journal_begin();
  journal_write_done("create", "template", TEMPLATE_AFTER, id);
  journal_write("create", "template", "", NULL, TEMPLATE_AFTER, "intent");
  journal_end();
  signet_job_findings findings;
  job_open();
  cr_assert(signet_job_settle(job, &findings, &job_error));
  cr_expect_eq(findings.not_done, 1);
  cr_assert(job_close(), "%s", job_error.message);
  cr_expect_str_eq(write_at(1).state, "unsent");
}

/* Absence counts from the window's end on: until then it is found late, too. */
Test(job_settle, a_create_of_a_template_that_takes_effect_late)
{
  char id[24];
  signet_job_findings findings;
  on.account->settings.timeout_ms = 500;
  journal_begin();
  journal_write("create", "template", "", NULL, TEMPLATE_AFTER, "intent");
  journal_end();
  job_open();
  signet_timer *late = signet_timer_start(on.loop, 100, make_template_now, id);
  cr_assert_not_null(late);
  cr_assert(signet_job_settle(job, &findings, &job_error));
  cr_expect_eq(findings.done, 1);
  cr_assert(job_close(), "%s", job_error.message);
  cr_expect_str_eq(write_at(0).answer, id);
}

Test(job_settle, a_create_that_took_effect_is_found_by_its_name)
{
  char id[24];
  world_sign("After", SIGNET_STATUS_PENDING, id);
  journal_begin();
  journal_write("create", "sign", "", NULL, SIGN_AFTER, "intent");
  settles("done", 1, 0, 0, 0);
  cr_expect_str_eq(write_at(0).answer, id);
}

Test(job_settle, a_create_that_did_not)
{
  journal_begin();
  journal_write("create", "template", "", NULL, TEMPLATE_AFTER, "intent");
  settles("unsent", 0, 1, 0, 0);
}

Test(job_settle, a_created_template_is_found_by_its_fields)
{
  char id[24];
  world_template("After", SIGNET_STATUS_PENDING, NULL, 0, id);
  journal_begin();
  journal_write("create", "template", "", NULL, TEMPLATE_AFTER, "intent");
  settles("done", 1, 0, 0, 0);
  cr_expect_str_eq(write_at(0).answer, id);
}

/* Which of the two it is can't be told: it is not made a third time. */
Test(job_settle, two_entries_that_look_the_same)
{
  char id[24];
  world_template("After", SIGNET_STATUS_PENDING, NULL, 0, id);
  world_template("After", SIGNET_STATUS_PENDING, NULL, 0, id);
  journal_begin();
  journal_write("create", "template", "", NULL, TEMPLATE_AFTER, "intent");
  job_end_state = SIGNET_JOB_FAILED;
  settles("unknown", 0, 0, 0, 1);
  job_open();
  signet_fields *fields = template_fields("After");
  expect_words(signet_template_create(on.account, fields, NULL, NULL),
               SIGNET_ERROR_UNKNOWN_OUTCOME, SIGNET_OUTCOME_UNKNOWN,
               "it is not sent again");
  signet_fields_free(fields);
}

Test(job_settle, an_entry_that_is_older_than_the_intent)
{
  char id[24];
  world_template("After", SIGNET_STATUS_PENDING, NULL, 0, id);
  journal_at += 60000;
  journal_begin();
  journal_write("create", "template", "", NULL, TEMPLATE_AFTER, "intent");
  settles("unsent", 0, 1, 0, 0);
}

Test(job_settle, a_raw_request_can_not_be_told)
{
  journal_begin();
  journal_write("request", "request", "", NULL,
                "{\"method\":\"POST\",\"path\":\"/v1/x\",\"body\":\"\"}",
                "intent");
  settles("unknown", 0, 0, 0, 1);
}

Test(job_settle, an_id_that_is_none_reaches_no_path)
{
  journal_begin();
  journal_write("delete", "sign", "../keys", "{}", NULL, "intent");
  settles("unknown", 0, 0, 0, 1);
  cr_expect_eq(signet_account_requests(on.account), 0);
}

/* Asked where the journal is held: another process may have come first. */
Test(job_settle, a_job_that_is_done_by_now)
{
  signet_job_findings findings;
  journal_begin();
  journal_end();
  job_open();
  cr_assert(signet_job_settle(job, &findings, &job_error));
  cr_assert(job_close());
  job_open();
  cr_expect_not(signet_job_settle(job, &findings, &job_error));
  cr_expect(findings.over);
  cr_expect_eq(job_error.kind, SIGNET_ERROR_REFUSED);
}
