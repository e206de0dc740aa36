/* SPDX-License-Identifier: MIT */
/* Every allocation of looking at a job, and of the plan that takes it back,
 * fails in turn: it is told whole, or not at all. */
#include "job_support.h"
#include "memory_sweep.h"

#include "job/plan/plan.h"
#include "signet/jobs.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

enum { WRITES = 9 };

TestSuite(undo_memory, .init = memory_sweep_init, .timeout = 300);

#define TEMPLATE(name, sign, position)                           \
  "{\"template_id\":\"51\",\"template_name\":\"" name            \
  "\",\"template_type\":\"utility\",\"template_content\":\"C\"," \
  "\"country_codes\":\"CN\",\"add_signature\":true,"             \
  "\"sign_id\":\"" sign "\",\"sign_position\":" position "}"

static void begin(void)
{
  job_begin_in(FOLDER_IN_MEMORY);
  journal_begin();
  journal_write("create", "sign", "", NULL, "{\"sign_name\":\"M\"}", "done");
  journal_write("create", "template", "", NULL, TEMPLATE("N", "42", "2"),
                "done");
  journal_write("update", "sign", "41", "{\"sign_name\":\"Old\"}",
                "{\"sign_name\":\"New\"}", "done");
  journal_write("update", "template", "51", TEMPLATE("Before", "42", "1"),
                TEMPLATE("After", "0", "0"), "done");
  journal_write("delete", "template", "52", TEMPLATE("Gone", "0", "0"), NULL,
                "done");
  journal_write("delete", "sign", "42", "{\"sign_name\":\"Gone\"}", NULL,
                "done");
  journal_write("request", "request", "", NULL, "{}", "done");
  journal_write("delete", "sign", "77", "{\"sign_name\":\"M\"}", NULL, "done");
  journal_write("update", "sign", "43", "{}", "{}", "failed");
  journal_end();
}

static void end(void)
{
  job_end();
}

/* ---- undoing ---- */

static signet_plan *plan;
static size_t irreversible;

static bool undo(void)
{
  plan = signet_undo_plan(job_folder, EARLIER, "configs x", &irreversible,
                          &job_error);
  if (plan == NULL)
    cr_assert_eq(job_error.kind, SIGNET_ERROR_MEMORY, "%s", job_error.message);
  return plan != NULL;
}

static void check_undo(bool good)
{
  size_t length;
  if (!good)
    cr_assert(undo(), "%s", job_error.message);
  const char *text = signet_plan_text(plan, &length);
  cr_assert_eq(irreversible, 1);
  cr_assert_eq(signet_plan_count(plan), 5);
  const signet_plan_step *sign = signet_plan_at(plan, 0);
  const signet_plan_step *changed = signet_plan_at(plan, 2);
  cr_assert_str_eq(sign->after, "{\"sign_name\":\"Gone\"}");
  cr_assert_str_eq(sign->old, "42");
  cr_assert_eq(changed->mark, SIGNET_UNDO_NEEDS_REVIEW);
  cr_assert_not_null(strstr(changed->after, sign->id), "%s", changed->after);
  cr_assert_eq(changed->review_count, 1);
  cr_assert_eq(changed->reviews[0], 1);
  cr_assert_null(strstr(signet_plan_at(plan, 1)->after, "sign_id"));
  cr_assert_eq(signet_plan_at(plan, 4)->verb, SIGNET_DELETE);
  cr_assert_not_null(strstr(text, "\"before\":{\"template_id\":\"77\","));
  signet_plan_free(plan);
}

static const memory_sweep undoing = {begin, undo, check_undo, end, 100};

Test(undo_memory, an_undo_once)
{
  memory_sweep_run(&undoing, false);
}

Test(undo_memory, an_undo_from_then_on)
{
  memory_sweep_run(&undoing, true);
}

/* ---- looking ---- */

static size_t jobs, writes;

static bool count_job(void *user, const signet_job_view *view)
{
  (void)user;
  cr_assert_str_eq(view->id, EARLIER);
  jobs++;
  return true;
}

static bool count_write(void *user, const signet_write_view *view)
{
  (void)user;
  cr_assert_eq(view->number, (int64_t)++writes);
  return true;
}

/* The same, copied. */
static bool copies(void)
{
  signet_jobs *one = signet_jobs_read_one(job_folder, EARLIER, &job_error);
  if (one == NULL)
    return false;
  cr_assert_eq(signet_jobs_count(one), 1);
  cr_assert_str_eq(signet_jobs_at(one, 0)->id, EARLIER);
  signet_jobs_free(one);
  return true;
}

static bool look(void)
{
  jobs = 0;
  writes = 0;
  bool good =
      copies() &&
      signet_jobs_each(job_folder, NULL, count_job, NULL, NULL, &job_error) &&
      signet_job_writes_each(job_folder, EARLIER, count_write, NULL,
                             &job_error);
  if (!good)
    cr_assert_eq(job_error.kind, SIGNET_ERROR_MEMORY, "%s", job_error.message);
  return good;
}

static void check_look(bool good)
{
  if (!good)
    cr_assert(look(), "%s", job_error.message);
  cr_assert_eq(jobs, 1);
  cr_assert_eq(writes, WRITES);
}

static const memory_sweep looking = {begin, look, check_look, end, 3};

Test(undo_memory, looking_at_a_job_once)
{
  memory_sweep_run(&looking, false);
}

Test(undo_memory, looking_at_a_job_from_then_on)
{
  memory_sweep_run(&looking, true);
}

/* ---- auditing ---- */

static size_t mismatches;

static void count_mismatch(void *user, const signet_job_mismatch *mismatch)
{
  (void)user;
  cr_assert(strstr(mismatch->finding, "does not show it") != NULL ||
            strstr(mismatch->finding, "shows sign_name \"Diff") != NULL ||
            strstr(mismatch->finding, "shows something else") != NULL);
  mismatches++;
}

/* More writes than the table of the audit begins with; two that are compared by
 * their text, and one that the list lacks. */
static void begin_audit(void)
{
  char id[24];
  job_begin_in(FOLDER_IN_MEMORY);
  world_sign("Shown", SIGNET_STATUS_APPROVED, id);
  journal_begin();
  journal_write("update", "sign", id, "{}", "{ \"sign_name\": \"Shown\" }",
                "done");
  world_sign("Different", SIGNET_STATUS_APPROVED, id);
  journal_write("update", "sign", id, "{}", "{\"sign_name\":\"Wanted\"}",
                "done");
  journal_write("update", "sign", "7", "{}", "{\"sign_name\":\"Gone\"}",
                "done");
  for (int i = 0; i < 140; i++) {
    snprintf(id, sizeof id, "%d", 1000 + i);
    journal_write("delete", "sign", id, "{}", NULL, "done");
  }
  journal_end();
}

static bool audit(void)
{
  signet_job_findings findings;
  mismatches = 0;
  job = signet_job_new(&job_options, &job_error);
  bool good = job != NULL && signet_job_attach(job, on.account, &job_error) &&
              signet_job_settle(job, &findings, &job_error) &&
              signet_job_audit(job, NULL, count_mismatch, NULL, &job_error);
  if (!good)
    cr_assert_eq(job_error.kind, SIGNET_ERROR_MEMORY, "%s", job_error.message);
  signet_account_record(on.account, NULL);
  signet_job_free(job);
  job = NULL;
  return good;
}

static void check_audit(bool good)
{
  cr_assert_eq(mismatches, good ? 2 : 0);
}

static const memory_sweep auditing = {begin_audit, audit, check_audit, end, 20};

Test(undo_memory, an_audit_once)
{
  memory_sweep_run(&auditing, false);
}

Test(undo_memory, an_audit_from_then_on)
{
  memory_sweep_run(&auditing, true);
}
