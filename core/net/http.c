/* SPDX-License-Identifier: MIT */
#include "net/http.h"

#include "model/error_fill.h"
#include "model/memory.h"
#include "model/text.h"
#include "net/authorization.h"
#include "net/backlog.h"
#include "net/capture.h"
#include "net/pacer.h"
#include "net/reply.h"
#include "net/timeouts.h"
#include "net/url.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
  URL_MAXIMUM = 4096,
  /* A longer reply says little about how long the next one will take. */
  ORDINARY_BYTES = 64 << 10,
};

/* A slot. */
typedef struct signet_transfer {
  signet_http *http;
  CURL *easy;
  signet_exchange *exchange; /* NULL: free */
  signet_transfer_hook hook;
  size_t body_read; /* of a POST */
  int64_t began_ns;
  size_t header_bytes; /* of the reply so far */
  signet_capture capture;
  char problem[CURL_ERROR_SIZE];
  struct signet_transfer *next; /* in the list of free slots */
} signet_transfer;

struct signet_http {
  signet_loop *loop;
  signet_base_url base;
  char *authorization; /* the whole header line */
  struct curl_slist *headers;
  struct curl_slist *body_headers;
  signet_connection connection;
  signet_redaction *redaction;
  signet_watcher watcher;
  signet_timeouts timeouts;
  bool shut; /* to all but probes */
  size_t max_reply_bytes;
  size_t max_header_bytes;
  size_t fixed_bytes; /* of a request's headers that never change */
  signet_pacer pacer;
  signet_timer *pacer_timer;
  signet_pause pause;
  signet_post start_post;
  signet_transfer *transfers;
  size_t transfer_count;
  signet_transfer *free_transfers;
  signet_backlog backlog;
  uint64_t requests;
};

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

/* The part of every request that is there whatever is asked for; what libcurl
 * adds beyond it is small against it. */
static size_t fixed_bytes(const signet_http *http)
{
  size_t bytes = strlen(" HTTP/1.1\r\n\r\n") + strlen("Host: \r\n") +
                 strlen("Accept: */*\r\n") + strlen(http->base.host);
  for (struct curl_slist *item = http->headers; item != NULL; item = item->next)
    bytes += strlen(item->data) + 2;
  return bytes;
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
  http->fixed_bytes = fixed_bytes(http);
  return true;
}

static int64_t now_ns(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
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
  signet_pacer_init(&http->pacer, &pacer, now_ns());
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

void signet_http_pause(signet_http *http, int64_t milliseconds,
                       const char *reason)
{
  signet_pause_set(&http->pause, milliseconds, reason);
}

int64_t signet_http_paused(const signet_http *http)
{
  return signet_pause_left(&http->pause);
}

void signet_http_on_pause(signet_http *http, signet_pause_notice notice,
                          void *user)
{
  http->pause.notice = notice;
  http->pause.notice_user = user;
}

void signet_http_on_trace(signet_http *http, signet_trace_fn function,
                          void *user, size_t bytes)
{
  http->watcher.function = function;
  http->watcher.user = user;
  http->watcher.bytes = bytes;
}

const signet_redaction *signet_http_redaction(const signet_http *http)
{
  return http->redaction;
}

void signet_http_shut(signet_http *http, bool shut)
{
  http->shut = shut;
  if (!shut && !signet_backlog_is_empty(&http->backlog))
    signet_loop_post_early(http->loop, &http->start_post);
}

void signet_http_change_pace(signet_http *http, signet_pace pace)
{
  signet_pacer_change(&http->pacer, pace, now_ns());
  signet_loop_post_early(http->loop, &http->start_post);
}

void signet_http_learned(const signet_http *http, signet_learned *learned)
{
  signet_pacer_learned(&http->pacer, learned);
}

void signet_http_teach(signet_http *http, const signet_learned *learned)
{
  signet_pacer_teach(&http->pacer, learned, now_ns());
}

/* ---- one transfer ---- */

/* Every line of every head of the reply: those of 1xx, trailers too. */
static size_t on_header(char *data, size_t size, size_t count, void *user)
{
  signet_transfer *transfer = user;
  size_t length = size * count;
  (void)data;
  transfer->header_bytes += length;
  if (transfer->header_bytes <= transfer->http->max_header_bytes)
    return length;
  transfer->exchange->failure = SIGNET_EXCHANGE_HEADERS_TOO_LARGE;
  return 0;
}

static size_t on_body(char *data, size_t size, size_t count, void *user)
{
  signet_transfer *transfer = user;
  signet_exchange *exchange = transfer->exchange;
  size_t length = size * count;
  if (exchange->status == 0) {
    long status = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    exchange->status = (int)status;
  }
  exchange->bytes += (int64_t)length;
  if ((uint64_t)exchange->bytes > transfer->http->max_reply_bytes) {
    exchange->failure = SIGNET_EXCHANGE_TOO_LARGE;
    return 0;
  }
  signet_capture_body(&transfer->capture, data, length);
  if (exchange->sink != NULL && !exchange->sink(exchange->user, data, length)) {
    exchange->failure = SIGNET_EXCHANGE_SINK;
    return 0;
  }
  return length;
}

/* The body of a POST. There is no seek function on purpose. */
static size_t on_read(char *data, size_t size, size_t count, void *user)
{
  signet_transfer *transfer = user;
  const signet_exchange *exchange = transfer->exchange;
  size_t room = size * count;
  size_t left = exchange->body_length - transfer->body_read;
  size_t length = left < room ? left : room;
  if (length > 0)
    memcpy(data, exchange->body + transfer->body_read, length);
  transfer->body_read += length;
  return length;
}

static void on_ended(void *user, CURLcode code);

/* What is the same for every request. */
static void set_constant_options(signet_transfer *transfer)
{
  CURL *easy = transfer->easy;
  const signet_http *http = transfer->http;
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer->hook);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->problem);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
  curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  signet_timeouts_set(&http->timeouts, easy);
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  signet_connection_apply(&http->connection, easy);
  signet_loop_adopt(http->loop, easy);
}

static void set_method(signet_transfer *transfer)
{
  const signet_exchange *exchange = transfer->exchange;
  const char *method = exchange->method;
  CURL *easy = transfer->easy;
  bool body = exchange->body != NULL;
  bool post = strcmp(method, "POST") == 0;
  bool get = strcmp(method, "GET") == 0;
  curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, get || post ? NULL : method);
  /* Compression pays for lists; small replies come as they are. */
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, get ? "gzip" : NULL);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER,
                   body ? transfer->http->body_headers
                        : transfer->http->headers);
  if (post) {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     (curl_off_t)exchange->body_length);
  } else if (body) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     (curl_off_t)exchange->body_length);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, exchange->body);
  }
}

static bool prepare(signet_transfer *transfer)
{
  char url[URL_MAXIMUM];
  signet_http *http = transfer->http;
  const signet_exchange *exchange = transfer->exchange;
  size_t base = strlen(http->base.text);
  size_t path = strlen(exchange->path);
  if (base + path >= sizeof url)
    return false;
  memcpy(url, http->base.text, base);
  memcpy(url + base, exchange->path, path + 1);
  transfer->easy = curl_easy_init();
  if (transfer->easy == NULL)
    return false;
  transfer->hook = (signet_transfer_hook){on_ended, transfer};
  set_constant_options(transfer);
  transfer->body_read = 0;
  transfer->header_bytes = 0;
  transfer->problem[0] = '\0';
  if (http->watcher.function != NULL || http->connection.tunnelled)
    signet_capture_begin(&transfer->capture, &http->watcher, transfer->easy,
                         exchange, http->requests, http->connection.tunnelled);
  set_method(transfer);
  return curl_easy_setopt(transfer->easy, CURLOPT_URL, url) == CURLE_OK;
}

/* libcurl counts what it sent for all attempts together: the headers, and the
 * body too where it went out in one piece with them. */
static bool was_resent(const signet_transfer *transfer, size_t bytes)
{
  const signet_exchange *exchange = transfer->exchange;
  size_t once = transfer->http->fixed_bytes + strlen(exchange->method) +
                strlen(exchange->path);
  if (exchange->body != NULL)
    once += strlen("Content-Type: application/json\r\nContent-Length: 1\r\n");
  size_t slack = once / 2;
  size_t whole = once + exchange->body_length;
  bool headers_once = bytes <= once + slack;
  bool whole_once = bytes + slack >= whole && bytes <= whole + slack;
  return !headers_once && !whole_once;
}

/* What is known about having been sent. Through a proxy libcurl's count holds
 * what was said to the proxy too. */
static void read_sends(signet_transfer *transfer)
{
  signet_exchange *exchange = transfer->exchange;
  long bytes = 0;
  curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &bytes);
  exchange->sent = bytes > 0;
  exchange->resent = was_resent(transfer, (size_t)bytes);
  if (transfer->http->connection.tunnelled) {
    exchange->sent = transfer->capture.sends > 0;
    exchange->resent = transfer->capture.sends > 1;
  }
}

static void read_reply(signet_transfer *transfer)
{
  signet_exchange *exchange = transfer->exchange;
  CURL *easy = transfer->easy;
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  exchange->status = (int)status;
  read_sends(transfer);
  if (status == 429 || status == 503)
    exchange->retry_after_ms = signet_reply_retry_after(easy);
  if (strcmp(exchange->method, "PUT") != 0)
    signet_reply_clock(easy, &exchange->began, &exchange->clock_offset);
  char *redirect = NULL;
  if (status >= 300 && status < 400)
    curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &redirect);
  if (redirect != NULL)
    signet_redact_escape(transfer->http->redaction, exchange->redirect,
                         sizeof exchange->redirect, redirect, strlen(redirect));
}

/* libcurl keeps at most 100 KB of one line of a head, and up to 8.5 says of
 * more that memory has run out. */
static bool is_long_line(const signet_transfer *transfer, CURLcode code)
{
  enum { TOO_LARGE = 100, ROOM = 256 << 10 };
  if ((int)code == TOO_LARGE)
    return true;
  if (code != CURLE_OUT_OF_MEMORY || !transfer->exchange->sent)
    return false;
  void *memory = signet_memory_zeroed(1, ROOM);
  signet_memory_free(memory);
  return memory != NULL;
}

/* What one of our callbacks ended. */
static const char *own_words(signet_exchange_failure failure)
{
  switch (failure) {
  case SIGNET_EXCHANGE_HEADERS_TOO_LARGE:
    return "its headers are too large";
  case SIGNET_EXCHANGE_TOO_LARGE:
    return "it is too large";
  case SIGNET_EXCHANGE_SINK:
    return "it can't be read";
  default:
    return NULL;
  }
}

static void describe_failure(signet_transfer *transfer, CURLcode code)
{
  signet_exchange *exchange = transfer->exchange;
  const char *text = transfer->problem;
  if (code == CURLE_OPERATION_TIMEDOUT)
    signet_timeouts_explain(&transfer->http->timeouts, transfer->easy,
                            transfer->problem, sizeof transfer->problem);
  if (exchange->failure == SIGNET_EXCHANGE_COMPLETE &&
      is_long_line(transfer, code))
    exchange->failure = SIGNET_EXCHANGE_HEADERS_TOO_LARGE;
  if (own_words(exchange->failure) != NULL)
    text = own_words(exchange->failure);
  else if (text[0] == '\0')
    text = curl_easy_strerror(code);
  bool refused = signet_connection_explain(
      transfer->easy, code, text, exchange->problem, sizeof exchange->problem);
  if (!refused)
    signet_redact_escape(transfer->http->redaction, exchange->problem,
                         sizeof exchange->problem, text, strlen(text));
  if (exchange->failure != SIGNET_EXCHANGE_COMPLETE)
    return; /* a callback knew better */
  if (code == CURLE_OPERATION_TIMEDOUT)
    exchange->failure = SIGNET_EXCHANGE_TIMED_OUT;
  else if (code == CURLE_OUT_OF_MEMORY)
    exchange->failure = SIGNET_EXCHANGE_MEMORY;
  else if (refused)
    exchange->failure = SIGNET_EXCHANGE_TLS;
  else
    exchange->failure = SIGNET_EXCHANGE_NETWORK;
}

static void report(signet_transfer *transfer)
{
  const signet_http *http = transfer->http;
  if (http->watcher.function != NULL && transfer->capture.exchange != NULL)
    signet_capture_report(&transfer->capture, &http->watcher, transfer->easy);
  transfer->capture.exchange = NULL;
}

/* A handle serves one exchange: a new one costs a microsecond, and libcurl
 * before 8.1.1 keeps a pointer to the last header of a handle's former reply,
 * which it has freed, and follows it where the next reply begins with a folded
 * header (curl issue 11101). The connection is kept, it is not the handle's. */
static void release(signet_transfer *transfer)
{
  signet_http *http = transfer->http;
  curl_easy_cleanup(transfer->easy);
  transfer->easy = NULL;
  transfer->exchange = NULL;
  transfer->next = http->free_transfers;
  http->free_transfers = transfer;
  if (!signet_backlog_is_empty(&http->backlog))
    signet_loop_post_early(http->loop, &http->start_post);
}

static void finish(signet_transfer *transfer)
{
  signet_exchange *exchange = transfer->exchange;
  exchange->state = SIGNET_EXCHANGE_IDLE;
  exchange->transfer = NULL;
  release(transfer);
  exchange->done(exchange->user);
}

static void tell_pacer(const signet_transfer *transfer)
{
  const signet_exchange *exchange = transfer->exchange;
  const signet_pacer_reply reply = {
      .began_ns = transfer->began_ns,
      .status = exchange->status,
      .failed = exchange->failure == SIGNET_EXCHANGE_NETWORK ||
                exchange->failure == SIGNET_EXCHANGE_TIMED_OUT,
      .write = signet_exchange_writes(exchange),
      .ordinary = exchange->bytes <= ORDINARY_BYTES,
  };
  signet_pacer_end(&transfer->http->pacer, &reply, now_ns());
}

static void on_ended(void *user, CURLcode code)
{
  signet_transfer *transfer = user;
  read_reply(transfer);
  if (code != CURLE_OK)
    describe_failure(transfer, code);
  signet_pause_heed(&transfer->http->pause, transfer->exchange->status,
                    transfer->exchange->retry_after_ms,
                    transfer->began_ns / 1000000);
  tell_pacer(transfer);
  report(transfer);
  finish(transfer);
}

/* ---- the queue ---- */

static void begin(signet_http *http, signet_exchange *exchange)
{
  signet_transfer *transfer = http->free_transfers;
  http->free_transfers = transfer->next;
  transfer->exchange = exchange;
  exchange->transfer = transfer;
  exchange->state = SIGNET_EXCHANGE_ACTIVE;
  transfer->began_ns = now_ns();
  signet_pacer_start(&http->pacer, signet_exchange_writes(exchange),
                     transfer->began_ns);
  http->requests++;
  if (prepare(transfer) && curl_multi_add_handle(signet_loop_multi(http->loop),
                                                 transfer->easy) == CURLM_OK)
    return;
  exchange->failure = SIGNET_EXCHANGE_MEMORY;
  snprintf(exchange->problem, sizeof exchange->problem,
           "the request could not be prepared");
  signet_pacer_end(&http->pacer, NULL, transfer->began_ns);
  finish(transfer);
}

static void on_pacer_timer(void *user)
{
  signet_http *http = user;
  http->pacer_timer = NULL;
  start_queued(http);
}

static void start_later(signet_http *http, int64_t wait_ms)
{
  signet_timer_cancel(http->pacer_timer);
  http->pacer_timer =
      signet_timer_start(http->loop, wait_ms, on_pacer_timer, http);
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
 * may; @p wait_ms tells when, -1: when one has ended. */
static signet_exchange *next_allowed(signet_http *http, int64_t *wait_ms)
{
  signet_exchange *turns[2];
  signet_backlog_heads(&http->backlog, turns);
  int64_t now = now_ns();
  *wait_ms = -1;
  for (size_t i = 0; i < 2 && turns[i] != NULL; i++) {
    if (http->shut && !turns[i]->probe)
      break;
    int64_t wait =
        signet_pacer_wait(&http->pacer, signet_exchange_writes(turns[i]), now);
    if (wait == 0)
      return turns[i];
    if (*wait_ms < 0 || wait < *wait_ms)
      *wait_ms = wait;
  }
  return NULL;
}

/* Starts what may start now. */
static void start_queued(void *user)
{
  signet_http *http = user;
  while (!signet_backlog_is_empty(&http->backlog) &&
         http->free_transfers != NULL && !is_held(http)) {
    int64_t wait_ms;
    signet_exchange *exchange = next_allowed(http, &wait_ms);
    if (exchange == NULL) {
      if (wait_ms >= 0)
        start_later(http, wait_ms);
      return;
    }
    signet_backlog_remove(&http->backlog, exchange);
    begin(http, exchange);
  }
}

static void reset_reply(signet_exchange *exchange)
{
  exchange->failure = SIGNET_EXCHANGE_COMPLETE;
  exchange->status = 0;
  exchange->sent = false;
  exchange->resent = false;
  exchange->queued_us = 0;
  exchange->retry_after_ms = -1;
  exchange->bytes = 0;
  exchange->began = 0;
  exchange->problem[0] = '\0';
  exchange->redirect[0] = '\0';
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
    read_reply(transfer);
    snprintf(exchange->problem, sizeof exchange->problem, "it was cancelled");
    report(transfer);
    curl_multi_remove_handle(signet_loop_multi(http->loop), transfer->easy);
    exchange->state = SIGNET_EXCHANGE_IDLE;
    exchange->transfer = NULL;
    signet_pacer_end(&http->pacer, NULL, transfer->began_ns);
    release(transfer);
  }
  exchange->failure = SIGNET_EXCHANGE_CANCELLED;
}
