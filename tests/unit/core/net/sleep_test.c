/* SPDX-License-Identifier: MIT */
/* A machine that sleeps while a loop waits, and what an account makes of it. */
#include "account/account.h"
#include "canary.h"
#include "fault_server.h"
#include "moved_clock.h"
#include "signet/account.h"

#include <criterion/criterion.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HOUR_MS = 3600 * 1000, REPLIES = 8, FOREVER_MS = 600 * 1000 };

#define SIGN                                                   \
  "{\"sign_id\":\"1\",\"sign_name\":\"Company\",\"status\":2," \
  "\"related_template_count\":0,\"audit_remark\":\"\","        \
  "\"created_time\":1699000000,\"updated_time\":1699000000}"
#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

static const char sign_reply[] = HEAD "Content-Length: 145\r\n\r\n" SIGN;
static const char list_reply[] = HEAD "Content-Length: 147\r\n\r\n[" SIGN "]";

static signet_loop *loop;
static signet_account *account;
static signet_account_options options;
static fault_server *server;
static fault_reply replies[REPLIES];
static pthread_t sleeper;
static bool sleeps;
static int64_t told_ms;
static int told;

static void on_sleep(void *unused, int64_t slept_ms)
{
  (void)unused;
  told++;
  told_ms = slept_ms;
}

static void begin(void)
{
  loop = signet_loop_new();
  cr_assert_not_null(loop);
  signet_loop_on_sleep(loop, on_sleep, NULL);
  options = (signet_account_options)SIGNET_ACCOUNT_OPTIONS_INIT;
  options.backoff_ms = 1;
  options.backoff_max_ms = 1;
}

static void end(void)
{
  if (sleeps)
    pthread_join(sleeper, NULL);
  signet_account_close(account);
  signet_loop_step(loop, 0);
  signet_loop_free(loop);
  if (server != NULL)
    fault_server_stop(server);
  fault_server_free(server);
}

TestSuite(sleep, .init = begin, .fini = end, .timeout = 60);

static void *sleep_later(void *unused)
{
  (void)unused;
  usleep(50 * 1000);
  moved_clock_sleep(3 * HOUR_MS);
  return NULL;
}

/* While the loop waits. */
static void sleep_soon(void)
{
  cr_assert_eq(pthread_create(&sleeper, NULL, sleep_later, NULL), 0);
  sleeps = true;
}

static void open_account(void)
{
  char url[64];
  signet_error error;
  server = fault_server_start(replies, REPLIES);
  cr_assert_not_null(server);
  snprintf(url, sizeof url, "http://127.0.0.1:%u",
           (unsigned)fault_server_port(server));
  options.base_url = url;
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  account = signet_account_open(loop, &options, &error);
  cr_assert_not_null(account, "%s", error.message);
}

static void answer(size_t index, const char *reply)
{
  replies[index] = (fault_reply){.data = reply, .length = strlen(reply)};
}

static void stall(size_t index)
{
  replies[index] = (fault_reply){.data = "", .end = FAULT_STALL};
}

static void read_one(void)
{
  signet_call *call = signet_sign_get(account, "1", NULL, NULL);
  cr_assert_null(signet_call_wait(call), "%s",
                 signet_call_error(call)->message);
  signet_call_release(call);
}

static void mark(void *flag)
{
  *(bool *)flag = true;
}

Test(sleep, a_timer_counts_the_time_asleep)
{
  bool rang = false;
  int64_t began = signet_loop_now(loop);
  cr_assert_not_null(signet_timer_start(loop, 2 * HOUR_MS, mark, &rang));
  sleep_soon();
  while (!rang)
    signet_loop_step(loop, FOREVER_MS);
  cr_expect_geq(signet_loop_now(loop) - began, 3 * HOUR_MS);
  cr_expect_eq(told, 1);
  cr_expect(told_ms >= 3 * HOUR_MS - 1 && told_ms < 3 * HOUR_MS + 1000);
}

/* Whoever waits for the descriptor must come back, too. */
Test(sleep, a_host_is_asked_to_look_each_second)
{
  signet_timer *timer = signet_timer_start(loop, 2 * HOUR_MS, mark, NULL);
  cr_expect_leq(signet_loop_timeout(loop), 1000);
  cr_expect_gt(signet_loop_timeout(loop), 0);
  signet_timer_cancel(timer);
  cr_expect_eq(signet_loop_timeout(loop), -1);
}

Test(sleep, a_moment_is_no_sleep)
{
  signet_loop_step(loop, 0);
  moved_clock_sleep(500);
  signet_loop_step(loop, 0);
  cr_expect_eq(told, 0);
}

Test(sleep, idle_connections_are_not_used_again)
{
  for (size_t i = 0; i < 3; i++)
    answer(i, sign_reply);
  open_account();
  read_one();
  read_one();
  cr_expect_eq(fault_server_connections(server), 1);
  moved_clock_sleep(3 * HOUR_MS);
  read_one();
  cr_expect_eq(fault_server_connections(server), 2);
  cr_expect_eq(told, 1);
}

/* Nobody waits for the time limit of a reply that can't come any more. */
Test(sleep, a_read_in_flight_is_sent_again)
{
  options.timeout_ms = FOREVER_MS;
  options.low_speed_ms = FOREVER_MS;
  stall(0);
  answer(1, sign_reply);
  open_account();
  sleep_soon();
  read_one();
  cr_expect_eq(fault_server_requests(server), 2);
  cr_expect_eq(account->retry.breaker.failures, 0, "it was the machine");
}

Test(sleep, a_write_in_flight_is_of_unknown_outcome)
{
  signet_fields *fields = signet_fields_new();
  cr_assert(signet_fields_set_string(fields, "sign_name", "Company"));
  options.timeout_ms = FOREVER_MS;
  options.low_speed_ms = FOREVER_MS;
  stall(0);
  open_account();
  sleep_soon();
  signet_call *call = signet_sign_update(account, "1", fields, NULL, NULL);
  const signet_error *error = signet_call_wait(call);
  cr_assert_not_null(error);
  cr_expect_eq(error->kind, SIGNET_ERROR_UNKNOWN_OUTCOME);
  cr_expect_not_null(strstr(error->message, "the machine slept"), "%s",
                     error->message);
  cr_expect_eq(fault_server_requests(server), 1, "a write is not sent again");
  signet_call_release(call);
  signet_fields_free(fields);
}

/* The first list is too early, and the next would come in ten minutes. */
Test(sleep, who_waits_looks_again_at_once)
{
  static const char pending[] =
      HEAD "Content-Length: 29\r\n\r\n[{\"sign_id\":\"1\",\"status\":1 }]";
  options.poll_interval_ms = FOREVER_MS;
  answer(0, pending);
  answer(1, list_reply);
  open_account();
  signet_call *call = signet_sign_wait(account, "1", SIGNET_STATUS_APPROVED,
                                       24 * (int64_t)HOUR_MS, NULL, NULL);
  while (fault_server_requests(server) < 1)
    signet_loop_step(loop, 100);
  for (int i = 0; i < 20; i++)
    signet_loop_step(loop, 10);
  cr_expect_eq(fault_server_requests(server), 1);
  moved_clock_sleep(3 * HOUR_MS);
  cr_assert_null(signet_call_wait(call));
  cr_expect_eq(fault_server_requests(server), 2);
  signet_call_release(call);
}

Test(sleep, the_time_asleep_is_no_outage)
{
  options.outage_ms = 60 * 1000;
  options.breaker = 1;
  options.breaker_pause_ms = 20;
  answer(0, sign_reply);
  answer(1, "HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n");
  answer(2, sign_reply); /* the probe's */
  answer(3, sign_reply);
  open_account();
  read_one();
  signet_call *call = signet_sign_get(account, "1", NULL, NULL);
  while (account->retry.away_since < 0)
    signet_loop_step(loop, 100);
  moved_clock_sleep(3 * HOUR_MS);
  cr_expect_null(signet_call_wait(call), "%s",
                 signet_call_error(call)->message);
  signet_call_release(call);
}
