/* SPDX-License-Identifier: MIT */
/* Repeated requests: the budget, the breaker, an outage, and an interrupt. What
 * is repeated at all stands in tests/cases/retry-*.case. */
#include "account/account.h"
#include "account/retry.h"
#include "canary.h"
#include "well_server.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONCURRENCY = 16, MOST = 4000 };

static signet_loop *loop;
static signet_account *account;
static well_server *server;
static signet_account_options options;
static size_t done_count;
static size_t good_count;
static size_t started;
static signet_error last_error;

static void begin(void)
{
  loop = signet_loop_new();
  server = well_server_start();
  cr_assert_not_null(loop);
  cr_assert_not_null(server);
  signet_account_options_init(&options);
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  options.concurrency = CONCURRENCY;
  options.backoff_ms = 4;
  options.backoff_max_ms = 50;
  options.breaker_pause_ms = 5;
}

static void end(void)
{
  signet_account_close(account);
  signet_loop_step(loop, 0);
  signet_loop_free(loop);
  well_server_stop(server);
}

TestSuite(retry, .init = begin, .fini = end, .timeout = 120);

static void open_at(unsigned port)
{
  static char url[64];
  signet_error error;
  snprintf(url, sizeof url, "http://127.0.0.1:%u", port);
  options.base_url = url;
  account = signet_account_open(loop, &options, &error);
  cr_assert_not_null(account, "%s", error.message);
}

static void open_account(void)
{
  open_at(well_server_port(server));
}

static void on_done(signet_call *call, void *user)
{
  (void)user;
  done_count++;
  if (signet_call_error(call) == NULL)
    good_count++;
  else
    last_error = *signet_call_error(call);
  signet_call_release(call);
}

static void get(void)
{
  cr_assert_not_null(signet_sign_get(account, "1", on_done, NULL));
  started++;
}

static void run_until(size_t count)
{
  while (done_count < count)
    signet_loop_step(loop, 1000);
}

/* Something has worked. */
static void reach(void)
{
  get();
  run_until(started);
  cr_assert_eq(good_count, started);
}

/* ---- backoff ---- */

Test(retry, backoff_doubles_up_to_its_cap)
{
  static const int64_t expected[] = {250, 500, 1000, 2000, 4000, 8000, 16000};
  signet_account_options_init(&options);
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  open_account();
  for (unsigned i = 0; i < sizeof expected / sizeof expected[0]; i++)
    cr_expect_eq(signet_retry_backoff(&account->retry, i + 1), expected[i]);
  cr_expect_eq(signet_retry_backoff(&account->retry, 8), 20000);
  cr_expect_eq(signet_retry_backoff(&account->retry, 1000), 20000);
}

/* ---- the budget ---- */

/* Half of the time, the service fails: repetitions stay within the budget, but
 * for those that run when nothing else does, and no call is lost to it. */
Test(retry, budget_delays_and_gives_nothing_up)
{
  options.breaker = 0;
  options.attempts = 100;
  open_account();
  well_server_set(server, 500);
  for (int i = 0; i < 40; i++)
    get();
  uint64_t alone = 0;
  uint64_t before = 0;
  while (done_count < 40) {
    const signet_retry *retry = &account->retry;
    signet_loop_step(loop, 1000);
    uint64_t allowed = 3 + retry->first / 10;
    if (retry->repeated > before && retry->repeated > allowed)
      alone += retry->repeated - before;
    before = retry->repeated;
    cr_assert(retry->repeated <= allowed + alone);
    cr_assert(retry->repeated <= allowed || retry->running <= 1);
    if (retry->repeated >= 20)
      well_server_set(server, 0);
  }
  cr_expect_eq(good_count, 40);
  cr_expect_gt(alone, 0, "the budget was never used up");
  cr_expect_null(account->retry.budget.first);
}

/* ---- the breaker ---- */

static struct {
  int64_t milliseconds;
  char reason[200];
} notices[64];
static size_t notice_count;

static void on_pause(signet_account *paused, int64_t milliseconds,
                     const char *reason, void *user)
{
  (void)user;
  cr_assert_eq(paused, account);
  if (notice_count == 64)
    return;
  notices[notice_count].milliseconds = milliseconds;
  snprintf(notices[notice_count++].reason, sizeof notices[0].reason, "%s",
           reason);
}

Test(retry, breaker_opens_counts_down_probes_and_closes)
{
  open_account();
  signet_account_on_pause(account, on_pause, NULL);
  reach();
  well_server_set(server, 503);
  for (int i = 0; i < 8; i++)
    get();
  while (!account->retry.breaker.open)
    signet_loop_step(loop, 1000);
  cr_expect_geq(account->retry.breaker.failures, 5);
  for (int i = 0; i < 4; i++)
    get(); /* these have to wait, too */
  while (account->retry.breaker.pause_ms < 40)
    signet_loop_step(loop, 1000);
  cr_expect_eq(done_count, 1, "a call ended while the breaker was open");
  size_t before = well_server_requests(server);
  cr_expect_leq(before, 1 + 8 + 4, "more than probes was sent: %zu", before);
  well_server_set(server, 0);
  run_until(started);
  cr_expect_eq(good_count, started);
  cr_expect_not(account->retry.breaker.open);
  cr_assert_gt(notice_count, 0);
  cr_expect_gt(notices[0].milliseconds, 0);
  cr_expect_str_eq(notices[0].reason, "the service seems to be down: HTTP 503");
}

Test(retry, a_refusal_is_no_failure_for_the_breaker)
{
  open_account();
  well_server_set(server, 404);
  for (int i = 0; i < 20; i++)
    get();
  run_until(20);
  cr_expect_eq(good_count, 0);
  cr_expect_eq(well_server_requests(server), 20);
  cr_expect_not(account->retry.breaker.open);
}

Test(retry, a_service_that_never_answered_is_not_waited_for)
{
  open_account();
  well_server_set(server, 1);
  for (int i = 0; i < 50; i++)
    get();
  run_until(50);
  cr_expect_eq(good_count, 0);
  cr_expect_eq(last_error.kind, SIGNET_ERROR_NETWORK);
  cr_expect(account->retry.breaker.spent);
  get(); /* is not made to wait either, and would find it well */
  well_server_set(server, 0);
  run_until(51);
  cr_expect_eq(good_count, 1);
  cr_expect_not(account->retry.breaker.spent);
}

Test(retry, an_outage_has_its_limit)
{
  options.outage_ms = 50;
  open_account();
  reach();
  well_server_set(server, 503);
  for (int i = 0; i < 10; i++)
    get();
  run_until(started);
  cr_expect_eq(good_count, 1);
  cr_expect_eq(last_error.kind, SIGNET_ERROR_SERVER);
  cr_expect_eq(last_error.http_status, 503);
}

Test(retry, one_attempt_means_one_request)
{
  options.attempts = 1;
  open_account();
  reach();
  well_server_set(server, 503);
  for (int i = 0; i < 20; i++)
    get();
  run_until(started);
  cr_expect_eq(well_server_requests(server), 21);
  cr_expect_not(account->retry.breaker.open);
}

Test(retry, an_interrupt_ends_what_waits)
{
  options.backoff_ms = 60000;
  options.backoff_max_ms = 60000;
  options.breaker = 0;
  open_account();
  well_server_set(server, 500);
  get();
  while (account->retry.first == 0 || account->retry.running > 0)
    signet_loop_step(loop, 1000);
  signet_account_hold(account, true);
  run_until(1);
  cr_expect_eq(last_error.kind, SIGNET_ERROR_CANCELLED);
  cr_expect_eq(last_error.outcome, SIGNET_OUTCOME_NOT_SENT);
}

/* ---- time limits ---- */

/* A queue that is full makes the kernel drop every further SYN. */
static uint16_t deaf_port(int descriptors[8])
{
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  descriptors[0] = socket(AF_INET, SOCK_STREAM, 0);
  cr_assert_eq(
      bind(descriptors[0], (struct sockaddr *)&address, sizeof address), 0);
  cr_assert_eq(listen(descriptors[0], 0), 0);
  cr_assert_eq(getsockname(descriptors[0], (struct sockaddr *)&address, &size),
               0);
  for (int i = 1; i < 8; i++) {
    descriptors[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    (void)connect(descriptors[i], (struct sockaddr *)&address, sizeof address);
  }
  return ntohs(address.sin_port);
}

Test(retry, a_connection_that_is_never_made_names_its_limit)
{
  int descriptors[8];
  options.attempts = 1;
  options.connect_timeout_ms = 100;
  open_at(deaf_port(descriptors));
  get();
  run_until(1);
  cr_expect_eq(last_error.kind, SIGNET_ERROR_TIMEOUT);
  cr_expect_eq(last_error.outcome, SIGNET_OUTCOME_NOT_SENT);
  cr_expect_not_null(
      strstr(last_error.message, "no connection after 0.1 s (connect_timeout)"),
      "%s", last_error.message);
  for (int i = 0; i < 8; i++)
    close(descriptors[i]);
}

/* Those that wait for budget go on when what they wait for is cancelled. */
Test(retry, a_cancelled_call_holds_nobody_up)
{
  options.retry_percent = 0;
  options.retry_floor = 0;
  options.breaker = 0;
  options.backoff_ms = 0;
  options.timeout_ms = 60000;
  open_account();
  well_server_set(server, 500);
  get();
  get();
  while (account->retry.budget.first == NULL ||
         account->retry.budget.first != account->retry.budget.last)
    signet_loop_step(loop, 1000);
  signet_call *running = account->first;
  while (running != NULL && running->step == account->retry.budget.first)
    running = running->next;
  cr_assert_not_null(running);
  well_server_set(server, 0);
  signet_call_cancel(running);
  run_until(2);
  cr_expect_eq(good_count, 1);
}

/* ---- an outage ---- */

static size_t operations;

static void on_next(signet_call *call, void *user)
{
  on_done(call, user);
  if (started < operations) {
    cr_assert_not_null(signet_sign_get(account, "1", on_next, NULL));
    started++;
  }
}

static void set_well(void *user)
{
  well_server_set(user, 0);
}

static void set_down(void *user)
{
  well_server_set(user, 1);
}

/* `scripts/dev outage` makes it 30 seconds. The settings are those that
 * operators have, in proportion. */
Test(retry, a_total_outage_costs_little_and_ends_well)
{
  const char *text = getenv("SIGNET_TEST_OUTAGE_MS");
  int64_t outage_ms = text != NULL ? strtol(text, NULL, 10) : 600;
  operations = 1000;
  options.rate = 1000;
  options.backoff_ms = 250 * outage_ms / 30000 + 1;
  options.backoff_max_ms = 20000 * outage_ms / 30000 + 1;
  options.breaker_pause_ms = 1000 * outage_ms / 30000 + 1;
  open_account();
  cr_assert_not_null(signet_timer_start(loop, 200, set_down, server));
  cr_assert_not_null(
      signet_timer_start(loop, 200 + outage_ms, set_well, server));
  int64_t began = signet_loop_now(loop);
  for (int i = 0; i < CONCURRENCY; i++) {
    cr_assert_not_null(signet_sign_get(account, "1", on_next, NULL));
    started++;
  }
  run_until(operations);
  cr_expect_eq(good_count, operations, "%s", last_error.message);
  cr_expect_geq(signet_loop_now(loop) - began, outage_ms);
  cr_expect_leq(signet_account_requests(account),
                operations + operations / 10 + 3);
  cr_expect_gt(account->retry.repeated, 0, "there was no outage");
}
