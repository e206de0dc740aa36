/* SPDX-License-Identifier: MIT */
/* Every allocation of an apply fails in turn: nothing is sent twice or without
 * being in the journal, and the job can be gone on with. */
#include "job_support.h"
#include "memory_sweep.h"

#include "job/plan/plan.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

TestSuite(plan_apply_memory, .init = memory_sweep_init, .timeout = 300);

static char one[24], two[24], templ[24];
static signet_plan *plan;
static signet_job_counts counts;
static char job_id[SIGNET_JOB_ID_SIZE];
static char why[1000]; /* what was said of steps that were not done */

static void take_event(void *user, const signet_plan_event *event)
{
  size_t length = strlen(why);
  (void)user;
  if (event->error != NULL || event->reason[0] != '\0')
    snprintf(why + length, sizeof why - length, "%s; ",
             event->error != NULL ? event->error->message : event->reason);
}

static void must(signet_call *call)
{
  signet_call_release(expect_done(call));
}

static void write_to(signet_account *dry)
{
  signet_fields *fields[] = {
      text_field("sign_name", "Free"), text_field("sign_name", "One"),
      text_field("sign_name", "Made"), text_field("sign_id", two)};
  cr_assert(signet_fields_set_integer(fields[3], "sign_position", 1));
  must(signet_template_update(dry, templ, fields[3], NULL, NULL));
  must(signet_sign_update(dry, one, fields[0], NULL, NULL));
  must(signet_sign_wait(dry, one, SIGNET_STATUS_APPROVED, -1, NULL, NULL));
  must(signet_sign_update(dry, two, fields[1], NULL, NULL));
  must(signet_sign_create(dry, fields[2], NULL, NULL));
  for (size_t i = 0; i < 4; i++)
    signet_fields_free(fields[i]);
}

static void begin(void)
{
  signet_account_options how = SIGNET_ACCOUNT_OPTIONS_INIT;
  job_begin_in(FOLDER_IN_MEMORY);
  job_options.type = "apply";
  job_options.parent = "digest";
  job_options.resume = NULL;
  job_id[0] = '\0';
  world_sign("One", SIGNET_STATUS_APPROVED, one);
  world_sign("Two", SIGNET_STATUS_APPROVED, two);
  world_template("Template", SIGNET_STATUS_APPROVED, NULL, 0, templ);
  signet_overlay *overlay = signet_overlay_new(NULL, &job_error);
  how.world = on.world;
  how.overlay = overlay;
  signet_account *dry = signet_account_open(on.loop, &how, &job_error);
  cr_assert_not_null(dry, "%s", job_error.message);
  write_to(dry);
  plan = signet_overlay_plan(overlay, NULL, NULL, &job_error);
  cr_assert_not_null(plan, "%s", job_error.message);
  cr_assert_eq(signet_plan_count(plan), 4);
  signet_account_close(dry);
  signet_overlay_free(overlay);
}

static void end(void)
{
  signet_plan_free(plan);
  job_end();
}

/* @return whether it came to its end, parked or done */
static bool apply_once(void)
{
  signet_plan_apply_options options = SIGNET_PLAN_APPLY_OPTIONS_INIT;
  options.park = true;
  options.once = true;
  options.event = take_event;
  why[0] = '\0';
  job = signet_job_new(&job_options, &job_error);
  bool good = job != NULL && signet_job_attach(job, on.account, &job_error);
  signet_plan_apply *apply =
      good ? signet_plan_apply_start(on.account, job, plan, &options, NULL,
                                     NULL, &job_error)
           : NULL;
  good = apply != NULL && signet_plan_apply_wait(apply) == NULL;
  counts =
      apply != NULL ? signet_plan_apply_counts(apply) : (signet_job_counts){0};
  good = good && counts.failed == 0 && counts.unknown == 0;
  signet_plan_apply_free(apply);
  if (job != NULL) {
    signet_job_state state =
        counts.waiting > 0 ? SIGNET_JOB_PARKED : SIGNET_JOB_DONE;
    good = signet_job_end(job, good ? state : SIGNET_JOB_FAILED, &counts,
                          &job_error) &&
           good;
    if (signet_job_id(job) != NULL)
      snprintf(job_id, sizeof job_id, "%s", signet_job_id(job));
  }
  signet_account_record(on.account, NULL);
  signet_job_free(job);
  job = NULL;
  return good;
}

static bool attempt(void)
{
  bool good = apply_once();
  cr_assert(good || memory_state.failed, "%s", job_error.message);
  return good;
}

static bool is_good_row(void *user, const signet_write_view *row)
{
  size_t *done = user;
  cr_assert(strcmp(row->state, "done") == 0 ||
                strcmp(row->state, "unsent") == 0,
            "%s %s is %s", row->verb, row->target, row->state);
  *done += strcmp(row->state, "done") == 0;
  return true;
}

/* With all memory it goes on to its end. */
static void check(bool good)
{
  size_t done = 0;
  (void)good;
  on_world_speak(SIGNET_CONFIGS);
  job_quick();
  job_options.resume = job_id[0] != '\0' ? job_id : NULL;
  cr_assert(apply_once(), "allocation %zu: %s", memory_state.asked,
            job_error.message);
  if (counts.waiting > 0) {
    signet_world_review(on.world, SIGNET_SIGN, one, SIGNET_STATUS_APPROVED,
                        NULL);
    signet_world_review(on.world, SIGNET_TEMPLATE, templ,
                        SIGNET_STATUS_APPROVED, NULL);
    job_options.resume = job_id;
    cr_assert(apply_once(), "%s", job_error.message);
  }
  cr_assert_eq(counts.done, 4, "allocation %zu: %d done: %s",
               memory_state.asked, (int)counts.done, why);
  cr_assert(signet_job_writes_each(job_folder, job_id, is_good_row, &done,
                                   &job_error),
            "%s", job_error.message);
  cr_assert_eq(done, 4);
  signet_call *call =
      expect_done(signet_sign_list(on.account, NULL, NULL, NULL));
  cr_assert_eq(signet_list_count(signet_call_list(call)), 3);
  signet_call_release(call);
}

static const memory_sweep applying = {begin, attempt, check, end, 100};

Test(plan_apply_memory, an_apply_once)
{
  memory_sweep_run(&applying, false);
}

Test(plan_apply_memory, an_apply_from_then_on)
{
  memory_sweep_run(&applying, true);
}
