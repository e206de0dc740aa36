/* SPDX-License-Identifier: MIT */
/* Waiting, cancelling, holding, releasing and closing, in every state. */
#include "account_on_world.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

TestSuite(account_wait, .init = on_world_begin, .fini = on_world_end,
          .timeout = 120);
TestSuite(account_end, .init = on_world_begin, .fini = on_world_end,
          .timeout = 120);

#define APPROVED SIGNET_STATUS_APPROVED
#define PENDING SIGNET_STATUS_PENDING
#define REJECTED SIGNET_STATUS_REJECTED

static char id[SIGNET_ID_SIZE];
static size_t ended;

static void count(signet_call *call, void *user)
{
  cr_expect(signet_call_is_done(call));
  ended++;
  if (user != NULL)
    *(signet_error_kind *)user = signet_call_error(call) != NULL
                                     ? signet_call_error(call)->kind
                                     : SIGNET_OK;
}

static signet_call *wait_for(const char *which, int status, int64_t timeout)
{
  return signet_sign_wait(on.account, which, status, timeout, count, NULL);
}

static void step(int times)
{
  for (int i = 0; i < times; i++)
    signet_loop_step(on.loop, 5);
}

/* ---- waiting ---- */

Test(account_wait, what_is_so_already_is_done_at_once)
{
  static const int statuses[] = {PENDING, APPROVED, REJECTED};
  for (size_t i = 0; i < 3; i++) {
    char name[16];
    snprintf(name, sizeof name, "Name %zu", i);
    world_sign(name, statuses[i], id);
    signet_call *call = expect_done(wait_for(id, statuses[i], -1));
    cr_expect_eq(signet_record_integer(signet_call_record(call), "status", 0),
                 statuses[i]);
    cr_expect_str_eq(signet_call_id(call), id);
    signet_call_release(call);
  }
}

Test(account_wait, until_it_is_approved)
{
  world_sign("Company", PENDING, id);
  signet_call *call = wait_for(id, APPROVED, -1);
  step(10);
  cr_expect_not(signet_call_is_done(call));
  cr_assert(signet_world_review(on.world, SIGNET_SIGN, id, APPROVED, NULL));
  expect_done(call);
  cr_expect_eq(ended, 1);
  cr_expect_str_eq(signet_record_string(signet_call_record(call), "sign_name"),
                   "Company");
  signet_call_release(call);
}

Test(account_wait, a_rejection_ends_it_with_the_remark)
{
  world_template("Order", PENDING, NULL, 0, id);
  signet_call *call =
      signet_template_wait(on.account, id, APPROVED, -1, NULL, NULL);
  step(3);
  cr_assert(signet_world_review(on.world, SIGNET_TEMPLATE, id, REJECTED,
                                "not \x1B[2Jclear"));
  expect_words(call, SIGNET_ERROR_REJECTED, SIGNET_OUTCOME_NOT_SENT,
               "not \\x1B[2Jclear");
}

Test(account_wait, an_unknown_status_is_neither_yes_nor_no)
{
  static const char state[] =
      "{\"version\":1,\"signs\":[{\"sign_id\":\"5\",\"sign_name\":\"Company\","
      "\"status\":7}]}";
  signet_error error = SIGNET_ERROR_INIT;
  cr_assert(signet_world_load(on.world, state, sizeof state - 1, &error), "%s",
            error.message);
  expect_error(wait_for("5", APPROVED, 30), SIGNET_ERROR_TIMEOUT,
               SIGNET_OUTCOME_NOT_SENT);
  signet_call_release(expect_done(wait_for("5", 7, -1)));
}

Test(account_wait, timeouts)
{
  world_sign("Company", PENDING, id);
  static const int64_t timeouts[] = {0, 1, 30};
  for (size_t i = 0; i < 3; i++) {
    int64_t began = signet_loop_now(on.loop);
    expect_error(wait_for(id, APPROVED, timeouts[i]), SIGNET_ERROR_TIMEOUT,
                 SIGNET_OUTCOME_NOT_SENT);
    cr_expect_geq(signet_loop_now(on.loop) - began, timeouts[i]);
  }
}

Test(account_wait, an_entry_that_is_not_there)
{
  expect_error(wait_for("12345", APPROVED, -1), SIGNET_ERROR_NOT_FOUND,
               SIGNET_OUTCOME_NOT_SENT);
  world_sign("Company", PENDING, id);
  signet_call *call = wait_for(id, APPROVED, -1);
  step(3);
  signet_call_release(
      expect_done(signet_sign_delete(on.account, id, NULL, NULL)));
  expect_error(call, SIGNET_ERROR_NOT_FOUND, SIGNET_OUTCOME_NOT_SENT);
}

/* With its coroutine and its task, a script's call that waits for a review, or
 * for its turn, shall take less than 4 KB. */
Test(account_wait, a_call_that_waits_is_small)
{
  cr_expect_leq(sizeof(signet_call), 1400);
  cr_expect_leq(sizeof(signet_call) + sizeof(signet_step), 2200);
  world_sign("Company", PENDING, id);
  signet_call *call = wait_for(id, APPROVED, -1);
  step(10);
  cr_expect_null(call->step);
  signet_call_release(call);
}

Test(account_wait, a_thousand_share_one_list_a_tick)
{
  enum { WAITING = 1000, TICKS = 4 };
  static signet_call *calls[WAITING];
  static char ids[WAITING][SIGNET_ID_SIZE];
  for (size_t i = 0; i < WAITING; i++) {
    char name[32];
    snprintf(name, sizeof name, "Company %zu", i);
    world_sign(name, PENDING, ids[i]);
    calls[i] = wait_for(ids[i], APPROVED, 3600 * 1000);
  }
  signet_watch *watch = &on.account->kinds[SIGNET_SIGN].watch;
  while (watch->round < TICKS || watch->step.active)
    signet_loop_step(on.loop, -1);
  cr_expect_eq(signet_account_requests(on.account), TICKS);
  cr_expect_eq(ended, 0);
  for (size_t i = 0; i < WAITING; i++)
    signet_world_review(on.world, SIGNET_SIGN, ids[i],
                        i % 2 == 0 ? APPROVED : REJECTED, "no");
  for (size_t i = 0; i < WAITING; i++) {
    if (i % 2 == 0) {
      expect_done(calls[i]);
      char own[SIGNET_ID_SIZE];
      cr_assert_str_eq(
          signet_record_id(signet_call_record(calls[i]), own, sizeof own),
          ids[i]);
      signet_call_release(calls[i]);
    } else {
      expect_error(calls[i], SIGNET_ERROR_REJECTED, SIGNET_OUTCOME_NOT_SENT);
    }
  }
  cr_expect_eq(signet_account_requests(on.account), TICKS + 1);
  cr_expect_eq(ended, WAITING);
}

Test(account_wait, the_kinds_have_a_list_each)
{
  char template_id[SIGNET_ID_SIZE];
  world_sign("Company", APPROVED, id);
  world_template("Order", APPROVED, NULL, 0, template_id);
  signet_call *sign = wait_for(id, APPROVED, -1);
  signet_call *template =
      signet_template_wait(on.account, template_id, APPROVED, -1, NULL, NULL);
  signet_call_release(expect_done(sign));
  signet_call_release(expect_done(template));
  cr_expect_eq(signet_account_requests(on.account), 2);
}

Test(account_wait, the_pause_grows_and_nobody_waiting_asks_nothing)
{
  world_sign("Company", PENDING, id);
  signet_call *call = wait_for(id, APPROVED, 200);
  expect_error(call, SIGNET_ERROR_TIMEOUT, SIGNET_OUTCOME_NOT_SENT);
  uint64_t requests = signet_account_requests(on.account);
  cr_expect_gt(requests, 3);
  cr_expect_lt(requests, 40, "%d lists in 200 ms: the pause doesn't grow",
               (int)requests);
  while (on.account->kinds[SIGNET_SIGN].watch.timer != NULL)
    signet_loop_step(on.loop, -1);
  step(5);
  cr_expect_leq(signet_account_requests(on.account), requests + 1);
  cr_expect_eq(signet_loop_timeout(on.loop), -1);
}

static signet_call *wait_at_once(const char *which)
{
  int64_t began = signet_loop_now(on.loop);
  signet_call *call = expect_done(wait_for(which, APPROVED, -1));
  cr_expect_lt(signet_loop_now(on.loop) - began, 30000);
  return call;
}

/* The pause between two looks is a minute here. */
Test(account_wait, the_first_look_is_at_once)
{
  signet_watch *watch = &on.account->kinds[SIGNET_SIGN].watch;
  on.account->settings.poll_interval_ms = 60000;
  for (int i = 0; i < 3; i++) {
    char name[16];
    snprintf(name, sizeof name, "Name %d", i);
    world_sign(name, APPROVED, id);
    signet_call_release(wait_at_once(id));
    cr_expect_eq(watch->round, (uint64_t)i + 1);
  }
  signet_call *first = wait_for(id, APPROVED, -1);
  signet_call *second = wait_for(id, APPROVED, -1);
  signet_call_release(expect_done(first));
  signet_call_release(expect_done(second));
  cr_expect_eq(watch->round, 4); /* what begins together shares it */
}

/* Who writes and waits, entry by entry, asks for no list each time. */
Test(account_wait, after_a_write_the_look_keeps_its_distance)
{
  signet_watch *watch = &on.account->kinds[SIGNET_SIGN].watch;
  on.account->settings.poll_interval_ms = 60000;
  world_sign("Company", APPROVED, id);
  signet_call_release(wait_at_once(id));
  signet_fields *fields = text_field("sign_name", "Other");
  signet_call_release(
      expect_done(signet_sign_update(on.account, id, fields, NULL, NULL)));
  signet_fields_free(fields);
  signet_call *call = wait_for(id, APPROVED, 3600 * 1000);
  cr_expect_gt(watch->review_due, signet_loop_now(on.loop) + 30000);
  step(3);
  cr_expect_eq(watch->round, 1);
  signet_call_cancel(call);
  signet_call_release(call);
}

/* Of a hundred thousand entries a list takes as much of a processor as hundreds
 * of writes do: it doesn't come each time that somebody begins to wait. */
Test(account_wait, a_long_list_keeps_a_longer_distance)
{
  signet_watch *watch = &on.account->kinds[SIGNET_SIGN].watch;
  static const int64_t costs[] = {0, 99, 2000, 400000};
  static const int64_t pauses[] = {1000, 1000, 20000, 30000};
  world_sign("Company", APPROVED, id);
  signet_call_release(wait_at_once(id));
  on.account->settings.poll_interval_ms = 1000;
  for (size_t i = 0; i < 4; i++) {
    watch->cost_ms = costs[i];
    watch->written = true;
    signet_call *call = wait_for(id, APPROVED, -1);
    cr_expect_eq(watch->review_due, watch->last_start + pauses[i]);
    signet_call_cancel(call);
    signet_call_release(call);
  }
}

/* A list that began before the call may show what was then. */
Test(account_wait, a_list_that_began_earlier_does_not_answer)
{
  char late[SIGNET_ID_SIZE];
  world_sign("Company", PENDING, id);
  signet_call *first = wait_for(id, APPROVED, -1);
  while (!on.account->kinds[SIGNET_SIGN].watch.step.active)
    signet_loop_step(on.loop, -1);
  world_sign("Late", PENDING, late);
  signet_call *second = wait_for("99", APPROVED, -1);
  uint64_t round = on.account->kinds[SIGNET_SIGN].watch.round;
  expect_error(second, SIGNET_ERROR_NOT_FOUND, SIGNET_OUTCOME_NOT_SENT);
  cr_expect_gt(on.account->kinds[SIGNET_SIGN].watch.round, round);
  signet_call_cancel(first);
  signet_call_release(first);
}

/* ---- cancel ---- */

Test(account_end, cancel_before_it_is_sent)
{
  world_sign("Company", APPROVED, id);
  signet_fields *fields = text_field("sign_name", "New");
  signet_call *call = signet_sign_update(on.account, id, fields, count, NULL);
  signet_call_cancel(call);
  cr_expect(signet_call_is_done(call));
  cr_expect_eq(ended, 0, "not from within cancel");
  signet_call_cancel(call);
  expect_error(call, SIGNET_ERROR_CANCELLED, SIGNET_OUTCOME_NOT_SENT);
  cr_expect_eq(ended, 1);
  cr_expect_eq(signet_account_requests(on.account), 0);
  signet_fields_free(fields);
}

Test(account_end, cancel_between_reading_and_writing)
{
  world_template("Order", APPROVED, NULL, 0, id);
  signet_fields *fields = text_field("template_name", "New");
  signet_call *call =
      signet_template_update(on.account, id, fields, count, NULL);
  while (signet_account_requests(on.account) == 0)
    signet_loop_step(on.loop, -1);
  signet_call_cancel(call); /* the read is there, the write is queued */
  expect_error(call, SIGNET_ERROR_CANCELLED, SIGNET_OUTCOME_NOT_SENT);
  cr_expect_eq(signet_account_requests(on.account), 1);
  signet_fields_free(fields);
}

Test(account_end, cancel_while_waiting)
{
  world_sign("Company", PENDING, id);
  signet_call *call = wait_for(id, APPROVED, 3600 * 1000);
  signet_call *other = wait_for(id, APPROVED, -1);
  step(3);
  signet_call_cancel(call);
  expect_error(call, SIGNET_ERROR_CANCELLED, SIGNET_OUTCOME_NOT_SENT);
  cr_expect_not(signet_call_is_done(other));
  signet_world_review(on.world, SIGNET_SIGN, id, APPROVED, NULL);
  signet_call_release(expect_done(other));
}

Test(account_end, cancel_while_looking_for_what_was_created)
{
  signet_world_switches(on.world)->create_tells_id = false;
  signet_fields *fields = text_field("sign_name", "Company");
  signet_call *call = signet_sign_create(on.account, fields, NULL, NULL);
  while (signet_account_requests(on.account) == 0)
    signet_loop_step(on.loop, -1);
  cr_assert_not(signet_call_is_done(call));
  signet_call_cancel(call);
  expect_words(call, SIGNET_ERROR_UNKNOWN_OUTCOME, SIGNET_OUTCOME_UNKNOWN,
               "it was created");
  signet_fields_free(fields);
}

Test(account_end, cancel_what_is_done_changes_nothing)
{
  world_sign("Company", APPROVED, id);
  signet_call *call = expect_done(signet_sign_get(on.account, id, count, NULL));
  signet_call_cancel(call);
  step(2);
  cr_expect_null(signet_call_error(call));
  cr_expect_eq(ended, 1);
  signet_call_release(call);
}

static void cancel_the_others(signet_call *call, void *user)
{
  signet_call **calls = user;
  ended++;
  for (int i = 0; i < 3; i++)
    if (calls[i] != call)
      signet_call_cancel(calls[i]);
}

Test(account_end, a_callback_may_cancel_the_others)
{
  signet_call *calls[3];
  world_sign("Company", APPROVED, id);
  calls[0] = signet_sign_get(on.account, id, cancel_the_others, calls);
  calls[1] = wait_for(id, REJECTED, -1);
  calls[2] = wait_for(id, REJECTED, 3600 * 1000);
  for (int i = 0; i < 3; i++)
    signet_call_wait(calls[i]);
  cr_expect_null(signet_call_error(calls[0]));
  cr_expect_eq(signet_call_error(calls[1])->kind, SIGNET_ERROR_CANCELLED);
  cr_expect_eq(signet_call_error(calls[2])->kind, SIGNET_ERROR_CANCELLED);
  cr_expect_eq(ended, 3);
  for (int i = 0; i < 3; i++)
    signet_call_release(calls[i]);
}

/* ---- hold ---- */

Test(account_end, hold_ends_what_was_not_sent_and_what_is_new)
{
  world_sign("Company", PENDING, id);
  signet_call *queued = signet_sign_get(on.account, id, NULL, NULL);
  signet_call *waiting = wait_for(id, APPROVED, -1);
  signet_account_hold(on.account, true);
  expect_error(queued, SIGNET_ERROR_CANCELLED, SIGNET_OUTCOME_NOT_SENT);
  expect_error(waiting, SIGNET_ERROR_CANCELLED, SIGNET_OUTCOME_NOT_SENT);
  expect_error(signet_sign_get(on.account, id, NULL, NULL),
               SIGNET_ERROR_CANCELLED, SIGNET_OUTCOME_NOT_SENT);
  cr_expect_eq(signet_account_requests(on.account), 0);
  signet_account_hold(on.account, false);
  signet_call_release(expect_done(signet_sign_get(on.account, id, NULL, NULL)));
}

Test(account_end, hold_lets_a_created_entry_be_found)
{
  signet_world_switches(on.world)->create_tells_id = false;
  signet_fields *fields = text_field("sign_name", "Company");
  signet_call *call = signet_sign_create(on.account, fields, NULL, NULL);
  while (signet_account_requests(on.account) == 0)
    signet_loop_step(on.loop, -1);
  signet_account_hold(on.account, true);
  expect_done(call);
  cr_expect_gt(strlen(signet_call_id(call)), 0);
  signet_call_release(call);
  signet_fields_free(fields);
}

/* ---- release and close ---- */

Test(account_end, released_before_it_is_done_it_goes_on_in_silence)
{
  signet_fields *fields = text_field("sign_name", "Company");
  signet_call_release(signet_sign_create(on.account, fields, count, NULL));
  signet_call_release(NULL);
  step(3);
  cr_expect_eq(ended, 0);
  signet_call *call =
      expect_done(signet_sign_list(on.account, fields, NULL, NULL));
  cr_expect_eq(signet_list_count(signet_call_list(call)), 1);
  signet_call_release(call);
  signet_fields_free(fields);
}

static void release_it(signet_call *call, void *user)
{
  (void)user;
  ended++;
  signet_call_release(call);
}

Test(account_end, released_by_its_own_function)
{
  world_sign("Company", APPROVED, id);
  signet_sign_get(on.account, id, release_it, NULL);
  while (ended == 0)
    signet_loop_step(on.loop, -1);
  cr_expect_eq(ended, 1);
}

static void ask_again(signet_call *call, void *user)
{
  ended++;
  if (ended < 100)
    signet_sign_get(on.account, id, ask_again, user);
  signet_call_release(call);
}

Test(account_end, a_function_may_start_the_next_call)
{
  world_sign("Company", APPROVED, id);
  signet_sign_get(on.account, id, ask_again, NULL);
  while (ended < 100)
    signet_loop_step(on.loop, -1);
  step(1);
  cr_expect_eq(signet_account_requests(on.account), 100);
}

static signet_error_kind kinds[5];
static signet_call *running[5];

/* Calls in every state: done, queued, reading, waiting, looking. */
static void start_all(signet_fields *fields, signet_fields *partial)
{
  char pending[SIGNET_ID_SIZE];
  char template_id[SIGNET_ID_SIZE];
  signet_world_switches(on.world)->create_tells_id = false;
  world_sign("Company", APPROVED, id);
  world_sign("Pending", PENDING, pending);
  world_template("Order", APPROVED, NULL, 0, template_id);
  running[0] = signet_sign_get(on.account, id, count, &kinds[0]);
  running[1] = signet_sign_wait(on.account, pending, APPROVED, 3600 * 1000,
                                count, &kinds[1]);
  running[2] = signet_sign_create(on.account, fields, count, &kinds[2]);
  running[3] = signet_template_update(on.account, template_id, partial, count,
                                      &kinds[3]);
  signet_loop_step(on.loop, -1);
  running[4] = signet_sign_delete(on.account, id, count, &kinds[4]);
}

static const signet_error_kind kinds_at_close[] = {
    SIGNET_OK, SIGNET_ERROR_CANCELLED, SIGNET_ERROR_UNKNOWN_OUTCOME,
    SIGNET_ERROR_CANCELLED, SIGNET_ERROR_CANCELLED};

Test(account_end, close_ends_what_runs_and_the_calls_stay_readable)
{
  signet_fields *fields = text_field("sign_name", "New");
  signet_fields *partial = text_field("template_name", "New");
  start_all(fields, partial);
  signet_account_close(on.account);
  on.account = NULL;
  step(3);
  cr_expect_eq(ended, 5);
  for (int i = 0; i < 5; i++) {
    cr_expect_eq(kinds[i], kinds_at_close[i], "call %d: %s", i,
                 signet_error_kind_name(kinds[i]));
    cr_expect(signet_call_is_done(running[i]));
    signet_call_wait(running[i]);
    signet_call_cancel(running[i]);
    signet_call_release(running[i]);
  }
  signet_fields_free(fields);
  signet_fields_free(partial);
}

/* No step between closing and freeing: nobody is forgotten, nothing leaks. */
Test(account_end, close_and_free_without_another_step)
{
  signet_fields *fields = text_field("sign_name", "New");
  signet_fields *partial = text_field("template_name", "New");
  start_all(fields, partial);
  signet_call_release(running[3]); /* it ends in silence */
  signet_account_close(on.account);
  on.account = NULL;
  signet_loop_free(on.loop);
  on.loop = NULL;
  cr_expect_eq(ended, 4);
  for (int i = 0; i < 5; i++) {
    if (i == 3)
      continue;
    cr_expect_eq(kinds[i], kinds_at_close[i]);
    signet_call_release(running[i]);
  }
  signet_fields_free(fields);
  signet_fields_free(partial);
}

Test(account_end, close_with_a_list_under_way)
{
  world_sign("Company", PENDING, id);
  signet_call *call = wait_for(id, APPROVED, -1);
  while (!on.account->kinds[SIGNET_SIGN].watch.step.active)
    signet_loop_step(on.loop, -1);
  signet_account_close(on.account);
  on.account = NULL;
  expect_error(call, SIGNET_ERROR_CANCELLED, SIGNET_OUTCOME_NOT_SENT);
  cr_expect_eq(signet_loop_timeout(on.loop), -1);
}
