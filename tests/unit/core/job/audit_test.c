/* SPDX-License-Identifier: MIT */
/* The audit of a job that was resumed: every sort of row against a list. */
#include "canary.h"
#include "job_support.h"
#include "model/form.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

TestSuite(audit, .init = job_begin, .fini = job_end);

typedef struct mismatches {
  size_t count;
  char text[400];
} mismatches;

static void take_mismatch(void *user, const signet_job_mismatch *mismatch)
{
  mismatches *found = user;
  size_t used = strlen(found->text);
  found->count++;
  snprintf(found->text + used, sizeof found->text - used, "%s %s %s: %s\n",
           mismatch->verb, mismatch->kind, mismatch->id, mismatch->finding);
}

static bool audit(signet_account *account, mismatches *found)
{
  signet_job_findings findings;
  job_open();
  cr_assert(signet_job_settle(job, &findings, &job_error), "%s",
            job_error.message);
  return signet_job_audit(job, account, take_mismatch, found, &job_error);
}

/* Of the signature "Shown", which is there. */
static void check(const char *verb, const char *before, const char *after,
                  const char *state, const char *finding)
{
  char id[24];
  mismatches found = {0};
  world_sign("Shown", SIGNET_STATUS_APPROVED, id);
  journal_begin();
  journal_write(verb, "sign", id, before, after, state);
  journal_end();
  cr_assert(audit(NULL, &found), "%s", job_error.message);
  cr_expect_eq(found.count, finding != NULL);
  if (finding != NULL)
    cr_expect_not_null(strstr(found.text, finding), "%s", found.text);
}

Test(audit, a_delete_whose_entry_is_there)
{
  check("delete", "{}", NULL, "done",
        "it was deleted, but the service shows it");
}

Test(audit, an_update_that_is_there)
{
  check("update", "{}", "{\"sign_name\":\"Shown\"}", "done", NULL);
}

Test(audit, an_update_written_in_another_form)
{
  check("update", "{}", "{ \"sign_name\" : \"Shown\" }", "done", NULL);
}

/* What a service stored in a form of its own is done, and told once. */
Test(audit, an_update_that_is_stored_in_another_form)
{
  signet_job_stored stored;
  check("update", "{}", "{\"sign_name\":\" Shown \"}", "done", NULL);
  signet_job_get_stored(job, &stored);
  cr_expect_eq(stored.entries, 1);
  cr_expect_eq(stored.trimmed, 1);
  cr_expect_eq(stored.composed, 0);
  cr_expect(stored.news);
  cr_expect_not_null(strstr(stored.example, "written as \" Shown \" and is "
                                            "stored as \"Shown\""),
                     "%s", stored.example);
}

Test(audit, a_habit_that_is_known)
{
  signet_job_stored stored;
  static const signet_learned known = {.forms = SIGNET_FORM_TRIMMED};
  signet_learned learned;
  signet_account_teach(on.account, &known);
  check("update", "{}", "{\"sign_name\":\" Shown \"}", "done", NULL);
  signet_job_get_stored(job, &stored);
  cr_expect_eq(stored.entries, 1);
  cr_expect_not(stored.news);
  signet_account_learned(on.account, &learned);
  cr_expect_eq(learned.forms, SIGNET_FORM_TRIMMED);
}

Test(audit, an_update_that_is_not)
{
  check("update", "{}", "{\"sign_name\":\"Other\"}", "done",
        "the service shows sign_name \"Shown\", and not \"Other\"");
}

Test(audit, an_update_that_can_not_be_read)
{
  check("update", "{}", "{\"sign_name\":", "done", "shows something else");
}

Test(audit, an_update_of_what_nothing_is_known_of)
{
  check("update", "{}", NULL, "done", NULL);
}

Test(audit, a_drift_is_none_of_its_findings)
{
  check("update", "{}", "{\"sign_name\":\"Other\"}", "drift", NULL);
}

Test(audit, a_refusal_is_none_of_its_findings)
{
  check("delete", "{}", NULL, "failed", NULL);
}

/* More entries than the table begins with. */
Test(audit, many_entries)
{
  mismatches found = {0};
  journal_begin();
  for (int i = 0; i < 300; i++) {
    char id[12];
    snprintf(id, sizeof id, "%d", 1 + i);
    journal_write("delete", "sign", id, "{}", NULL, "done");
  }
  journal_write("update", "sign", "250", "{}", "{\"sign_name\":\"N\"}", "done");
  journal_end();
  cr_assert(audit(NULL, &found), "%s", job_error.message);
  cr_expect_eq(found.count, 1);
  cr_expect_not_null(strstr(found.text, "update sign 250"), "%s", found.text);
}

/* Rows without an entry, beside one that has one. */
Test(audit, rows_that_are_about_no_entry)
{
  char id[24];
  mismatches found = {0};
  world_template("T", SIGNET_STATUS_APPROVED, NULL, 0, id);
  journal_begin();
  journal_write("delete", "sign", "", "{}", NULL, "done");
  journal_write("delete", "sign", "123456789012345678901234567890", "{}", NULL,
                "done");
  journal_write("request", "request", "1", NULL, "{}", "done");
  journal_write("create", "sign", "", NULL, "{\"sign_name\":\"N\"}", "drift");
  journal_end();
  cr_assert(audit(NULL, &found), "%s", job_error.message);
  cr_expect_eq(found.count, 0, "%s", found.text);
}

Test(audit, entries_of_both_kinds_in_the_order_of_the_writes)
{
  char first[24], second[24];
  mismatches found = {0};
  world_template("Temp", SIGNET_STATUS_APPROVED, NULL, 0, first);
  world_sign("Sign", SIGNET_STATUS_APPROVED, second);
  journal_begin();
  journal_write("delete", "template", first, "{}", NULL, "done");
  journal_write("delete", "sign", second, "{}", NULL, "done");
  journal_end();
  cr_assert(audit(NULL, &found), "%s", job_error.message);
  cr_assert_eq(found.count, 2);
  const char *template = strstr(found.text, "delete template");
  const char *sign = strstr(found.text, "delete sign");
  cr_assert(template != NULL && sign != NULL &&
            template <sign, "%s", found.text);
}

Test(audit, through_another_handle_or_none)
{
  mismatches found = {0};
  journal_begin();
  journal_write("delete", "sign", "42", "{}", NULL, "done");
  journal_end();
  cr_expect(audit(on.account, &found), "%s", job_error.message);
  cr_expect_eq(found.count, 0);
  job->audits.done = false;
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  options.base_url = "http://127.0.0.1:9";
  signet_account *other = signet_account_open(on.loop, &options, &job_error);
  cr_assert_not_null(other, "%s", job_error.message);
  cr_expect_not(
      signet_job_audit(job, other, take_mismatch, &found, &job_error));
  cr_expect_eq(job_error.kind, SIGNET_ERROR_CONFIGURATION);
  signet_account_close(other);
  signet_account_close(on.account);
  on.account = NULL;
  cr_expect_not(signet_job_audit(job, NULL, take_mismatch, &found, &job_error));
  cr_expect_not_null(strstr(job_error.message, "closed"), "%s",
                     job_error.message);
}
