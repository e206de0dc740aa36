/* SPDX-License-Identifier: MIT */
/* Every allocation of a dry run, and of reading its plan back, fails in turn:
 * a plan holds what was written and nothing else, or there is none. */
#include "account_on_world.h"
#include "memory_sweep.h"

#include "job/plan/save.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(plan_memory, .init = memory_sweep_init, .timeout = 300);

static signet_overlay *overlay;
static signet_account *dry; /* on.world, under the overlay */
static signet_plan *plan;
static signet_error problem;
static char first[24], second[24], pending[24], used[24], loose[24];
static signet_fields *changes[5];
static size_t written; /* writes that were said to be done */
static uint64_t told;  /* requests that the world had before */

static void begin(void)
{
  static const char *const names[] = {"Elsewhere", "First", "Brand New",
                                      "Later"};
  on_world_begin();
  world_sign("First", SIGNET_STATUS_APPROVED, first);
  world_sign("Second", SIGNET_STATUS_APPROVED, second);
  world_sign("Pending", SIGNET_STATUS_PENDING, pending);
  world_template("Template", SIGNET_STATUS_APPROVED, first, 1, used);
  world_template("Loose", SIGNET_STATUS_APPROVED, NULL, 0, loose);
  for (size_t i = 0; i < 4; i++)
    changes[i] = text_field("sign_name", names[i]);
  changes[4] = text_field("sign_id", second);
  cr_assert(signet_fields_set_integer(changes[4], "sign_position", 2));
  plan = NULL;
  overlay = NULL;
  dry = NULL;
  written = 0;
  told = signet_account_requests(on.account);
}

static void end(void)
{
  signet_plan_free(plan);
  signet_account_close(dry);
  signet_overlay_free(overlay);
  for (size_t i = 0; i < 5; i++)
    signet_fields_free(changes[i]);
  on_world_end();
}

/* An error is one of the memory, or comes of a write before that had one. */
static bool done(signet_call *call, bool writes)
{
  if (call == NULL)
    return false;
  const signet_error *error = signet_call_wait(call);
  cr_assert(error == NULL || memory_state.failed, "%s", error->message);
  bool good = error == NULL;
  written += good && writes;
  signet_call_release(call);
  return good;
}

static bool open_dry(void)
{
  signet_overlay_options options = SIGNET_OVERLAY_OPTIONS_INIT;
  signet_account_options how = SIGNET_ACCOUNT_OPTIONS_INIT;
  options.review = SIGNET_REVIEW_REJECT;
  options.reject_percent = 34; /* the third decision: of the new one */
  overlay = signet_overlay_new(&options, &problem);
  if (overlay == NULL)
    return false;
  how.world = on.world;
  how.overlay = overlay;
  dry = signet_account_open(on.loop, &how, &problem);
  return dry != NULL;
}

/* All are tried, whatever came of those before. */
static bool write_all(void)
{
  bool good = done(signet_sign_list(dry, NULL, NULL, NULL), false);
  good &= done(signet_sign_update(dry, first, changes[0], NULL, NULL), true);
  good &= done(signet_sign_update(dry, second, changes[1], NULL, NULL), true);
  good &= done(signet_sign_create(dry, changes[2], NULL, NULL), true);
  good &= done(
      signet_sign_wait(dry, second, SIGNET_STATUS_APPROVED, -1, NULL, NULL),
      false);
  good &= done(
      signet_sign_wait(dry, pending, SIGNET_STATUS_APPROVED, -1, NULL, NULL),
      false);
  good &= done(signet_template_update(dry, used, changes[4], NULL, NULL), true);
  good &= done(signet_sign_update(dry, pending, changes[3], NULL, NULL), true);
  good &= done(signet_template_delete(dry, loose, NULL, NULL), true);
  good &= done(signet_sign_list(dry, NULL, NULL, NULL), false);
  return good;
}

static bool run_dry(void)
{
  signet_error_init(&problem);
  if (!open_dry()) {
    cr_assert_eq(problem.kind, SIGNET_ERROR_MEMORY);
    return false;
  }
  bool good = write_all();
  plan = signet_overlay_plan(overlay, "job.lua", "[\"a\"]", &problem);
  if (plan == NULL)
    cr_assert_eq(problem.kind, SIGNET_ERROR_MEMORY, "%s", problem.message);
  return good && plan != NULL;
}

/* From the first step on; what stands before tells the time. */
static const char *steps_of(const signet_plan *from)
{
  size_t length;
  const char *at = strstr(signet_plan_text(from, &length), "\"steps\":[");
  cr_assert_not_null(at);
  return at;
}

/* The same as without a failure, which comes first. The copy's clock goes with
 * this machine's. */
static void check_same(char **reference, const char *text)
{
  static const char time[] = "\"updated_time\":";
  char *copy = strdup(text);
  cr_assert_not_null(copy);
  for (char *at = copy; (at = strstr(at, time)) != NULL;) {
    at += sizeof time - 1;
    memset(at, '0', strspn(at, "0123456789"));
  }
  if (*reference == NULL)
    *reference = copy;
  cr_assert_str_eq(copy, *reference);
  if (copy != *reference)
    free(copy);
}

/* A plan is whole; without one it may come with the memory, or never. */
static void check_dry(bool good)
{
  static char *reference;
  if (plan != NULL)
    cr_assert_eq(signet_plan_count(plan), written, "%zu steps of %zu writes",
                 signet_plan_count(plan), written);
  if (good)
    check_same(&reference, steps_of(plan));
  cr_assert_eq(signet_account_requests(on.account), told);
  if (overlay == NULL || dry == NULL)
    return;
  bool more = done(signet_sign_delete(dry, second, NULL, NULL), true);
  signet_plan *later = signet_overlay_plan(overlay, NULL, NULL, &problem);
  cr_assert(later != NULL || memory_state.failed, "%s", problem.message);
  cr_assert(!more || later != NULL);
  if (later != NULL)
    cr_assert_eq(signet_plan_count(later), written);
  signet_plan_free(later);
}

static const memory_sweep dry_run = {begin, run_dry, check_dry, end, 300};

Test(plan_memory, a_dry_run_once)
{
  memory_sweep_run(&dry_run, false);
}

Test(plan_memory, a_dry_run_from_then_on)
{
  memory_sweep_run(&dry_run, true);
}

/* ---- reading it back ---- */

static void begin_plan(void)
{
  begin();
  cr_assert(run_dry());
}

static signet_plan *again;

static bool load(void)
{
  size_t length;
  const char *text = signet_plan_text(plan, &length);
  again = signet_plan_load(text, length, &problem);
  if (again == NULL)
    cr_assert_eq(problem.kind, SIGNET_ERROR_MEMORY, "%s", problem.message);
  return again != NULL;
}

static void check_loaded(bool good)
{
  size_t length;
  const char *text = signet_plan_text(plan, &length);
  if (!good)
    cr_assert(load(), "%s", problem.message);
  cr_assert_str_eq(signet_plan_digest(again), signet_plan_digest(plan));
  cr_assert_eq(signet_plan_rounds(again), signet_plan_rounds(plan));
  cr_assert(signet_plan_seal(again));
  cr_assert_str_eq(signet_plan_text(again, &length), text);
  signet_plan_free(again);
}

static const memory_sweep loading = {begin_plan, load, check_loaded, end, 40};

Test(plan_memory, reading_a_plan_once)
{
  memory_sweep_run(&loading, false);
}

Test(plan_memory, reading_a_plan_from_then_on)
{
  memory_sweep_run(&loading, true);
}
