/* SPDX-License-Identifier: MIT */
#include "net/http.h"

#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "net/alarm.h"
#include "net/authorization.h"
#include "net/loop.h"
#include "net/post.h"
#include "net/transfer.h"

#include <stdio.h>
#include <string.h>

/* A longer reply says little about how long the next one will take. */
enum { ORDINARY_BYTES = 64 << 10, NS_PER_MS = 1000000 };

static void start_queued(void *user);

/* ---- setting up ---- */

static bool add_header(struct curl_slist **list, const char *header)
{
  struct curl_slist *longer = curl_slist_append(*list, header);
  if (longer != NULL)
    *list = longer;
  return longer != NULL;
}

/* As few as can be: libcurl searches the list a dozen times a request. */
static bool make_headers(signet_http *http)
{
  return add_header(&http->headers, http->authorization) &&
         add_header(&http->body_headers, http->authorization) &&
         add_header(&http->body_headers, "Content-Type: application/json");
}

static void wipe_headers(struct curl_slist *list)
{
  for (struct curl_slist *item = list; item != NULL; item = item->next)
    signet_memory_wipe(item->data, strlen(item->data));
  curl_slist_free_all(list);
}

static bool set_up(signet_http *http, const signet_http_options *options)
{
  http->authorization =
      signet_authorization_header(options->key, options->secret);
  http->redaction = signet_redaction_new();
  if (http->redaction == NULL ||
      !signet_redaction_add(http->redaction, options->secret) ||
      !signet_redaction_add(http->redaction,
                            options->connection.proxy_password) ||
      !signet_redaction_add(http->redaction,
                            options->connection.client_key_password))
    return false;
  http->watcher.redaction = http->redaction;
  http->watcher.base_url = http->base.text;
  size_t count = options->concurrency > 0 ? options->concurrency : 1;
  http->transfers = signet_memory_zeroed(count, sizeof http->transfers[0]);
  if (http->authorization == NULL || http->transfers == NULL ||
      !make_headers(http))
    return false;
  http->transfer_count = count;
  for (size_t i = count; i > 0; i--) {
    http->transfers[i - 1].http = http;
    http->transfers[i - 1].next = http->free_transfers;
    http->free_transfers = &http->transfers[i - 1];
  }
  http->checks_heads = signet_transfer_must_check_heads();
  return true;
}

static void init_pacer(signet_http *http, const signet_http_options *options)
{
  const signet_pacer_options pacer = {
      .concurrency = options->concurrency > 0 ? options->concurrency : 1,
      .rate = options->rate,
      .read_rate = options->read_rate,
      .write_rate = options->write_rate,
      .pace = options->pace,
  };
  signet_pacer_init(&http->pacer, &pacer, signet_clock_boot_ns());
}

signet_http *signet_http_new(signet_loop *loop,
                             const signet_http_options *options,
                             signet_error *error)
{
  if (!signet_authorization_check(options->key, options->secret, error))
    return NULL;
  signet_http *http = signet_memory_zeroed(1, sizeof *http);
  if (http == NULL) {
    signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
    return NULL;
  }
  http->loop = loop;
  http->timeouts = (signet_timeouts){
      .connect_ms = options->connect_timeout_ms,
      .total_ms = options->timeout_ms,
      .low_speed = options->low_speed,
      .low_speed_ms = options->low_speed_ms,
  };
  http->max_reply_bytes = options->max_reply_bytes;
  http->max_header_bytes = options->max_header_bytes;
  http->start_post.function = start_queued;
  http->start_post.user = http;
  http->alarm = (signet_alarm){.function = start_queued, .user = http};
  signet_pause_init(&http->pause, loop, start_queued, http);
  init_pacer(http, options);
  if (!signet_base_url_parse(options->base_url, &http->base, error) ||
      !signet_connection_init(&http->connection, &options->connection,
                              &http->base, error)) {
    signet_http_free(http);
    return NULL;
  }
  if (!set_up(http, options)) {
    signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
    signet_http_free(http);
    return NULL;
  }
  return http;
}

void signet_http_free(signet_http *http)
{
  if (http == NULL)
    return;
  signet_timer_cancel(http->pacer_timer);
  signet_timer_cancel(http->speed_timer);
  signet_alarm_end(http->loop, &http->alarm);
  signet_pause_stop(&http->pause);
  signet_loop_unpost(http->loop, &http->start_post);
  for (size_t i = 0; i < http->transfer_count; i++) {
    curl_easy_cleanup(http->transfers[i].easy);
    signet_capture_free(&http->transfers[i].capture);
  }
  signet_memory_free(http->transfers);
  wipe_headers(http->headers);
  wipe_headers(http->body_headers);
  if (http->authorization != NULL)
    signet_memory_wipe(http->authorization, strlen(http->authorization));
  signet_memory_free(http->authorization);
  signet_connection_free(&http->connection);
  signet_redaction_free(http->redaction);
  signet_base_url_free(&http->base);
  signet_memory_free(http);
}

const char *signet_http_url(const signet_http *http)
{
  return http->base.text;
}

uint64_t signet_http_requests(const signet_http *http)
{
  return http->requests;
}

static void release(signet_transfer *transfer, bool whole)
{
  signet_http *http = transfer->http;
  signet_transfer_end(transfer, whole);
  transfer->exchange = NULL;
  transfer->next = http->free_transfers;
  http->free_transfers = transfer;
  if (!signet_backlog_is_empty(&http->backlog))
    signet_loop_post_early(http->loop, &http->start_post);
}

static void finish(signet_transfer *transfer, bool whole)
{
  signet_exchange *exchange = transfer->exchange;
  exchange->state = SIGNET_EXCHANGE_IDLE;
  exchange->transfer = NULL;
  release(transfer, whole);
  exchange->done(exchange->user);
}

static void tell_pacer(const signet_transfer *transfer)
{
  const signet_exchange *exchange = transfer->exchange;
  const signet_pacer_reply reply = {
      .began_ns = transfer->began_ns,
      .status = exchange->meaning,
      .failed =
          !exchange->slept && (exchange->failure == SIGNET_EXCHANGE_NETWORK ||
                               exchange->failure == SIGNET_EXCHANGE_TIMED_OUT),
      .write = signet_exchange_writes(exchange),
      .ordinary = exchange->bytes <= ORDINARY_BYTES,
  };
  signet_pacer_end(&transfer->http->pacer, &reply, signet_clock_boot_ns());
}

static void heed(signet_transfer *transfer)
{
  signet_exchange *exchange = transfer->exchange;
  exchange->meaning = exchange->status;
  if (exchange->failure == SIGNET_EXCHANGE_COMPLETE && exchange->judge != NULL)
    exchange->meaning = exchange->judge(exchange->user);
  const signet_pause_reply reply = {
      .status = exchange->status,
      .meaning = exchange->meaning,
      .retry_after_ms = exchange->retry_after_ms,
      .began_ms = transfer->began_ns / NS_PER_MS,
  };
  signet_pause_heed(&transfer->http->pause, &reply);
}

/* What there is to know of a transfer has been read. */
static void end(signet_transfer *transfer)
{
  heed(transfer);
  tell_pacer(transfer);
  signet_transfer_report(transfer);
  finish(transfer, transfer->exchange->failure == SIGNET_EXCHANGE_COMPLETE);
}

static void on_ended(void *user, CURLcode code)
{
  signet_transfer *transfer = user;
  signet_transfer_read(transfer);
  if (code != CURLE_OK)
    signet_transfer_fail(transfer, code);
  else
    signet_transfer_check(transfer);
  end(transfer);
}

/* ---- how fast it is ---- */

static void look_at_speed(signet_http *http);

static void end_slow(signet_transfer *transfer)
{
  signet_transfer_read(transfer);
  signet_transfer_fail_slow(transfer);
  curl_multi_remove_handle(signet_loop_multi(transfer->http->loop),
                           transfer->easy);
  end(transfer);
}

/* What a transfer's end starts in its slot began after `now`. */
static void on_speed_timer(void *user)
{
  signet_http *http = user;
  int64_t now = signet_clock_boot_ns();
  bool busy = false;
  http->speed_timer = NULL;
  for (size_t i = 0; i < http->transfer_count; i++) {
    signet_transfer *transfer = &http->transfers[i];
    if (transfer->exchange == NULL)
      continue;
    busy = true;
    if (transfer->began_ns < now &&
        signet_speed_look(&transfer->speed, &http->timeouts, transfer->easy,
                          now))
      end_slow(transfer);
  }
  if (busy)
    look_at_speed(http);
}

static void look_at_speed(signet_http *http)
{
  int64_t every_ms = signet_timeouts_look_ms(&http->timeouts);
  if (every_ms > 0 && http->speed_timer == NULL)
    http->speed_timer =
        signet_timer_start(http->loop, every_ms, on_speed_timer, http);
}

/* ---- the queue ---- */

static void begin(signet_http *http, signet_exchange *exchange)
{
  signet_transfer *transfer = http->free_transfers;
  http->free_transfers = transfer->next;
  transfer->exchange = exchange;
  exchange->transfer = transfer;
  exchange->state = SIGNET_EXCHANGE_ACTIVE;
  transfer->hook = (signet_transfer_hook){on_ended, transfer};
  transfer->began_ns = signet_clock_boot_ns();
  signet_pacer_start(&http->pacer, signet_exchange_writes(exchange),
                     transfer->began_ns);
  http->requests++;
  signet_speed_begin(&transfer->speed, transfer->began_ns);
  look_at_speed(http);
  if (signet_transfer_prepare(transfer) &&
      curl_multi_add_handle(signet_loop_multi(http->loop), transfer->easy) ==
          CURLM_OK)
    return;
  exchange->failure = SIGNET_EXCHANGE_MEMORY;
  exchange->problem = "the request could not be prepared";
  signet_pacer_end(&http->pacer, NULL, transfer->began_ns);
  finish(transfer, false);
}

static void on_pacer_timer(void *user)
{
  signet_http *http = user;
  http->pacer_timer = NULL;
  start_queued(http);
}

/* A timer where there can be no alarm, to the next millisecond. */
static void start_later(signet_http *http, int64_t wait_ns)
{
  if (signet_alarm_set(http->loop, &http->alarm, wait_ns))
    return;
  signet_timer_cancel(http->pacer_timer);
  http->pacer_timer = signet_timer_start(http->loop, 1 + wait_ns / NS_PER_MS,
                                         on_pacer_timer, http);
  if (http->pacer_timer == NULL)
    signet_loop_post(http->loop, &http->start_post);
}

/* Whether nothing may be started now; something will look again. */
static bool is_held(signet_http *http)
{
  signet_exchange *heads[2];
  signet_backlog_heads(&http->backlog, heads);
  if (http->shut && heads[0] != NULL && !heads[0]->probe)
    return true;
  bool held = !signet_backlog_is_empty(&http->backlog) &&
              signet_pause_holds(&http->pause);
  if (held && http->pause.timer == NULL)
    signet_loop_post(http->loop, &http->start_post);
  return held;
}

/* The exchange that has waited longest, of those that may start. NULL: none
 * may; @p wait_ns tells when, -1: when one has ended. */
static signet_exchange *next_allowed(signet_http *http, int64_t *wait_ns)
{
  signet_exchange *turns[2];
  signet_backlog_heads(&http->backlog, turns);
  int64_t now = signet_clock_boot_ns();
  *wait_ns = -1;
  for (size_t i = 0; i < 2 && turns[i] != NULL; i++) {
    if (http->shut && !turns[i]->probe)
      break;
    int64_t wait =
        signet_pacer_wait(&http->pacer, signet_exchange_writes(turns[i]), now);
    if (wait == 0)
      return turns[i];
    if (*wait_ns < 0 || wait < *wait_ns)
      *wait_ns = wait;
  }
  return NULL;
}

/* Nobody waits for the pause to end. */
static void end_waiting(signet_http *http)
{
  signet_exchange *heads[2];
  while (signet_backlog_heads(&http->backlog, heads), heads[0] != NULL) {
    signet_backlog_remove(&http->backlog, heads[0]);
    heads[0]->failure = SIGNET_EXCHANGE_AWAY;
    heads[0]->problem = http->away;
    heads[0]->done(heads[0]->user);
  }
}

/* Whoever waits for a turn may want to know why. */
static void tell_rate(signet_http *http)
{
  bool learned;
  double rate = signet_pacer_held(&http->pacer, &learned);
  double changed = rate - http->rate_told;
  if (http->rate_notice == NULL || rate <= 0 ||
      (changed < http->rate_told / 10 && changed > -http->rate_told / 10))
    return;
  http->rate_told = rate;
  http->rate_notice(http->rate_user, rate, learned);
}

/* What waited may have lost its reason meanwhile. */
static bool is_ready(signet_exchange *exchange)
{
  if (exchange->ready == NULL || exchange->ready(exchange->user))
    return true;
  exchange->failure = SIGNET_EXCHANGE_UNREADY;
  exchange->problem = "it was taken back before it left";
  exchange->done(exchange->user);
  return false;
}

/* Starts what may start now. */
static void start_queued(void *user)
{
  signet_http *http = user;
  if (http->away[0] != '\0' && !http->shut && signet_pause_holds(&http->pause))
    end_waiting(http);
  while (!signet_backlog_is_empty(&http->backlog) &&
         http->free_transfers != NULL && !is_held(http)) {
    int64_t wait_ns;
    signet_exchange *exchange = next_allowed(http, &wait_ns);
    if (exchange == NULL) {
      if (wait_ns >= 0) {
        start_later(http, wait_ns);
        tell_rate(http);
      }
      return;
    }
    signet_backlog_remove(&http->backlog, exchange);
    if (is_ready(exchange))
      begin(http, exchange);
  }
}

static void reset_reply(signet_exchange *exchange)
{
  exchange->failure = SIGNET_EXCHANGE_COMPLETE;
  exchange->status = 0;
  exchange->meaning = 0;
  exchange->sent = false;
  exchange->slept = false;
  exchange->queued_us = 0;
  exchange->retry_after_ms = -1;
  exchange->bytes = 0;
  exchange->began = 0;
  exchange->problem = "";
  exchange->redirect = "";
}

void signet_http_start(signet_http *http, signet_exchange *exchange)
{
  reset_reply(exchange);
  if (http->watcher.function != NULL)
    exchange->queued_us = signet_capture_now();
  signet_backlog_add(&http->backlog, exchange);
  signet_loop_post_early(http->loop, &http->start_post);
}

void signet_http_cancel(signet_http *http, signet_exchange *exchange)
{
  if (exchange->state == SIGNET_EXCHANGE_QUEUED) {
    signet_backlog_remove(&http->backlog, exchange);
  } else if (exchange->state == SIGNET_EXCHANGE_ACTIVE) {
    signet_transfer *transfer = exchange->transfer;
    signet_transfer_read(transfer);
    exchange->problem = "it was cancelled";
    signet_transfer_report(transfer);
    curl_multi_remove_handle(signet_loop_multi(http->loop), transfer->easy);
    exchange->state = SIGNET_EXCHANGE_IDLE;
    exchange->transfer = NULL;
    signet_pacer_end(&http->pacer, NULL, transfer->began_ns);
    release(transfer, false);
  }
  exchange->failure = SIGNET_EXCHANGE_CANCELLED;
}
