/* SPDX-License-Identifier: MIT */
/* Looking for what a create came to, while lists fail and after an interrupt.
 * The server answers every write with 502, without an effect. */
#include "account/account.h"
#include "account/retry.h"
#include "account/settle_create.h"
#include "canary.h"
#include "fault_server.h"
#include "plain_recorder.h"

#include <criterion/criterion.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { NEVER = 1000000, LONG_MS = 60000 };

static struct {
  pthread_mutex_t lock;
  size_t failures; /* so many reads fail */
  size_t reads;
  int delay_ms;  /* of reads */
  size_t listed; /* reads of an entry that fail, though a list shows it */
  size_t shown;  /* reads of an entry */
} service;

static signet_loop *loop;
static signet_account *account;
static fault_server *server;
static signet_account_options options;
static signet_watch *watch;

/* ---- the service ---- */

#define HEAD "\r\nConnection: close\r\n\r\n"
#define PENDING "[{\"sign_id\":\"1\",\"sign_name\":\"One\",\"status\":1}]"

/* A template of which the list shows less than the entry itself. */
#define TEMPLATE                                                       \
  "\"template_id\":\"7\",\"template_name\":\"New\",\"template_type\":" \
  "\"utility\",\"country_codes\":\"CN\",\"status\":1"
static const char templates[] = "HTTP/1.1 200 OK" HEAD "[{" TEMPLATE "}]";
static const char template[] =
    "HTTP/1.1 200 OK" HEAD "{" TEMPLATE ",\"template_content\":\"Text\"}";
static const char no_template[] =
    "HTTP/1.1 400 No" HEAD
    "{\"code\":400,\"message\":\"template config not exist\"}";

#define REPLY(text) \
  ((fault_reply){.data = text, .length = sizeof text - 1, .end = FAULT_CLOSE})

static fault_reply answer(void *user, const fault_request *request)
{
  static const char good[] = "HTTP/1.1 200 OK" HEAD PENDING;
  static const char bad[] = "HTTP/1.1 502 Oh" HEAD "{}";
  fault_reply reply = REPLY(bad);
  (void)user;
  pthread_mutex_lock(&service.lock);
  if (strstr(request->data, "GET /v1/template-configs/") != NULL) {
    reply =
        service.shown++ < service.listed ? REPLY(no_template) : REPLY(template);
    reply.delay_ms = service.delay_ms;
  } else if (strstr(request->data, "GET /v1/template") != NULL) {
    reply = REPLY(templates);
  } else if (request->data[0] == 'G') {
    if (service.reads++ >= service.failures)
      reply = REPLY(good);
    reply.delay_ms = service.delay_ms;
  }
  pthread_mutex_unlock(&service.lock);
  return reply;
}

static size_t reads(void)
{
  pthread_mutex_lock(&service.lock);
  size_t count = service.reads;
  pthread_mutex_unlock(&service.lock);
  return count;
}

/* From now on. */
static void fail_reads(size_t count)
{
  pthread_mutex_lock(&service.lock);
  service.failures = service.reads + count;
  pthread_mutex_unlock(&service.lock);
}

/* ---- the client ---- */

static void decided(signet_recorder *own, signet_call *call)
{
  (void)own;
  if (call->kind == SIGNET_SIGN)
    cr_expect_eq(signet_call_outcome(call), SIGNET_OUTCOME_UNKNOWN);
}

static signet_recorder recorder;

static void begin(void)
{
  fault_script script = {.answer = answer};
  memset(&service, 0, sizeof service);
  pthread_mutex_init(&service.lock, NULL);
  service.failures = NEVER;
  loop = signet_loop_new();
  server = fault_server_start_script(&script);
  cr_assert_not_null(loop);
  cr_assert_not_null(server);
  signet_account_options_init(&options);
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  options.settle_ms = 5;
  options.attempts = 1;
  options.poll_interval_ms = 5;
  options.settle_create_ms = 0;
}

static void open_account(void)
{
  static char url[64];
  signet_error error;
  snprintf(url, sizeof url, "http://127.0.0.1:%u", fault_server_port(server));
  options.base_url = url;
  account = signet_account_open(loop, &options, &error);
  cr_assert_not_null(account, "%s", error.message);
  recorder = plain_recorder();
  recorder.decided = decided;
  signet_account_record(account, &recorder);
  watch = &account->kinds[SIGNET_SIGN].watch;
}

static void end(void)
{
  signet_account_close(account);
  signet_loop_step(loop, 0);
  signet_loop_free(loop);
  fault_server_stop(server);
  fault_server_free(server);
  pthread_mutex_destroy(&service.lock);
}

TestSuite(search, .init = begin, .fini = end, .timeout = 60);

static signet_call *create(void)
{
  signet_fields *fields = signet_fields_new();
  signet_fields_set_string(fields, "sign_name", "New");
  signet_call *call = signet_sign_create(account, fields, NULL, NULL);
  signet_fields_free(fields);
  cr_assert_not_null(call);
  return call;
}

/* A create whose look is still to come; look_now() brings it on. */
static signet_call *create_for_later(void)
{
  account->settings.settle_ms = LONG_MS;
  signet_call *call = create();
  while (!signet_call_settles(call))
    signet_loop_step(loop, 1000);
  account->settings.settle_ms = options.settle_ms;
  return call;
}

static void look_now(signet_call *call)
{
  signet_timer_cancel(call->deadline);
  call->deadline = NULL;
  signet_watch_add(call, SIGNET_CALL_SETTLING_SEARCH, signet_settle_look);
}

#define UNREAD "could not be read back"

/* Ends as unknown; whether a list could be had, the words tell. */
static void expect_unknown(signet_call *call, bool seen)
{
  const signet_error *error = signet_call_wait(call);
  cr_assert_not_null(error);
  cr_expect_eq(error->kind, SIGNET_ERROR_UNKNOWN_OUTCOME, "%s", error->message);
  cr_expect_eq(signet_call_outcome(call), SIGNET_OUTCOME_UNKNOWN);
  cr_expect_eq(strstr(error->message, UNREAD) == NULL, seen, "%s",
               error->message);
  signet_call_release(call);
}

/* An interrupt has ended it, and nothing was asked for that. */
static void expect_ended(signet_call *call)
{
  size_t before = reads();
  cr_expect(signet_call_is_done(call));
  expect_unknown(call, true);
  cr_expect_eq(reads(), before);
}

static void until_lists_failed(unsigned count)
{
  while (watch->search_failures < count || watch->step.active)
    signet_loop_step(loop, 1000);
}

static void hold(void)
{
  signet_account_hold(account, true);
}

/* ---- while lists fail ---- */

/* However many look for theirs, and whenever each begins: they look together,
 * and find out when the service is back. */
Test(search, a_list_that_fails_for_many_failed_once)
{
  enum { CREATES = 24 };
  signet_call *calls[CREATES];
  options.poll_interval_ms = LONG_MS;
  open_account();
  for (size_t i = 0; i < CREATES; i++)
    calls[i] = create_for_later();
  for (size_t i = 0; i < CREATES; i++) {
    look_now(calls[i]);
    until_lists_failed(1);
  }
  cr_expect_eq(watch->search_failures, 1);
  cr_expect_eq(reads(), 1);
  fail_reads(0);
  while (reads() < 2 || watch->step.active)
    signet_loop_step(loop, 1000);
  for (size_t i = 0; i < CREATES; i++)
    cr_expect_eq(calls[i]->settle.looks, 1, "all have seen the second list");
  for (size_t i = 0; i < CREATES; i++)
    expect_unknown(calls[i], true);
}

Test(search, it_ends_after_six_lists_and_the_next_after_one)
{
  open_account();
  expect_unknown(create(), false);
  cr_expect_eq(reads(), 6);
  expect_unknown(create(), false);
  cr_expect_eq(reads(), 7);
}

/* Something else has worked: the next search has its whole time. */
Test(search, a_service_that_is_known_to_be_back_is_given_time)
{
  open_account();
  expect_unknown(create(), false);
  fail_reads(0);
  signet_call *call = signet_sign_list(account, NULL, NULL, NULL);
  cr_expect_null(signet_call_wait(call));
  signet_call_release(call);
  fail_reads(NEVER);
  size_t before = reads();
  expect_unknown(create(), false);
  cr_expect_eq(reads(), before + 6);
}

/* Who waits for a review is shown the lists, but is in no greater hurry. */
Test(search, reviews_keep_their_pauses)
{
  options.poll_interval_ms = LONG_MS;
  open_account();
  fail_reads(0);
  signet_call *review =
      signet_sign_wait(account, "1", SIGNET_STATUS_APPROVED, -1, NULL, NULL);
  while (watch->round == 0 || watch->step.active)
    signet_loop_step(loop, 1000);
  int64_t due = watch->review_due;
  int64_t interval = watch->interval_ms;
  fail_reads(2);
  expect_unknown(create(), true);
  cr_expect_eq(reads(), 6, "one, two that failed, three looks");
  cr_expect_eq(watch->review_due, due);
  cr_expect_eq(watch->interval_ms, interval);
  cr_expect_not(signet_call_is_done(review));
  signet_call_cancel(review);
  signet_call_release(review);
}

/* ---- after an interrupt ---- */

Test(search, an_interrupt_ends_it_between_two_lists)
{
  options.poll_interval_ms = LONG_MS;
  open_account();
  signet_call *call = create();
  until_lists_failed(1);
  hold();
  expect_ended(call);
}

Test(search, an_interrupt_ends_it_between_two_attempts)
{
  options.attempts = 3;
  options.breaker = 0;
  options.backoff_ms = options.backoff_max_ms = 100 * LONG_MS;
  open_account();
  signet_call *call = create();
  while (!signet_retry_is_waiting(&watch->step))
    signet_loop_step(loop, 1000);
  hold();
  expect_ended(call);
  cr_expect_not(watch->step.active);
}

Test(search, an_interrupt_ends_it_where_the_service_is_away)
{
  options.attempts = 3;
  options.breaker = 1;
  options.breaker_pause_ms = LONG_MS;
  options.settle_ms = 500;
  open_account();
  signet_call *call = create();
  while (!account->retry.breaker.open || !signet_call_settles(call))
    signet_loop_step(loop, 1000);
  hold();
  expect_ended(call);
  cr_expect_eq(reads(), 0);
}

/* What is in flight finishes, and is the last one. */
Test(search, an_interrupt_lets_the_list_in_flight_be_the_last)
{
  service.delay_ms = 200;
  open_account();
  signet_call *later = create_for_later();
  signet_call *first = create();
  while (reads() == 0)
    signet_loop_step(loop, 10);
  look_now(later);
  hold();
  cr_expect_not(signet_call_is_done(first));
  cr_expect_not(signet_call_is_done(later));
  expect_unknown(first, false);
  expect_unknown(later, false);
  cr_expect_eq(reads(), 1);
}

/* A first look is awaited if it comes soon, unless the last list failed. */
Test(search, an_interrupt_awaits_the_first_list)
{
  open_account();
  fail_reads(0);
  signet_call *call = create();
  while (!signet_call_settles(call))
    signet_loop_step(loop, 1000);
  hold();
  cr_expect_not(signet_call_is_done(call));
  expect_unknown(call, true);
  cr_expect_eq(reads(), 1);
}

Test(search, an_interrupt_awaits_no_first_list_that_will_fail)
{
  options.poll_interval_ms = LONG_MS;
  open_account();
  signet_call *later = create_for_later();
  signet_call *first = create();
  until_lists_failed(1);
  hold();
  expect_ended(first);
  cr_expect_not(signet_call_is_done(later));
  look_now(later);
  expect_ended(later);
}

Test(search, an_interrupt_awaits_no_list_that_comes_late)
{
  options.settle_ms = LONG_MS;
  open_account();
  signet_call *call = create();
  while (!signet_call_settles(call))
    signet_loop_step(loop, 1000);
  hold();
  expect_ended(call);
  cr_expect_eq(reads(), 0);
}

static signet_call *update(void)
{
  signet_fields *fields = signet_fields_new();
  signet_fields_set_string(fields, "sign_name", "New");
  signet_call *call = signet_sign_update(account, "1", fields, NULL, NULL);
  signet_fields_free(fields);
  cr_assert_not_null(call);
  return call;
}

/* Of an update the entry itself is read. */
Test(search, an_interrupt_ends_the_search_for_an_update_too)
{
  options.settle_ms = 100;
  open_account();
  signet_call *call = update();
  while (call->settle.tries == 0)
    signet_loop_step(loop, 1000);
  account->settings.settle_ms = 1;
  hold();
  expect_ended(call);
  cr_expect_eq(reads(), 1);
}

Test(search, an_interrupt_ends_it_between_two_reads_of_an_entry)
{
  options.attempts = 3;
  options.breaker = 0;
  options.backoff_ms = options.backoff_max_ms = 100 * LONG_MS;
  open_account();
  signet_call *call = update();
  while (!signet_call_settles(call) || call->step == NULL ||
         !signet_retry_is_waiting(call->step))
    signet_loop_step(loop, 1000);
  hold();
  expect_ended(call);
  cr_expect_eq(reads(), 1);
}

Test(search, a_read_that_fails_after_an_interrupt_is_the_last)
{
  service.delay_ms = 200;
  open_account();
  signet_call *call = update();
  while (!signet_call_settles(call) || call->step == NULL ||
         !call->step->active)
    signet_loop_step(loop, 1000);
  while (reads() == 0)
    signet_loop_step(loop, 10);
  hold();
  cr_expect_not(signet_call_is_done(call));
  expect_unknown(call, true);
  cr_expect_eq(reads(), 1);
}

/* ---- a list that shows less than the entries themselves ---- */

static signet_call *create_template(void)
{
  signet_fields *fields = signet_fields_new();
  signet_fields_set_string(fields, "template_name", "New");
  signet_fields_set_string(fields, "template_type", "utility");
  signet_fields_set_string(fields, "template_content", "Text");
  signet_fields_set_string(fields, "country_codes", "CN");
  signet_call *call = signet_template_create(account, fields, NULL, NULL);
  signet_fields_free(fields);
  cr_assert_not_null(call);
  return call;
}

static size_t shown(void)
{
  pthread_mutex_lock(&service.lock);
  size_t count = service.shown;
  pthread_mutex_unlock(&service.lock);
  return count;
}

static void expect_found(signet_call *call)
{
  const signet_error *error = signet_call_wait(call);
  cr_assert_null(error, "%s", error != NULL ? error->message : "");
  cr_expect_str_eq(signet_call_id(call), "7");
  signet_call_release(call);
}

Test(search, what_a_list_hides_is_read)
{
  open_account();
  expect_found(create_template());
  cr_expect_eq(shown(), 1);
}

/* It is there, so nothing is sent again; it is looked at until it can be. */
Test(search, what_is_listed_before_it_can_be_read_is_waited_for)
{
  service.listed = 3;
  open_account();
  expect_found(create_template());
  cr_expect_eq(shown(), 4);
}

Test(search, what_can_never_be_read_stays_unknown)
{
  service.listed = NEVER;
  open_account();
  expect_unknown(create_template(), false);
  cr_expect_eq(shown(), 6);
}

static void begin_to_read(signet_call **call)
{
  service.delay_ms = 200;
  open_account();
  watch = &account->kinds[SIGNET_TEMPLATE].watch;
  *call = create_template();
  while (watch->reading == NULL)
    signet_loop_step(loop, 1000);
}

Test(search, an_interrupt_awaits_the_entry_that_is_being_read)
{
  signet_call *call;
  begin_to_read(&call);
  hold();
  cr_expect_not(signet_call_is_done(call));
  expect_found(call);
}

Test(search, an_account_can_be_closed_while_it_is_read)
{
  signet_call *call;
  begin_to_read(&call);
  signet_account_close(account);
  cr_expect(signet_call_is_done(call));
  signet_call_release(call);
  account = NULL;
}
