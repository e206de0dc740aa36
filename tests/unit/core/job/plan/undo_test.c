/* SPDX-License-Identifier: MIT */
/* The plan that takes a job back: of every kind of write, and of rows that no
 * job writes. */
#include "job_support.h"

#include "job/plan/save.h"
#include "job/store/sqlite/open.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

TestSuite(undo, .init = job_begin, .fini = job_end);

static size_t irreversible;

static signet_plan *undo(const char *account)
{
  return signet_undo_plan(job_folder, EARLIER, account, &irreversible,
                          &job_error);
}

static signet_plan *undone(const char *account)
{
  signet_plan *plan = undo(account);
  cr_assert_not_null(plan, "%s", job_error.message);
  return plan;
}

#define TEMPLATE(sign, position)                            \
  "{\"template_name\":\"N\",\"template_type\":\"utility\"," \
  "\"template_content\":null,\"country_codes\":\"CN\","     \
  "\"sign_id\":" sign ",\"sign_position\":" position "}"

static void check_signature(const char *before, bool shown)
{
  signet_plan *plan;
  journal_begin();
  journal_write("update", "template", "51", before,
                "{\"template_name\":\"M\",\"add_signature\":false,"
                "\"sign_id\":\"9\"}",
                "done");
  journal_end();
  plan = undone("configs x");
  const signet_plan_step *step = signet_plan_at(plan, 0);
  cr_expect_eq(strstr(step->after, "\"sign_id\"") != NULL, shown, "%s",
               step->after);
  cr_expect_not_null(strstr(step->after, shown ? "\"add_signature\":true"
                                               : "\"add_signature\":false"));
  cr_expect_null(strstr(step->after, "template_content"), "of null");
  cr_expect_null(strstr(step->before, "sign_id"), "%s", step->before);
  signet_plan_free(plan);
}

Test(undo, a_template_that_showed_a_signature)
{
  check_signature(TEMPLATE("\"42\"", "1"), true);
}

Test(undo, a_signature_at_no_position)
{
  check_signature(TEMPLATE("\"42\"", "0"), false);
}

Test(undo, a_signature_of_no_id)
{
  check_signature(TEMPLATE("\"\"", "1"), false);
}

Test(undo, a_signature_zero)
{
  check_signature(TEMPLATE("0", "1"), false);
}

Test(undo, a_signature_null)
{
  check_signature(TEMPLATE("null", "1"), false);
}

Test(undo, a_template_without_a_signature)
{
  check_signature("{\"template_name\":\"N\"}", false);
}

/* More than the list of writes begins with; without reviews. */
Test(undo, many_writes_in_a_dialect_without_reviews)
{
  journal_begin();
  for (int i = 0; i < 200; i++) {
    char id[12];
    snprintf(id, sizeof id, "%d", 100 + i);
    journal_write("update", "sign", id, "{\"sign_name\":\"Old\"}",
                  "{\"sign_name\":\"New\"}", "done");
  }
  journal_end();
  signet_plan *plan = undone("signs x");
  cr_assert_eq(signet_plan_count(plan), 200);
  const signet_plan_step *step = signet_plan_at(plan, 0);
  cr_expect_str_eq(step->id, "299");
  cr_expect_eq(step->mark, SIGNET_UNDO_REVERSIBLE);
  cr_expect_not(step->review);
  cr_expect_eq(step->expect, 0);
  signet_plan_free(plan);
}

/* It was changed, then deleted: what the undo changes is what it makes. */
Test(undo, an_entry_that_was_changed_and_deleted)
{
  journal_begin();
  journal_write("update", "sign", "41", "{\"sign_name\":\"Old\"}",
                "{\"sign_name\":\"New\"}", "done");
  journal_write("delete", "sign", "41", "{\"sign_name\":\"New\"}", NULL,
                "done");
  journal_end();
  signet_plan *plan = undone("configs x");
  cr_assert_eq(signet_plan_count(plan), 2);
  const signet_plan_step *made = signet_plan_at(plan, 0);
  const signet_plan_step *changed = signet_plan_at(plan, 1);
  cr_assert(made != NULL && changed != NULL);
  cr_expect_str_eq(changed->id, made->id);
  cr_assert_eq(changed->review_count, 1);
  cr_expect_eq(changed->reviews[0], 1);
  signet_plan_free(plan);
}

/* With its marks, and the ids that its entries had. */
Test(undo, a_plan_that_is_saved_and_read_back)
{
  size_t length, again_length;
  journal_begin();
  journal_write("create", "sign", "", NULL, NULL, "done");
  journal_write("update", "sign", "41", "{\"sign_name\":\"Old\"}",
                "{\"sign_name\":\"New\"}", "done");
  journal_write("delete", "sign", "42", "{\"sign_name\":\"Gone\"}", NULL,
                "done");
  journal_end();
  signet_plan *plan = undone("configs x");
  const char *text = signet_plan_text(plan, &length);
  signet_plan *again = signet_plan_load(text, length, &job_error);
  cr_assert_not_null(again, "%s", job_error.message);
  cr_assert_eq(signet_plan_count(again), 3);
  for (size_t i = 0; i < 3; i++) {
    const signet_plan_step *step = signet_plan_at(again, i);
    cr_assert_not_null(step);
    cr_expect_eq(step->mark, signet_plan_at(plan, i)->mark);
    cr_expect_str_eq(step->old, i == 0 ? "42" : "");
  }
  cr_expect_str_eq(signet_plan_at(again, 2)->before, "{\"sign_id\":\"77\"}");
  cr_assert(signet_plan_seal(again));
  cr_expect_str_eq(signet_plan_text(again, &again_length), text);
  signet_plan_free(again);
  signet_plan_free(plan);
}

Test(undo, what_nothing_is_known_of_is_counted)
{
  journal_begin();
  journal_write("update", "sign", "41", NULL, "{\"sign_name\":\"N\"}", "done");
  journal_write("delete", "sign", "", "{}", NULL, "done");
  journal_write("request", "request", "", NULL, "{}", "done");
  journal_write("delete", "sign", "43", "{}", NULL, "unknown");
  journal_end();
  signet_plan *plan = undone("configs x");
  cr_expect_eq(signet_plan_count(plan), 0);
  cr_expect_eq(irreversible, 3);
  signet_plan_free(plan);
}

Test(undo, a_job_that_is_not_there)
{
  cr_expect_null(undo("configs x"));
  cr_expect_eq(job_error.kind, SIGNET_ERROR_NOT_FOUND);
  journal_begin();
  journal_end();
  cr_expect_null(signet_undo_plan(job_folder, "20260101T000000", "configs x",
                                  &irreversible, &job_error));
  cr_expect_eq(job_error.kind, SIGNET_ERROR_NOT_FOUND);
}

Test(undo, a_job_that_runs)
{
  char path[300];
  signet_store *held;
  journal_begin();
  journal_write("delete", "sign", "1", "{}", NULL, "done");
  journal_end();
  cr_assert(signet_store_sqlite_path(
      job_folder, signet_account_identity(on.account), path, sizeof path));
  held = signet_store_open_sqlite(path, &job_error);
  cr_assert_not_null(held, "%s", job_error.message);
  cr_expect_null(undo("configs x"));
  cr_expect_eq(job_error.kind, SIGNET_ERROR_REFUSED);
  cr_expect_not_null(strstr(job_error.message, "is running"), "%s",
                     job_error.message);
  held->operations->close(held);
  signet_plan_free(undone("configs x"));
}

/* A guess would undo something else. */
Test(undo, what_no_job_writes_is_refused)
{
  static const struct {
    const char *verb, *kind, *target, *before, *after, *words;
  } cases[] = {
      {"remove", "sign", "1", "{}", NULL, "a verb or kind"},
      {"", "sign", "1", "{}", NULL, "a verb or kind"},
      {"delete", "signature", "1", "{}", NULL, "a verb or kind"},
      {"delete", "request", "1", "{}", NULL, "a verb or kind"},
      {"request", "sign", "1", "{}", NULL, "a verb or kind"},
      {"delete", "sign", "1/../2", "{}", NULL, "an id that is none"},
      {"delete", "sign", "123456789012345678901234567890", "{}", NULL,
       "an id that is none"},
      {"delete", "sign", "1", "{", NULL, "an image that is no JSON object"},
      {"delete", "sign", "1", "", NULL, "an image that is no JSON object"},
      {"delete", "sign", "1", "null", NULL, "an image that is no JSON object"},
      {"delete", "sign", "1", "[]", NULL, "an image that is no JSON object"},
      {"update", "sign", "1", "\"x\"", "{}", "an image that is no JSON object"},
      {"update", "sign", "1", "{}", "[]", "an image that is no JSON object"},
      {"update", "template", "1", "{}", "{}}",
       "an image that is no JSON object"},
      {"create", "template", "", NULL, "7", "an image that is no JSON object"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    journal_begin();
    journal_write("delete", "sign", "9", "{}", NULL, "done");
    journal_write(cases[i].verb, cases[i].kind, cases[i].target,
                  cases[i].before, cases[i].after, "done");
    journal_end();
    signet_plan *plan = undo("configs x");
    cr_expect_null(plan, "case %zu", i);
    cr_expect_eq(job_error.kind, SIGNET_ERROR_STORE, "case %zu", i);
    cr_expect(strstr(job_error.message, cases[i].words) != NULL &&
                  strstr(job_error.message, "write 2 ") != NULL &&
                  strstr(job_error.message, EARLIER) != NULL,
              "case %zu: %s", i, job_error.message);
    signet_plan_free(plan);
    journal_remove();
  }
}
