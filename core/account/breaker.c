/* SPDX-License-Identifier: MIT */
#include "account/breaker.h"

#include "account/account.h"
#include "net/http_control.h"

#include <stdio.h>
#include <string.h>

static void send_probe(void *user);

static bool is_failure(const signet_exchange *exchange)
{
  return exchange->failure == SIGNET_EXCHANGE_NETWORK ||
         exchange->failure == SIGNET_EXCHANGE_TIMED_OUT ||
         (exchange->failure == SIGNET_EXCHANGE_COMPLETE &&
          exchange->meaning >= 500);
}

static bool is_answer(const signet_exchange *exchange)
{
  return exchange->failure == SIGNET_EXCHANGE_COMPLETE &&
         exchange->meaning > 0 && exchange->meaning < 500;
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

static void open_breaker(signet_retry *retry);
static void spend(signet_retry *retry);

int64_t signet_breaker_waited(const signet_retry *retry, int64_t since,
                              int64_t asked_ms)
{
  const signet_account *account = retry->account;
  int64_t asked = signet_http_asked(account->http) - asked_ms;
  return signet_loop_now(account->loop) - since - asked;
}

static int64_t away_ms(const signet_retry *retry)
{
  return retry->away_since < 0 ? 0
                               : signet_breaker_waited(retry, retry->away_since,
                                                       retry->away_asked_ms);
}

/* There, but is it the one request that fails? Or away, which it was not known
 * to be? */
static void on_asked(signet_retry *retry)
{
  signet_breaker *breaker = &retry->breaker;
  bool there = is_answer(&breaker->probe);
  breaker->asking = false;
  signet_breaker_note(retry, &breaker->probe);
  if (!there && !breaker->open)
    open_breaker(retry);
  retry->breaker.told(retry, there);
}

static void on_probe(void *user)
{
  signet_retry *retry = user;
  signet_breaker *breaker = &retry->breaker;
  if (breaker->asking) {
    on_asked(retry);
    return;
  }
  if (is_answer(&breaker->probe)) {
    signet_breaker_note(retry, &breaker->probe);
    close_breaker(retry);
    return;
  }
  describe(breaker, &breaker->probe);
  if (!breaker->reached || away_ms(retry) >= retry->outage_ms) {
    close_breaker(retry);
    spend(retry);
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
  snprintf(
      breaker->path, sizeof breaker->path, "%s/1",
      signet_dialect_row_of(retry->account->dialect)->collections[SIGNET_SIGN]);
  breaker->probe = (signet_exchange){.method = "GET",
                                     .path = breaker->path,
                                     .sink = drop_body,
                                     .done = on_probe,
                                     .user = retry,
                                     .probe = true};
  signet_http_start(retry->account->http, &breaker->probe);
}

/* ---- opening ---- */

static bool may_open(const signet_retry *retry)
{
  return retry->breaker_failures > 0 && !retry->breaker.spent &&
         !retry->account->held;
}

static void open_breaker(signet_retry *retry)
{
  signet_breaker *breaker = &retry->breaker;
  if (breaker->open || !may_open(retry))
    return;
  bool asked = breaker->asking;
  signet_breaker_stop(retry); /* what was to tell this is known */
  breaker->open = true;
  breaker->since = signet_loop_now(retry->account->loop);
  breaker->pause_ms = retry->breaker_pause_ms;
  signet_http_shut(retry->account->http, true);
  pause_then_probe(retry);
  if (asked)
    retry->breaker.told(retry, false);
}

bool signet_breaker_ask(signet_retry *retry)
{
  if (!may_open(retry))
    return false;
  if (!retry->breaker.asking) {
    retry->breaker.asking = true;
    send_probe(retry);
  }
  return true;
}

/* ---- how long it may be away ---- */

/* The service is given up: what a pause holds fails, until something works. */
static void spend(signet_retry *retry)
{
  signet_breaker *breaker = &retry->breaker;
  breaker->spent = true;
  signet_http_lose_patience(retry->account->http, breaker->problem);
}

static void on_patience(void *user);

/* Without memory for the timer the breaker's probes end it. */
static void be_patient(signet_retry *retry)
{
  retry->patience =
      signet_timer_start(retry->account->loop,
                         retry->outage_ms - away_ms(retry), on_patience, retry);
}

/* Nobody waits any longer, whether for a pause, a probe or its answer. */
static void on_patience(void *user)
{
  signet_retry *retry = user;
  bool asked = retry->breaker.asking;
  retry->patience = NULL;
  if (retry->steps == 0) {
    retry->away_since = -1; /* nobody has asked since */
    return;
  }
  if (away_ms(retry) < retry->outage_ms) {
    be_patient(retry); /* the service asked for a pause meanwhile */
    return;
  }
  signet_breaker_stop(retry);
  close_breaker(retry);
  spend(retry);
  if (asked)
    retry->breaker.told(retry, false);
}

static void note_away(signet_retry *retry, const signet_exchange *exchange)
{
  describe(&retry->breaker, exchange);
  if (retry->away_since >= 0 || !retry->breaker.reached)
    return;
  retry->away_since = signet_loop_now(retry->account->loop);
  retry->away_asked_ms = signet_http_asked(retry->account->http);
  be_patient(retry);
}

static void note_there(signet_retry *retry)
{
  if (retry->away_since >= 0)
    signet_timer_cancel(retry->patience);
  retry->away_since = -1;
  retry->patience = NULL;
  if (retry->breaker.spent)
    signet_http_lose_patience(retry->account->http, NULL);
  retry->breaker.spent = false;
}

void signet_breaker_give_up(signet_retry *retry)
{
  signet_breaker *breaker = &retry->breaker;
  if (breaker->asking) {
    signet_breaker_stop(retry);
    retry->breaker.told(retry, true); /* the last attempts were the last */
  }
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
    breaker->failures = 0;
    breaker->reached = true;
    if (exchange->meaning == HTTP_TOO_MANY_REQUESTS) {
      note_away(retry, exchange);
      return;
    }
    retry->successes++;
    note_there(retry);
  } else if (is_failure(exchange) && !exchange->slept) {
    note_away(retry, exchange);
    if (++breaker->failures == retry->breaker_failures)
      open_breaker(retry);
  }
}

void signet_breaker_init(signet_retry *retry,
                         void (*told)(signet_retry *retry, bool there))
{
  retry->breaker = (signet_breaker){.told = told};
}

void signet_breaker_stop(signet_retry *retry)
{
  signet_breaker *breaker = &retry->breaker;
  signet_timer_cancel(breaker->timer);
  breaker->timer = NULL;
  if (breaker->probe.state != SIGNET_EXCHANGE_IDLE)
    signet_http_cancel(retry->account->http, &breaker->probe);
  breaker->asking = false;
  breaker->open = false;
}
