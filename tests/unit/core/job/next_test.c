/* SPDX-License-Identifier: MIT */
/* The end of a job: its state, and what helps after it. */
#include "job_support.h"

#include "signet/jobs.h"
#include "signet/plan.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

static signet_job_ending ending;

static void begin(void)
{
  job_begin();
  ending = (signet_job_ending)SIGNET_JOB_ENDING_INIT;
}

TestSuite(next, .init = begin, .fini = job_end);

/* What is said of an ending, and of one that differs in one thing. */
typedef struct ending_case {
  const char *name;
  const char *type;
  signet_job_ending ending;
  signet_job_next next;
} ending_case;

#define FAILED .counts = {.failed = 2}

static const ending_case cases[] = {
    {"nothing else known", "run", {FAILED}, SIGNET_NEXT_RESUME},
    {"a pause", "run", {FAILED, .parked = true}, SIGNET_NEXT_PARKED},
    {"the script's error",
     "run",
     {.raised = true, .raised_by_script = true},
     SIGNET_NEXT_CAUSE},
    {"an error of a call", "run", {.raised = true}, SIGNET_NEXT_RESUME},
    {"credentials",
     "apply",
     {FAILED, .error = {.kind = SIGNET_ERROR_AUTH}},
     SIGNET_NEXT_SETTINGS},
    {"settings",
     "run",
     {.error = {.kind = SIGNET_ERROR_CONFIGURATION}},
     SIGNET_NEXT_SETTINGS},
    {"refused, of a script", "run", {FAILED, .repeated = 2}, SIGNET_NEXT_ANEW},
    {"one of two", "run", {FAILED, .repeated = 1}, SIGNET_NEXT_RESUME},
    {"interrupted too",
     "run",
     {FAILED, .repeated = 2, .interrupted = true},
     SIGNET_NEXT_RESUME},
    {"waiting too",
     "run",
     {.counts = {.failed = 2, .waiting = 1}, .repeated = 2},
     SIGNET_NEXT_RESUME},
    {"raised too",
     "run",
     {FAILED, .repeated = 2, .raised = true},
     SIGNET_NEXT_RESUME},
    {"by hand",
     "run",
     {FAILED, .repeated = 2, .by_hand = true},
     SIGNET_NEXT_RESUME},
    {"refused, of a plan", "apply", {FAILED, .repeated = 2}, SIGNET_NEXT_REST},
    {"refused and drifted",
     "apply",
     {FAILED, .repeated = 1, .drifted = 1},
     SIGNET_NEXT_REST},
    {"drifted, of a plan", "undo", {FAILED, .drifted = 2}, SIGNET_NEXT_LEFT},
    {"drifted, of a script", "run", {FAILED, .drifted = 2}, SIGNET_NEXT_RESUME},
    {"unknown",
     "apply",
     {.counts = {.unknown = 1}, .repeated = 0},
     SIGNET_NEXT_RESUME},
};

Test(next, what_helps_after_each_ending)
{
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    job_options.type = cases[i].type;
    job = signet_job_new(&job_options, &job_error);
    cr_assert_not_null(job, "%s", job_error.message);
    cr_expect_eq(signet_job_what_next(job, &cases[i].ending), cases[i].next,
                 "%s", cases[i].name);
    signet_job_free(job);
    job = NULL;
  }
}

typedef struct failure {
  signet_error error;
  uint64_t repeated;
  uint64_t drifted;
  bool raised;
  bool by_script;
} failure;

#define GONE .kind = SIGNET_ERROR_NOT_FOUND, .service_message = "not exist"

/* What a resumed job would find again, and with what a script may end. */
static const failure failures[] = {
    {{.kind = SIGNET_ERROR_VALIDATION, .operation = "signs:update"},
     1,
     0,
     false,
     false},
    {{.kind = SIGNET_ERROR_REFUSED, .operation = "signs:update"},
     1,
     0,
     false,
     false},
    /* A file that the script read has changed: that can be put right. */
    {{.kind = SIGNET_ERROR_REFUSED}, 0, 0, true, true},
    {{.kind = SIGNET_ERROR_REFUSED, .outcome = SIGNET_OUTCOME_REFUSED},
     0,
     0,
     true,
     true},
    {{.kind = SIGNET_ERROR_VALIDATION}, 0, 0, true, true},
    {{GONE}, 1, 0, false, false},
    {{GONE, .operation = "signs:wait", .http_status = 400}, 1, 0, false, false},
    {{.kind = SIGNET_ERROR_NOT_FOUND}, 0, 0, true, false},
    {{.kind = SIGNET_ERROR_CONFLICT}, 0, 1, true, false},
    {{.kind = SIGNET_ERROR_CONFLICT,
      .http_status = 400,
      .outcome = SIGNET_OUTCOME_REFUSED,
      .operation = "signs:update"},
     0,
     0,
     false,
     false},
    {{.kind = SIGNET_ERROR_PENDING,
      .outcome = SIGNET_OUTCOME_REFUSED,
      .operation = "signs:get"},
     0,
     0,
     true,
     false},
    {{.kind = SIGNET_ERROR_AUTH,
      .outcome = SIGNET_OUTCOME_REFUSED,
      .operation = "signs:update"},
     0,
     0,
     true,
     false},
    {{.kind = SIGNET_ERROR_SERVER}, 0, 0, true, false},
    {{.kind = SIGNET_OK}, 0, 0, true, true},
    {{.kind = SIGNET_ERROR_SCRIPT}, 0, 0, true, true},
};

Test(next, what_a_failure_says)
{
  for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
    const failure *of = &failures[i];
    signet_job_ending raised = SIGNET_JOB_ENDING_INIT;
    ending = (signet_job_ending)SIGNET_JOB_ENDING_INIT;
    signet_job_ending_count(&ending, &of->error);
    cr_expect_eq(ending.repeated, of->repeated, "failure %zu", i);
    cr_expect_eq(ending.drifted, of->drifted, "failure %zu", i);
    signet_job_ending_raise(&raised, NULL, &of->error);
    cr_expect_eq(raised.repeated, of->repeated, "failure %zu", i);
    cr_expect_eq(raised.raised, of->raised, "failure %zu", i);
    cr_expect_eq(raised.raised_by_script, of->by_script, "failure %zu", i);
  }
}

/* ---- in the journal ---- */

static char made[24]; /* the id of what one_write() created */

static void one_write(void)
{
  job_open();
  signet_call *call = create_sign(on.account, "One");
  cr_assert_null(signet_call_wait(call));
  snprintf(made, sizeof made, "%s", signet_call_id(call));
  signet_call_release(call);
}

static void finish(void)
{
  cr_assert(signet_job_finish(job, &ending, NULL, NULL, &job_error), "%s",
            job_error.message);
}

/* The one job of the journal. */
static signet_job_next next_of(const char *state, int64_t *until_ms)
{
  signet_jobs *jobs = signet_jobs_read(job_folder, NULL, &job_error);
  cr_assert_not_null(jobs, "%s", job_error.message);
  cr_assert_eq(signet_jobs_count(jobs), 1);
  cr_expect_str_eq(signet_jobs_at(jobs, 0)->state, state);
  signet_job_next next =
      signet_job_next_of(job_folder, signet_jobs_at(jobs, 0), until_ms);
  signet_jobs_free(jobs);
  return next;
}

static void leave(void)
{
  signet_account_record(on.account, NULL);
  signet_job_free(job);
  job = NULL;
}

Test(next, a_job_that_is_done)
{
  int64_t until_ms = 1;
  one_write();
  ending.counts.done = 1;
  finish();
  cr_expect_eq(ending.state, SIGNET_JOB_DONE);
  cr_expect_eq(ending.next, SIGNET_NEXT_NOTHING);
  leave();
  cr_expect_eq(next_of("done", &until_ms), SIGNET_NEXT_NOTHING);
  cr_expect_eq(until_ms, 0);
}

Test(next, one_that_crashed_goes_on)
{
  int64_t until_ms;
  one_write();
  cr_expect_eq(next_of("running", &until_ms), SIGNET_NEXT_NOTHING);
  leave();
  cr_expect_eq(next_of("crashed", &until_ms), SIGNET_NEXT_RESUME);
}

Test(next, what_is_kept_is_read_again)
{
  int64_t until_ms;
  signet_job_next next = SIGNET_NEXT_RESUME;
  one_write();
  cr_expect_not(
      signet_job_read_next(job_folder, signet_job_id(job), &next, &until_ms));
  ending.parked = true;
  ending.parked_until_ms = 12345;
  finish();
  cr_expect_eq(ending.state, SIGNET_JOB_PARKED);
  leave();
  cr_expect_eq(next_of("parked", &until_ms), SIGNET_NEXT_PARKED);
  cr_expect_eq(until_ms, 12345);
}

Test(next, the_script_says_what_is_wrong)
{
  int64_t until_ms;
  one_write();
  ending.raised = ending.raised_by_script = true;
  snprintf(ending.error.message, sizeof ending.error.message, "enough");
  finish();
  cr_expect_eq(ending.state, SIGNET_JOB_FAILED);
  leave();
  cr_expect_eq(next_of("failed", &until_ms), SIGNET_NEXT_CAUSE);
}

/* Nothing was kept of it: its writes tell. */
Test(next, a_failed_script_whose_writes_were_refused)
{
  int64_t until_ms;
  one_write();
  ending.counts.failed = 1;
  signet_call *call = create_sign(on.account, "One");
  cr_assert_not_null(signet_call_wait(call));
  signet_call_release(call);
  cr_assert(signet_job_end(job, SIGNET_JOB_FAILED, &ending.counts, &job_error));
  leave();
  cr_expect_eq(next_of("failed", &until_ms), SIGNET_NEXT_ANEW);
}

static void remove_first(void)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_world_reply reply;
  operation.verb = SIGNET_DELETE;
  operation.id = made;
  operation.id_length = strlen(made);
  cr_assert(signet_world_apply(on.world, SIGNET_CONFIGS, &operation, &reply),
            "%s", reply.error.message);
}

/* Somebody takes away what was made: the answer of the service was wrong. */
Test(next, what_the_audit_contradicts_is_unknown)
{
  one_write();
  ending.counts.done = 1;
  remove_first();
  finish();
  cr_expect_eq(ending.counts.done, 0);
  cr_expect_eq(ending.counts.unknown, 1);
  cr_expect_eq(ending.state, SIGNET_JOB_FAILED);
}

Test(next, nothing_is_read_after_an_interrupt)
{
  one_write();
  uint64_t before = signet_account_requests(on.account);
  ending.interrupted = true;
  finish();
  cr_expect_eq(ending.state, SIGNET_JOB_INTERRUPTED);
  cr_expect_eq(ending.next, SIGNET_NEXT_RESUME);
  cr_expect_eq(signet_account_requests(on.account), before);
}

Test(next, a_plan_that_no_journal_has)
{
  cr_expect_null(signet_job_plan(job_folder, "none", &job_error));
  cr_expect_eq(job_error.kind, SIGNET_ERROR_REFUSED);
  cr_expect_not_null(strstr(job_error.message, "the plan of job none"));
}

Test(next, what_can_be_planned_is_left)
{
  signet_job_view view = {.id = "x", .type = "run", .state = "failed"};
  cr_expect_eq(signet_job_what_is_left(&view, &job_error), SIGNET_REST_NO_PLAN);
  cr_expect_eq(job_error.kind, SIGNET_ERROR_VALIDATION);
  view.type = "apply";
  cr_expect_eq(signet_job_what_is_left(&view, &job_error), SIGNET_REST_PLAN);
  view.loss.lost = true;
  cr_expect_eq(signet_job_what_is_left(&view, &job_error), SIGNET_REST_LOST);
  view.state = "done";
  cr_expect_eq(signet_job_what_is_left(&view, &job_error), SIGNET_REST_PLAN);
  view.state = "continued";
  cr_expect_eq(signet_job_what_is_left(&view, &job_error),
               SIGNET_REST_CONTINUED);
}
