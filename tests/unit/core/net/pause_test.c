/* SPDX-License-Identifier: MIT */
/* Pauses of a whole account: by hand, and because the service asks for one. */
#include "canary.h"
#include "fault_server.h"
#include "net/pause.h"
#include "net/reply.h"
#include "signet/account.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

enum { MINUTE_MS = 60 * 1000, REPLIES = 8 };

/* The end of the year 9999. */
#define LONGEST_MS INT64_C(253402300799000)

#define SUCCESS                                        \
  "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n"          \
  "Content-Type: application/json\r\n\r\n{\"code\":0," \
  "\"message\":\"success\"}"

static signet_loop *loop;
static signet_account *account;
static fault_server *server;
static fault_reply replies[REPLIES];
static size_t ended;
static int64_t notices[64];
static size_t notice_count;
static char reason[160];
static int went_on;

static void begin(void)
{
  loop = signet_loop_new();
  cr_assert_not_null(loop);
}

static void end(void)
{
  signet_account_close(account);
  signet_loop_step(loop, 0);
  signet_loop_free(loop);
  if (server != NULL)
    fault_server_stop(server);
  fault_server_free(server);
}

TestSuite(pause, .init = begin, .fini = end, .timeout = 60);
TestSuite(retry_after, .timeout = 60);

/* ---- Retry-After ---- */

Test(retry_after, seconds_and_dates)
{
  enum { now = 1700000000 }; /* Tue, 14 Nov 2023 22:13:20 GMT */
  static const struct {
    const char *text;
    int64_t expected;
  } cases[] = {
      {"0", 0},
      {"1", 1000},
      {"899", 899 * 1000},
      {"7200", 120 * MINUTE_MS},
      {"604801", 604801 * INT64_C(1000)},
      {"253402300799", LONGEST_MS},
      {"253402300800", LONGEST_MS},
      {"99999999999999999999999999", LONGEST_MS},
      {"007", 7000},
      {"", -1},
      {"-1", -1},
      {"+1", -1},
      {"1.5", 2000}, /* no HTTP, but it is sent: never too early */
      {"0.001", 1000},
      {"2.000", 2000},
      {"2.", 2000},
      {"1.5.0", -1},
      {".5", -1},
      {"1,5", -1},
      {"1s", -1},
      {"1 2", -1},
      {"0x10", -1},
      {"soon", -1},
      {"Tue, 14 Nov 2023 22:13:27 GMT", 7000},
      {"Tuesday, 14-Nov-23 22:13:27 GMT", 7000},
      {"Tue Nov 14 22:13:27 2023", 7000},
      {"Tue, 14 Nov 2023 22:13:20 GMT", 0},
      {"Tue, 14 Nov 2023 22:13:19 GMT", 0},
      {"Tue, 14 Nov 1983 22:13:19 GMT", 0},
      {"Wed, 15 Nov 2023 22:13:20 GMT", 24 * 60 * MINUTE_MS},
      {"Fri, 31 Dec 9999 23:59:59 GMT", (253402300799 - now) * 1000},
      {"1 Jan 10000 00:00:00 GMT", -1}, /* years have four digits */
      {"nov 2 1247141753", -1}, /* more milliseconds than 64 bits hold */
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    cr_expect_eq(signet_retry_after_read(cases[i].text, now), cases[i].expected,
                 "\"%s\" is %lld", cases[i].text,
                 (long long)signet_retry_after_read(cases[i].text, now));
}

/* ---- the pause itself ---- */

static void go_on(void *unused)
{
  (void)unused;
  went_on++;
}

static void notice(void *unused, int64_t milliseconds, const char *why)
{
  (void)unused;
  cr_assert_lt(notice_count, sizeof notices / sizeof notices[0]);
  notices[notice_count++] = milliseconds;
  snprintf(reason, sizeof reason, "%s", why);
}

static void make(signet_pause *pause)
{
  signet_pause_init(pause, loop, go_on, NULL);
  pause->notice = notice;
}

Test(pause, tells_its_beginning_each_second_and_its_end)
{
  signet_pause pause;
  make(&pause);
  cr_expect_not(signet_pause_holds(&pause));
  signet_pause_set(&pause, 2100, "for a test");
  cr_expect_str_eq(reason, "for a test");
  while (went_on == 0) {
    cr_assert(signet_pause_holds(&pause));
    signet_loop_step(loop, -1);
  }
  cr_expect_not(signet_pause_holds(&pause));
  cr_expect_eq(signet_pause_left(&pause), 0);
  cr_assert_eq(notice_count, 4);
  cr_expect_eq(notices[0], 2100);
  cr_expect(notices[1] <= 2000 && notices[2] <= 1000 && notices[3] == 0);
}

Test(pause, a_later_one_only_lengthens_it)
{
  signet_pause pause;
  make(&pause);
  signet_pause_set(&pause, 0, "none");
  signet_pause_set(&pause, -5, "none");
  cr_expect_not(signet_pause_holds(&pause));
  signet_pause_set(&pause, 60 * MINUTE_MS, "long");
  signet_pause_set(&pause, 10, "short");
  cr_expect_gt(signet_pause_left(&pause), 59 * MINUTE_MS);
  cr_expect_str_eq(reason, "long");
  signet_pause_set(&pause, 120 * MINUTE_MS, "longer");
  cr_expect_gt(signet_pause_left(&pause), 119 * MINUTE_MS);
  cr_expect_str_eq(reason, "longer");
  cr_expect_eq(notice_count, 2);
  signet_pause_stop(&pause);
  cr_expect_not(signet_pause_holds(&pause));
  cr_expect_eq(signet_loop_timeout(loop), -1);
  cr_expect_eq(went_on, 0);
}

/* ---- an account ---- */

static void open_account(unsigned concurrency)
{
  char url[64];
  signet_error error;
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  server = fault_server_start(replies, REPLIES);
  cr_assert_not_null(server);
  snprintf(url, sizeof url, "http://127.0.0.1:%u",
           (unsigned)fault_server_port(server));
  options.base_url = url;
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  options.concurrency = concurrency;
  account = signet_account_open(loop, &options, &error);
  cr_assert_not_null(account, "%s", error.message);
}

static void answer(size_t from, const char *reply)
{
  for (size_t i = from; i < REPLIES; i++)
    replies[i] = (fault_reply){.data = reply, .length = strlen(reply)};
}

static void count(signet_call *call, void *unused)
{
  (void)unused;
  ended++;
  signet_call_release(call);
}

static void start_update(void)
{
  signet_fields *fields = signet_fields_new();
  cr_assert(signet_fields_set_string(fields, "sign_name", "Company"));
  cr_assert_not_null(signet_sign_update(account, "1", fields, count, NULL));
  signet_fields_free(fields);
}

static void note_pause(signet_account *which, int64_t milliseconds,
                       const char *why, void *user)
{
  cr_expect_eq(which, account);
  notice(user, milliseconds, why);
}

/* One call is answered `reply`; then none of the others may be sent before the
 * pause is over. */
static void expect_all_to_wait(const char *reply, int64_t at_least)
{
  answer(0, SUCCESS);
  replies[0] = (fault_reply){.data = reply, .length = strlen(reply)};
  open_account(4);
  signet_account_on_pause(account, note_pause, NULL);
  start_update();
  while (signet_account_paused(account) == 0)
    signet_loop_step(loop, -1);
  cr_expect_gt(notices[0], at_least);
  for (int i = 0; i < 4; i++)
    start_update();
  while (signet_account_paused(account) > 0) {
    cr_expect_eq(fault_server_requests(server), 1);
    signet_loop_step(loop, -1);
  }
  while (ended < 5)
    signet_loop_step(loop, -1);
  cr_expect_geq(fault_server_requests(server), 5);
  cr_expect_eq(notices[notice_count - 1], 0);
}

Test(pause, retry_after_seconds_hold_the_whole_account)
{
  expect_all_to_wait("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\n"
                     "Content-Length: 0\r\n\r\n",
                     900);
  cr_expect_str_eq(reason, "the service asks for a pause (HTTP 429)");
}

/* By the server's clock, which is far from ours here. */
Test(pause, a_retry_after_date_goes_by_the_servers_clock)
{
  expect_all_to_wait("HTTP/1.1 503 Service Unavailable\r\n"
                     "Date: Tue, 14 Nov 2023 22:13:20 GMT\r\n"
                     "Retry-After: Tue, 14 Nov 2023 22:13:21 GMT\r\n"
                     "Content-Length: 0\r\n\r\n",
                     900);
  cr_expect_str_eq(reason, "the service asks for a pause (HTTP 503)");
}

Test(pause, without_a_retry_after_429_holds_it_for_a_while)
{
  expect_all_to_wait("HTTP/1.1 429 Too Many Requests\r\n"
                     "Content-Length: 0\r\n\r\n",
                     100);
  cr_expect_str_eq(reason, "too many requests (HTTP 429)");
}

/* "At once" was asked a moment ago, and refused. */
Test(pause, a_retry_after_of_nothing_holds_it_for_a_while_too)
{
  expect_all_to_wait("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\n"
                     "Content-Length: 0\r\n\r\n",
                     100);
  cr_expect_str_eq(reason, "too many requests (HTTP 429)");
}

Test(pause, a_retry_after_in_the_past_holds_it_for_a_while_too)
{
  expect_all_to_wait("HTTP/1.1 429 Too Many Requests\r\n"
                     "Retry-After: Sat, 21 Nov 2020 12:44:23 GMT\r\n"
                     "Content-Length: 0\r\n\r\n",
                     100);
  cr_expect_str_eq(reason, "too many requests (HTTP 429)");
}

static void heed(signet_pause *pause, int status, int64_t retry_after_ms,
                 int64_t began_ms)
{
  const signet_pause_reply reply = {.status = status,
                                    .meaning = status,
                                    .retry_after_ms = retry_after_ms,
                                    .began_ms = began_ms};
  signet_pause_heed(pause, &reply);
}

/* Hours are hours; what has passed of them is no outage. */
Test(pause, what_is_asked_for_is_kept_whole_and_counted_once)
{
  signet_pause pause;
  int64_t now = signet_loop_now(loop);
  make(&pause);
  heed(&pause, 429, 120 * MINUTE_MS, now);
  cr_expect_geq(signet_pause_left(&pause), 119 * MINUTE_MS);
  cr_expect_lt(signet_pause_asked(&pause), MINUTE_MS, "it has hardly begun");
  heed(&pause, 503, 60 * MINUTE_MS, now);
  heed(&pause, 429, 120 * MINUTE_MS, now);
  cr_expect_lt(pause.asked_ms, 121 * MINUTE_MS, "they overlap");
  pause.asked_until = now - 1; /* they have passed */
  cr_expect_geq(signet_pause_asked(&pause), 120 * MINUTE_MS);
  signet_pause_stop(&pause);
}

/* A status that says nothing of a pause is not asked for one. */
Test(pause, only_429_and_503_ask)
{
  signet_pause pause;
  make(&pause);
  heed(&pause, 400, MINUTE_MS, signet_loop_now(loop));
  heed(&pause, 500, MINUTE_MS, signet_loop_now(loop));
  cr_expect_eq(signet_pause_left(&pause), 0);
  signet_pause_stop(&pause);
}

/* However it is said that there is no time to wait for, each 429 makes the next
 * pause longer, those that left together count once, and an answer ends that.
 */
Test(pause, without_a_time_each_is_longer_until_there_is_an_answer)
{
  static const int64_t hints[] = {-1, 0, 0, -1};
  signet_pause pause;
  int64_t now = signet_loop_now(loop), before = 0;
  make(&pause);
  for (size_t i = 0; i < 4; i++) {
    signet_pause_end(&pause);
    pause.throttled_at = now - 10 * MINUTE_MS; /* long ago */
    heed(&pause, 429, hints[i], now);
    int64_t first = pause.until;
    cr_expect_gt(first - now, before + before / 2);
    before = first - now;
    heed(&pause, 429, hints[i], now - MINUTE_MS);
    cr_expect_eq(pause.until, first);
  }
  int64_t longest = pause.throttle_ms;
  heed(&pause, 200, -1, now);
  cr_expect_lt(pause.throttle_ms, longest / 8);
  signet_pause_stop(&pause);
}

Test(pause, other_errors_hold_nothing)
{
  static const char *const heads[] = {
      "HTTP/1.1 503 Service Unavailable\r\n",
      "HTTP/1.1 500 Internal Server Error\r\nRetry-After: 5\r\n",
      "HTTP/1.1 400 Bad Request\r\nRetry-After: 5\r\n",
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\n"};
  static char texts[4][160];
  answer(0, SUCCESS);
  for (size_t i = 0; i < 4; i++) {
    snprintf(texts[i], sizeof texts[i], "%sContent-Length: 0\r\n\r\n",
             heads[i]);
    replies[i] = (fault_reply){.data = texts[i], .length = strlen(texts[i])};
  }
  open_account(1);
  signet_account_on_pause(account, note_pause, NULL);
  for (int i = 0; i < 4; i++)
    start_update();
  while (ended < 4)
    signet_loop_step(loop, -1);
  cr_expect_eq(notice_count, 0);
}

Test(pause, closing_the_account_ends_it)
{
  answer(0, "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 900\r\n"
            "Content-Length: 0\r\n\r\n");
  open_account(1);
  start_update();
  while (signet_account_paused(account) == 0)
    signet_loop_step(loop, -1);
  start_update();
  signet_loop_step(loop, 0);
  signet_account_close(account);
  account = NULL;
  signet_loop_step(loop, 0);
  cr_expect_eq(ended, 2);
  cr_expect_eq(signet_loop_timeout(loop), -1);
}
