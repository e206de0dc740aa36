/* SPDX-License-Identifier: MIT */
/* Carrying plans out on an account on a world, under a job. */
#include "job_support.h"

#include "job/plan/plan.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char one[24], two[24], pending[24], templ[24];
static signet_plan *plan;
static signet_plan_apply *apply;
static signet_plan_apply_options options;
static signet_job_counts counts;
static signet_error problem;
static char ended[2000]; /* "1 done, 2 failed: why; " in the order of events */

static void begin(void)
{
  job_begin();
  job_options.type = "apply";
  job_options.parent = "digest";
  signet_plan_apply_options_init(&options);
  world_sign("One", SIGNET_STATUS_APPROVED, one);
  world_sign("Two", SIGNET_STATUS_APPROVED, two);
  world_sign("Pending", SIGNET_STATUS_PENDING, pending);
  world_template("Template", SIGNET_STATUS_APPROVED, NULL, 0, templ);
  plan = NULL;
}

static void end(void)
{
  signet_plan_free(plan);
  job_end();
}

TestSuite(plan_apply, .init = begin, .fini = end, .timeout = 60);

/* ---- making plans ---- */

static signet_account *dry;

static void must(signet_call *call)
{
  signet_call_release(expect_done(call));
}

static void rename_to(const char *id, const char *name)
{
  signet_fields *fields = text_field("sign_name", name);
  must(signet_sign_update(dry, id, fields, NULL, NULL));
  signet_fields_free(fields);
}

static void make(const char *name, char *id)
{
  signet_fields *fields = text_field("sign_name", name);
  signet_call *call = expect_done(signet_sign_create(dry, fields, NULL, NULL));
  snprintf(id, 24, "%s", signet_call_id(call));
  signet_call_release(call);
  signet_fields_free(fields);
}

static void wait_for(const char *id)
{
  must(signet_sign_wait(dry, id, SIGNET_STATUS_APPROVED, -1, NULL, NULL));
}

static void show_sign(const char *id)
{
  signet_fields *fields = text_field("sign_id", id);
  cr_assert(signet_fields_set_integer(fields, "sign_position", 1));
  must(signet_template_update(dry, templ, fields, NULL, NULL));
  signet_fields_free(fields);
}

/* The plan of what `write` does to a copy of the account. */
static void plan_from(void (*write)(void))
{
  signet_account_options how = SIGNET_ACCOUNT_OPTIONS_INIT;
  signet_overlay *overlay = signet_overlay_new(NULL, &problem);
  how.world = on.world;
  how.overlay = overlay;
  dry = signet_account_open(on.loop, &how, &problem);
  cr_assert_not_null(dry, "%s", problem.message);
  write();
  plan = signet_overlay_plan(overlay, "test", NULL, &problem);
  cr_assert_not_null(plan, "%s", problem.message);
  signet_account_close(dry);
  signet_overlay_free(overlay);
}

/* ---- carrying them out ---- */

static const char *result_name(signet_plan_result result)
{
  static const char *const names[] = {"done", "failed", "skipped", "unknown",
                                      "waiting"};
  return names[result];
}

static void take_event(void *user, const signet_plan_event *event)
{
  (void)user;
  size_t length = strlen(ended);
  const char *why =
      event->error != NULL ? event->error->message : event->reason;
  if (event->step != NULL)
    snprintf(ended + length, sizeof ended - length, "%s%zu %s%s%s; ",
             event->type == SIGNET_PLAN_FOUND      ? "found "
             : event->type == SIGNET_PLAN_REVIEWED ? "review "
                                                   : "",
             event->step->number, result_name(event->result),
             why[0] != '\0' ? ": " : "", why);
}

static void begin_apply(void)
{
  ended[0] = '\0';
  options.event = take_event;
  job_open();
  apply = signet_plan_apply_start(on.account, job, plan, &options, NULL, NULL,
                                  &problem);
  cr_assert_not_null(apply, "%s", problem.message);
}

/* Whether steps of the plan were not begun. */
static bool was_stopped(void)
{
  int64_t ended_steps = counts.done + counts.failed + counts.skipped +
                        counts.unknown + counts.waiting;
  return ended_steps < (int64_t)signet_plan_count(plan);
}

/* @return what it ended with */
static signet_error_kind end_apply(void)
{
  const signet_error *error = signet_plan_apply_wait(apply);
  problem = error != NULL ? *error : (signet_error)SIGNET_ERROR_INIT;
  counts = signet_plan_apply_counts(apply);
  signet_plan_apply_free(apply);
  cr_assert(signet_job_end(job,
                           was_stopped()        ? SIGNET_JOB_INTERRUPTED
                           : counts.waiting > 0 ? SIGNET_JOB_PARKED
                           : counts.failed > 0  ? SIGNET_JOB_FAILED
                                                : SIGNET_JOB_DONE,
                           &counts, &job_error),
            "%s", job_error.message);
  static char id[SIGNET_JOB_ID_SIZE];
  snprintf(id, sizeof id, "%s",
           signet_job_id(job) != NULL ? signet_job_id(job) : "");
  signet_account_record(on.account, NULL);
  signet_job_free(job);
  job = NULL;
  job_options.resume = id[0] != '\0' ? id : NULL;
  return problem.kind;
}

static void carry_out(int64_t done, int64_t failed, int64_t waiting)
{
  begin_apply();
  cr_assert_eq(end_apply(), SIGNET_OK, "%s", problem.message);
  cr_assert(counts.done == done && counts.failed == failed &&
                counts.waiting == waiting && counts.unknown == 0,
            "%s", ended);
}

/* Somebody else does it. */
static void review(const char *id, int status)
{
  cr_assert(signet_world_review(on.world, SIGNET_SIGN, id, status, "Reviewed"));
}

static char *name_of(const char *id)
{
  static char name[100];
  signet_call *call = expect_done(signet_sign_get(on.account, id, NULL, NULL));
  snprintf(name, sizeof name, "%s",
           signet_record_string(signet_call_record(call), "sign_name"));
  signet_call_release(call);
  return name;
}

/* The id of a signature that the apply has made. */
static const char *id_named(const char *name)
{
  static char id[24];
  signet_fields *filter = text_field("sign_name", name);
  signet_call *call =
      expect_done(signet_sign_list(on.account, filter, NULL, NULL));
  cr_assert_eq(signet_list_count(signet_call_list(call)), 1);
  signet_record_id(signet_list_at(signet_call_list(call), 0), id, sizeof id);
  signet_call_release(call);
  signet_fields_free(filter);
  return id;
}

static uint64_t requests(void)
{
  return signet_account_requests(on.account);
}

/* ---- steps and reviews ---- */

static void write_two_rounds(void)
{
  rename_to(one, "One more");
  wait_for(one);
  rename_to(two, "Two more");
}

Test(plan_apply, rounds_are_parked_and_resumed)
{
  options.park = true;
  plan_from(write_two_rounds);
  cr_assert_eq(signet_plan_rounds(plan), 2);
  carry_out(1, 0, 1);
  cr_expect_str_eq(name_of(two), "Two");
  uint64_t before = requests();
  carry_out(1, 0, 1);
  cr_expect_eq(requests() - before, 2, "a look, and one list of a park");
  review(one, SIGNET_STATUS_APPROVED);
  carry_out(2, 0, 0);
  cr_expect_str_eq(name_of(two), "Two more");
  cr_expect_eq(write_count(), 2);
}

/* As soon as it is in review. */
static void review_later(void *user)
{
  if (!signet_world_review(on.world, SIGNET_SIGN, user, SIGNET_STATUS_APPROVED,
                           NULL))
    cr_assert_not_null(signet_timer_start(on.loop, 5, review_later, user));
}

Test(plan_apply, without_a_park_reviews_are_waited_for)
{
  plan_from(write_two_rounds);
  begin_apply();
  cr_assert_not_null(signet_timer_start(on.loop, 5, review_later, one));
  cr_assert_eq(end_apply(), SIGNET_OK);
  cr_expect_str_eq(ended, "1 done; 2 done; ");
}

/* A list that was made after the write, but shows what was before. */
Test(plan_apply, an_old_approval_decides_nothing)
{
  plan_from(write_two_rounds);
  signet_call *old =
      expect_done(signet_sign_list(on.account, NULL, NULL, NULL));
  begin_apply();
  while (strcmp(ended, "1 done; ") != 0)
    signet_loop_step(on.loop, -1);
  signet_watch *watch = &on.account->kinds[SIGNET_SIGN].watch;
  cr_assert(watch->observer != NULL);
  watch->round++;
  watch->observer(watch->observer_user, signet_call_list(old));
  for (int i = 0; i < 5; i++)
    signet_loop_step(on.loop, 1);
  cr_expect_str_eq(ended, "1 done; ");
  review(one, SIGNET_STATUS_APPROVED);
  cr_assert_eq(end_apply(), SIGNET_OK);
  cr_expect_str_eq(ended, "1 done; 2 done; ");
  signet_call_release(old);
}

Test(plan_apply, a_rejected_review_fails_and_is_looked_at_again)
{
  options.park = true;
  plan_from(write_two_rounds);
  carry_out(1, 0, 1);
  review(one, SIGNET_STATUS_REJECTED);
  carry_out(1, 1, 0);
  cr_expect_eq(counts.skipped, 1);
  cr_expect_not_null(
      strstr(ended, "review 1 failed: the review of step 1: it is rejected: "
                    "Reviewed"),
      "%s", ended);
  /* Somebody submits it again. */
  dry = on.account;
  rename_to(one, "One more");
  carry_out(1, 0, 1);
  review(one, SIGNET_STATUS_APPROVED);
  carry_out(2, 0, 0);
}

static void write_probe(void)
{
  char probe[24];
  make("Probe", probe);
  wait_for(probe);
  must(signet_sign_delete(dry, probe, NULL, NULL));
  rename_to(two, "Two more");
  wait_for(two);
  rename_to(one, "One more");
}

/* The probe is gone when the job goes on: nobody can be asked about it. */
Test(plan_apply, a_review_that_was_decided_and_used_up_is_not_asked_for)
{
  options.park = true;
  plan_from(write_probe);
  cr_assert_eq(signet_plan_count(plan), 4);
  carry_out(1, 0, 3);
  review(id_named("Probe"), SIGNET_STATUS_APPROVED);
  carry_out(3, 0, 1);
  review(two, SIGNET_STATUS_APPROVED);
  carry_out(4, 0, 0);
  cr_expect_str_eq(name_of(one), "One more");
  cr_expect_eq(write_count(), 4);
}

static void write_waited_sign(void)
{
  wait_for(pending);
  show_sign(pending);
}

Test(plan_apply, a_signature_that_was_pending_before_is_waited_for)
{
  options.park = true;
  plan_from(write_waited_sign);
  cr_assert(signet_plan_at(plan, 0)->assumed_sign);
  carry_out(0, 0, 1);
  cr_assert_eq(write_count(), 0);
  review(pending, SIGNET_STATUS_APPROVED);
  carry_out(1, 0, 0);
}

static void write_chain(void)
{
  rename_to(one, "Free");
  rename_to(two, "One");
}

Test(plan_apply, a_name_that_is_freed_by_approval_is_waited_for)
{
  signet_world_switches(on.world)->free_name_on_submit = false;
  options.park = true;
  plan_from(write_chain);
  carry_out(1, 0, 1);
  cr_expect_eq(write_count(), 2);
  review(one, SIGNET_STATUS_APPROVED);
  carry_out(2, 0, 0);
  cr_expect_str_eq(name_of(two), "One");
}

Test(plan_apply, a_name_is_tried_again_in_the_same_run)
{
  signet_world_switches(on.world)->free_name_on_submit = false;
  plan_from(write_chain);
  begin_apply();
  cr_assert_not_null(signet_timer_start(on.loop, 5, review_later, one));
  cr_assert_eq(end_apply(), SIGNET_OK, "%s", problem.message);
  cr_expect_str_eq(ended, "1 done; 2 done; ");
}

static void write_one(void)
{
  rename_to(one, "One more");
}

Test(plan_apply, what_a_message_plan_holds_waits)
{
  plan_from(write_one);
  cr_assert(signet_world_lock(on.world, SIGNET_SIGN, one, true));
  carry_out(0, 0, 1);
  cr_expect_not_null(strstr(ended, "1 waiting: "), "%s", ended);
  carry_out(0, 0, 1);
  cr_assert(signet_world_lock(on.world, SIGNET_SIGN, one, false));
  carry_out(1, 0, 0);
  cr_expect_str_eq(name_of(one), "One more");
}

/* ---- looking first ---- */

static void write_both(void)
{
  rename_to(one, "One more");
  rename_to(two, "Two more");
}

static void drift(const char *id, const char *name)
{
  dry = on.account;
  rename_to(id, name);
}

Test(plan_apply, drift_is_told_and_nothing_is_sent)
{
  plan_from(write_both);
  drift(two, "Drifted");
  begin_apply();
  cr_assert_eq(end_apply(), SIGNET_ERROR_REFUSED);
  cr_expect_str_eq(ended, "found 2 failed: drift: sign_name is Drifted, and "
                          "the plan expects Two; ");
  cr_expect_str_eq(name_of(one), "One");
  cr_expect_eq(write_count(), 0);
  options.skip_drifted = true;
  carry_out(1, 1, 0);
  cr_expect_str_eq(name_of(one), "One more");
  cr_expect_str_eq(name_of(two), "Drifted");
}

Test(plan_apply, a_check_only_looks)
{
  options.check = true;
  plan_from(write_both);
  uint64_t before = requests();
  carry_out(0, 0, 0);
  cr_expect_eq(requests() - before, 1);
  drift(two, "Drifted");
  begin_apply();
  cr_assert_eq(end_apply(), SIGNET_ERROR_REFUSED);
  cr_expect_eq(counts.failed, 1);
}

static void write_later(void)
{
  rename_to(one, "First");
  wait_for(one);
  rename_to(one, "Second");
}

Test(plan_apply, a_later_step_is_compared_with_what_the_apply_left)
{
  options.park = true;
  plan_from(write_later);
  carry_out(1, 0, 1);
  review(one, SIGNET_STATUS_APPROVED);
  drift(one, "Drifted");
  review(one, SIGNET_STATUS_APPROVED);
  carry_out(1, 1, 0);
  cr_expect_not_null(strstr(ended, "sign_name is Drifted, and the plan expects "
                                   "First"),
                     "%s", ended);
  cr_expect_str_eq(name_of(one), "Drifted");
}

Test(plan_apply, limits_and_protection)
{
  plan_from(write_both);
  job_options.max_changes = (signet_job_limit){1, false, 0};
  begin_apply();
  cr_assert_eq(end_apply(), SIGNET_ERROR_REFUSED);
  cr_expect_str_eq(problem.message, "the plan changes 2 entries, more than 1: "
                                    "--max-changes allows it");
  job_options.max_changes = (signet_job_limit){10, true, 0};
  begin_apply();
  cr_assert_eq(end_apply(), SIGNET_ERROR_REFUSED);
  job_options.max_changes = (signet_job_limit)SIGNET_JOB_NO_LIMIT;
  on.account->settings.protect_name = strdup("T*");
  begin_apply();
  cr_assert_eq(end_apply(), SIGNET_ERROR_REFUSED);
  cr_expect_not_null(strstr(ended, "protect_name = T*"), "%s", ended);
  cr_expect_eq(write_count(), 0);
}

/* ---- other jobs ---- */

Test(plan_apply, a_plan_is_applied_once)
{
  options.once = true;
  plan_from(write_one);
  carry_out(1, 0, 0);
  job_options.resume = NULL;
  begin_apply();
  cr_assert_eq(end_apply(), SIGNET_ERROR_REFUSED);
  cr_expect_not_null(strstr(problem.message, "the plan was applied already, by "
                                             "job "));
}

Test(plan_apply, the_initialiser_and_its_function)
{
  const signet_plan_apply_options expected = SIGNET_PLAN_APPLY_OPTIONS_INIT;
  memset(&options, 0x5A, sizeof options);
  signet_plan_apply_options_init(&options);
  cr_expect_eq(options.version, SIGNET_PLAN_APPLY_OPTIONS_VERSION);
  cr_expect_eq(options.version, expected.version);
  cr_expect_eq(options.at_once, 128);
  cr_expect_eq(options.at_once, expected.at_once);
  cr_expect_not(options.undo || options.park || options.check ||
                options.skip_drifted || options.once);
  cr_expect_not(expected.undo || expected.park || expected.check ||
                expected.skip_drifted || expected.once);
  cr_expect_null(options.state_dir);
  cr_expect_null(expected.state_dir);
  cr_expect_null(options.from);
  cr_expect_null(expected.from);
  cr_expect_null(options.event_user);
  cr_expect_null(expected.event_user);
  cr_expect(options.event == NULL && expected.event == NULL);
}

Test(plan_apply, options_are_checked)
{
  plan_from(write_one);
  options.version = 9;
  cr_expect_null(signet_plan_apply_start(on.account, NULL, plan, &options, NULL,
                                         NULL, &problem));
  cr_expect_eq(problem.kind, SIGNET_ERROR_VALIDATION);
  signet_plan_apply_options_init(&options);
  signet_plan_free(plan);
  plan = signet_plan_new("another", NULL, NULL);
  signet_plan_add(plan, SIGNET_DELETE, SIGNET_SIGN, one, "{}", NULL);
  cr_expect_null(signet_plan_apply_start(on.account, NULL, plan, NULL, NULL,
                                         NULL, &problem));
  cr_expect_eq(problem.kind, SIGNET_ERROR_CONFIGURATION);
}

static bool was_done;

static void on_done(signet_plan_apply *which, void *user)
{
  cr_assert_eq(which, apply);
  *(bool *)user = true;
}

Test(plan_apply, without_a_job_and_with_a_function)
{
  plan_from(write_one);
  apply = signet_plan_apply_start(on.account, NULL, plan, NULL, on_done,
                                  &was_done, &problem);
  while (!signet_plan_apply_is_done(apply))
    signet_loop_step(on.loop, -1);
  cr_expect(was_done);
  cr_expect_null(signet_plan_apply_error(apply));
  signet_plan_apply_free(apply);
  cr_expect_str_eq(name_of(one), "One more");
}

static void write_new(void)
{
  char made[24];
  make("Made", made);
  wait_for(made);
  show_sign(made);
}

Test(plan_apply, new_entries_get_their_ids)
{
  char id[24];
  options.park = true;
  plan_from(write_new);
  carry_out(1, 0, 1);
  char made[24];
  snprintf(made, sizeof made, "%s", id_named("Made"));
  review(made, SIGNET_STATUS_APPROVED);
  begin_apply();
  signet_plan_apply_wait(apply);
  cr_expect_str_eq(signet_plan_apply_id(apply, 1, id, sizeof id), made);
  cr_expect_str_eq(signet_plan_apply_id(apply, 2, id, sizeof id), "");
  cr_expect_str_eq(signet_plan_apply_id(apply, 3, id, sizeof id), "");
  cr_assert_eq(end_apply(), SIGNET_OK);
  cr_expect_eq(counts.done, 2);
}

Test(plan_apply, it_can_be_stopped_while_it_waits)
{
  plan_from(write_two_rounds);
  begin_apply();
  while (strcmp(ended, "1 done; ") != 0)
    signet_loop_step(on.loop, -1);
  signet_plan_apply_stop(apply, false);
  cr_assert_eq(end_apply(), SIGNET_OK);
  cr_expect_str_eq(ended, "1 done; ");
  signet_account_hold(on.account, false);
  review(one, SIGNET_STATUS_APPROVED);
  carry_out(2, 0, 0);
}

Test(plan_apply, it_can_be_freed_at_any_time)
{
  plan_from(write_two_rounds);
  for (size_t steps = 0; steps < 12; steps++) {
    begin_apply();
    for (size_t i = 0; i < steps; i++)
      signet_loop_step(on.loop, 5);
    signet_plan_apply_free(apply);
    on_world_speak(SIGNET_CONFIGS); /* which closes the account */
    signet_loop_step(on.loop, 0);
    signet_job_end(job, SIGNET_JOB_FAILED, NULL, &job_error);
    signet_job_free(job);
    job = NULL;
  }
}
