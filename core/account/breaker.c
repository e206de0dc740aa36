/* SPDX-License-Identifier: MIT */
#include "account/breaker.h"

#include <stdio.h>
#include <string.h>

static void send_probe(void *user);

static bool is_failure(const signet_exchange *exchange)
{
  return exchange->failure == SIGNET_EXCHANGE_NETWORK ||
         exchange->failure == SIGNET_EXCHANGE_TIMED_OUT ||
         (exchange->failure == SIGNET_EXCHANGE_COMPLETE &&
          exchange->status >= 500);
}

static bool is_answer(const signet_exchange *exchange)
{
  return exchange->failure == SIGNET_EXCHANGE_COMPLETE &&
         exchange->status > 0 && exchange->status < 500;
}

static void describe(signet_breaker *breaker, const signet_exchange *exchange)
{
  if (exchange->failure == SIGNET_EXCHANGE_COMPLETE)
    snprintf(breaker->problem, sizeof breaker->problem, "HTTP %d",
             exchange->status);
  else
    snprintf(breaker->problem, sizeof breaker->problem, "%.150s",
             exchange->problem);
}

/* ---- probing ---- */

static void close_breaker(signet_retry *retry)
{
  signet_breaker *breaker = &retry->breaker;
  breaker->open = false;
  breaker->failures = 0;
  signet_http_shut(retry->account->http, false);
}

/* A pause that the service itself asked for may be longer. */
static void pause_then_probe(signet_retry *retry)
{
  signet_breaker *breaker = &retry->breaker;
  signet_http *http = retry->account->http;
  char reason[160];
  snprintf(reason, sizeof reason, "the service seems to be down: %.120s",
           breaker->problem);
  signet_http_pause(http, breaker->pause_ms, reason);
  int64_t wait = signet_http_paused(http);
  breaker->timer =
      signet_timer_start(retry->account->loop, wait, send_probe, retry);
  if (breaker->timer == NULL)
    close_breaker(retry);
}

static bool drop_body(void *user, const char *data, size_t length)
{
  (void)user;
  (void)data;
  (void)length;
  return true;
}

static void on_probe(void *user)
{
  signet_retry *retry = user;
  signet_breaker *breaker = &retry->breaker;
  int64_t away = signet_loop_now(retry->account->loop) - breaker->since;
  if (is_answer(&breaker->probe)) {
    signet_breaker_note(retry, &breaker->probe);
    close_breaker(retry);
    return;
  }
  describe(breaker, &breaker->probe);
  if (!breaker->reached || away >= retry->outage_ms) {
    breaker->spent = true;
    close_breaker(retry);
    return;
  }
  breaker->pause_ms *= 2;
  if (breaker->pause_ms > retry->backoff_max_ms)
    breaker->pause_ms = retry->backoff_max_ms;
  pause_then_probe(retry);
}

/* An entry that need not be there: any answer will do, and it is small. */
static void send_probe(void *user)
{
  signet_retry *retry = user;
  signet_breaker *breaker = &retry->breaker;
  breaker->timer = NULL;
  breaker->probe = (signet_exchange){
      .method = "GET",
      .path = retry->account->dialect == SIGNET_SIGNS ? "/v1/signs/1"
                                                      : "/v1/sign-configs/1",
      .sink = drop_body,
      .done = on_probe,
      .user = retry,
      .probe = true};
  signet_http_start(retry->account->http, &breaker->probe);
}

/* ---- opening ---- */

bool signet_breaker_open(signet_retry *retry)
{
  signet_breaker *breaker = &retry->breaker;
  if (breaker->open)
    return true;
  if (retry->breaker_failures == 0 || breaker->spent || retry->account->held)
    return false;
  breaker->open = true;
  breaker->since = signet_loop_now(retry->account->loop);
  breaker->pause_ms = retry->breaker_pause_ms;
  signet_http_shut(retry->account->http, true);
  pause_then_probe(retry);
  return breaker->open;
}

void signet_breaker_give_up(signet_retry *retry)
{
  signet_breaker *breaker = &retry->breaker;
  if (!breaker->open)
    return;
  signet_breaker_stop(retry);
  breaker->spent = true;
  close_breaker(retry);
  signet_http_unpause(retry->account->http);
}

void signet_breaker_note(signet_retry *retry, const signet_exchange *exchange)
{
  signet_breaker *breaker = &retry->breaker;
  if (is_answer(exchange)) {
    retry->successes++;
    breaker->failures = 0;
    breaker->reached = true;
    breaker->spent = false;
  } else if (is_failure(exchange)) {
    describe(breaker, exchange);
    if (++breaker->failures == retry->breaker_failures)
      signet_breaker_open(retry);
  }
}

void signet_breaker_init(signet_retry *retry)
{
  retry->breaker = (signet_breaker){0};
}

void signet_breaker_stop(signet_retry *retry)
{
  signet_breaker *breaker = &retry->breaker;
  signet_timer_cancel(breaker->timer);
  breaker->timer = NULL;
  if (breaker->probe.state != SIGNET_EXCHANGE_IDLE)
    signet_http_cancel(retry->account->http, &breaker->probe);
  breaker->open = false;
}
