/* SPDX-License-Identifier: MIT */
/* Every allocation of a job fails in turn, once and from then on: no crash, no
 * leak, nothing at the service that the journal does not know, and a resume
 * with all memory brings everything to its end. The allocator is the whole
 * process's, so this is an executable of its own. */
#include "account/account.h"
#include "account/clock.h"
#include "job/job.h"
#include "signet/world.h"

#include "failing_memory.h"
#include "folder.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

TestSuite(job_memory, .timeout = 300);

/* ---- the scene ---- */

static char folder[200];
static signet_loop *loop;
static signet_world *world;
static signet_account *account;

/* As a process of its own would have it. */
static void open_account(void)
{
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  signet_error error;
  signet_account_close(account);
  options.world = world;
  options.poll_interval_ms = 1;
  options.settle_ms = 1;
  options.settle_create_ms = 0;
  account = signet_account_open(loop, &options, &error);
  cr_assert_not_null(account);
  signet_account_note_date(account, INT64_C(1700000000), 0);
}

static void set_scene(void)
{
  cr_assert(folder_make(FOLDER_IN_MEMORY, folder, sizeof folder));
  loop = signet_loop_new();
  world = signet_world_new(NULL);
  cr_assert(loop != NULL && world != NULL);
  signet_world_set_time(world, INT64_C(1700000000000));
  account = NULL;
  open_account();
}

static void clear_scene(void)
{
  cr_expect_null(folder_remove(folder));
  signet_account_close(account);
  signet_loop_free(loop);
  signet_world_free(world);
}

/* ---- what a run does ---- */

/* Creates "One" and "Two". Their errors are of the memory, or of the journal
 * that broke for want of it. @return how many it was told of */
static size_t create_both(void)
{
  static const char *const names[] = {"One", "Two"};
  signet_call *calls[2] = {NULL, NULL};
  size_t done = 0;
  for (size_t i = 0; i < 2; i++) {
    signet_fields *fields = signet_fields_new();
    if (fields != NULL &&
        signet_fields_set_string(fields, "sign_name", names[i]))
      calls[i] = signet_sign_create(account, fields, NULL, NULL);
    signet_fields_free(fields);
  }
  for (size_t i = 0; i < 2; i++) {
    const signet_error *error =
        calls[i] != NULL ? signet_call_wait(calls[i]) : NULL;
    done += calls[i] != NULL && error == NULL;
    cr_assert(error == NULL || memory_state.failed, "%s", error->message);
    signet_call_release(calls[i]);
  }
  return done;
}

static void no_mismatch(void *user, const signet_job_mismatch *mismatch)
{
  (void)user;
  cr_assert(false, "%s: %s", mismatch->id, mismatch->finding);
}

/* @param id  of the job to go on with, "": a new one; set to the job's
 * @return whether everything was done, and said to be */
static bool run_job(char id[SIGNET_JOB_ID_SIZE])
{
  signet_error error;
  signet_job_options options = SIGNET_JOB_OPTIONS_INIT;
  signet_job_findings findings;
  signet_job_counts counts = {.done = 2};
  options.state_dir = folder;
  options.resume = id[0] != '\0' ? id : NULL;
  signet_job *job = signet_job_new(&options, &error);
  if (job == NULL)
    return false;
  char *value = NULL;
  bool good = signet_job_attach(job, account, &error) &&
              (id[0] == '\0' || signet_job_settle(job, &findings, &error)) &&
              signet_job_keep_step(job, "step", "[1]", &error) &&
              signet_job_step(job, "step", &value, &error) &&
              create_both() == 2 &&
              signet_job_audit(job, NULL, no_mismatch, NULL, &error);
  signet_job_text_free(value);
  good = signet_job_end(job, good ? SIGNET_JOB_DONE : SIGNET_JOB_FAILED,
                        &counts, &error) &&
         good;
  if (signet_job_id(job) != NULL)
    snprintf(id, SIGNET_JOB_ID_SIZE, "%s", signet_job_id(job));
  signet_account_record(account, NULL);
  signet_job_free(job);
  return good;
}

static size_t signs(void)
{
  signet_call *call = signet_sign_list(account, NULL, NULL, NULL);
  cr_assert_not_null(call);
  cr_assert_null(signet_call_wait(call));
  size_t count = signet_list_count(signet_call_list(call));
  signet_call_release(call);
  return count;
}

static bool count_intent(void *user, const signet_write_view *write)
{
  size_t *count = user;
  *count += strcmp(write->verb, "create") == 0;
  return true;
}

/* A run in which the n-th allocation fails, then one that goes on. */
static bool run(size_t at, bool on)
{
  char id[SIGNET_JOB_ID_SIZE] = "";
  signet_error error;
  size_t intents = 0;
  set_scene();
  memory_state.asked = 0;
  memory_state.failed = false;
  memory_state.fail_on = on;
  memory_state.fail_at = at;
  bool good = run_job(id);
  memory_state.fail_at = 0;
  bool reached = memory_state.failed;
  memory_state.failed = false;
  open_account();
  if (id[0] != '\0' && !good) {
    cr_assert(
        signet_job_writes_each(folder, id, count_intent, &intents, &error) ||
            error.kind == SIGNET_ERROR_NOT_FOUND,
        "allocation %zu: %s", at, error.message);
    cr_assert_leq(signs(), intents,
                  "allocation %zu: an effect without an "
                  "intent",
                  at);
    if (intents > 0)
      cr_assert(run_job(id), "allocation %zu: it can't be resumed", at);
    if (intents > 0)
      cr_assert_eq(signs(), 2, "allocation %zu: %zu entries", at, signs());
  }
  clear_scene();
  memory_state.failed = reached;
  return good;
}

static void fail_each(bool on)
{
  static const signet_allocator allocator = {
      failing_allocate, failing_reallocate, failing_release};
  cr_assert(signet_global_init(&allocator));
  cr_assert(run(0, false), "the scenario fails with all memory there is");
  size_t count = memory_state.asked;
  size_t before = memory_state.living;
  size_t reached = 0;
  size_t broken = 0;
  cr_assert_gt(count, 50);
  for (size_t n = 1; n <= count; n++) {
    broken += !run(n, on);
    reached += memory_state.failed;
    cr_assert_eq(memory_state.living, before, "allocation %zu: %zd blocks leak",
                 n, (ssize_t)(memory_state.living - before));
  }
  /* How commits gather the writes may save the last few. */
  cr_assert_gt(reached, count - count / 10, "%zu of %zu were reached", reached,
               count);
  cr_assert_gt(broken, count / 2, "%zu of %zu ended a run", broken, count);
  cr_assert(run(0, false), "the scenario fails afterwards");
}

Test(job_memory, each_allocation_once)
{
  fail_each(false);
}

Test(job_memory, each_allocation_and_all_that_follow)
{
  fail_each(true);
}
