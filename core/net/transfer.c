/* SPDX-License-Identifier: MIT */
#include "net/transfer.h"

#include "model/memory.h"
#include "net/explain.h"
#include "net/reply.h"
#include "net/socket.h"

#include <stdio.h>
#include <string.h>

enum { URL_MAXIMUM = 4096 };

/* Follows the head of the reply line by line, up to the end of the last one:
 * those of 1xx come before. Each begins with a line that is no header, however
 * it is written. */
static void follow_head(signet_transfer *transfer, const char *line)
{
  long status = 0;
  if (line[0] != '\r' && line[0] != '\n') {
    transfer->has_header = transfer->has_header || transfer->begun;
    transfer->begun = true;
    return;
  }
  transfer->begun = false;
  curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
  if (status == 101 || status >= 200)
    transfer->headed = true;
}

/* Every line of every head of the reply: those of 1xx, trailers too. */
static size_t on_header(char *data, size_t size, size_t count, void *user)
{
  signet_transfer *transfer = user;
  size_t length = size * count;
  if (!transfer->headed && length > 0)
    follow_head(transfer, data);
  transfer->header_bytes += length;
  if (transfer->header_bytes <= transfer->http->max_header_bytes)
    return length;
  transfer->exchange->failure = SIGNET_EXCHANGE_HEADERS_TOO_LARGE;
  return 0;
}

/* The lines of the head come here before libcurl looks at them. */
static size_t check_line(signet_transfer *transfer, const char *data,
                         size_t length)
{
  transfer->folded = !transfer->has_header && length > 0 &&
                     (data[0] == ' ' || data[0] == '\t');
  return transfer->folded ? 0 : length;
}

static size_t on_body(char *data, size_t size, size_t count, void *user)
{
  signet_transfer *transfer = user;
  signet_exchange *exchange = transfer->exchange;
  size_t length = size * count;
  if (!transfer->headed && transfer->http->checks_heads)
    return check_line(transfer, data, length);
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

/* Called before each sending of the request, the first and those that libcurl
 * decides on by itself: these are stopped. */
static int on_sending(void *user, char *address, char *own_address, int port,
                      int own_port)
{
  signet_transfer *transfer = user;
  (void)address;
  (void)own_address;
  (void)port;
  (void)own_port;
  transfer->stopped = transfer->sending;
  transfer->sending = true;
  if (!transfer->stopped && transfer->exchange->leaves != NULL)
    transfer->exchange->leaves(transfer->exchange->user);
  return transfer->stopped ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

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
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_sending);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  signet_timeouts_set(&http->timeouts, easy);
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  if (http->checks_heads)
    curl_easy_setopt(easy, CURLOPT_HEADER, 1L); /* to on_body() too */
  signet_connection_apply(&http->connection, easy);
  signet_loop_adopt(http->loop, easy);
}

/* The handle outlives the call whose text names the method. */
static const char *lasting(const char *method)
{
  static const char *const methods[] = {"GET", "POST", "PUT", "DELETE"};
  for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
    if (strcmp(methods[i], method) == 0)
      return methods[i];
  return NULL;
}

static void change_method(signet_transfer *transfer, const char *method,
                          bool body)
{
  CURL *easy = transfer->easy;
  bool post = strcmp(method, "POST") == 0;
  bool get = strcmp(method, "GET") == 0;
  curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, get || post ? NULL : method);
  /* Compression pays for lists; small replies come as they are. */
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, get ? "gzip" : NULL);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER,
                   body ? transfer->http->body_headers
                        : transfer->http->headers);
  transfer->method = lasting(method);
  transfer->body = body;
}

static void set_method(signet_transfer *transfer)
{
  const signet_exchange *exchange = transfer->exchange;
  const char *method = exchange->method;
  CURL *easy = transfer->easy;
  bool body = exchange->body != NULL && strcmp(method, "GET") != 0;
  if (transfer->method == NULL || transfer->body != body ||
      strcmp(transfer->method, method) != 0)
    change_method(transfer, method, body);
  if (!body && strcmp(method, "POST") != 0)
    return;
  /* libcurl would make a POST of a GET. */
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                   (curl_off_t)exchange->body_length);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body ? exchange->body : "");
}

static bool is_alone(const signet_transfer *transfer)
{
  const signet_http *http = transfer->http;
  for (size_t i = 0; i < http->transfer_count; i++)
    if (&http->transfers[i] != transfer && http->transfers[i].exchange != NULL)
      return false;
  return signet_backlog_is_empty(&http->backlog);
}

/* Whoever only waits holds no connection. Nor does a probe: it shows that a new
 * connection works, which says nothing of its next request. What idles longer
 * than a second is closed when this one looks for a connection. */
static void set_parting(signet_transfer *transfer)
{
  enum { USUAL_AGE = 118 /* seconds: libcurl's own */ };
  const signet_exchange *exchange = transfer->exchange;
  bool parting = exchange->probe || (exchange->parting && is_alone(transfer));
  if (parting == transfer->parting)
    return;
  curl_easy_setopt(transfer->easy, CURLOPT_FORBID_REUSE, parting ? 1L : 0L);
  curl_easy_setopt(transfer->easy, CURLOPT_MAXAGE_CONN,
                   parting ? 1L : (long)USUAL_AGE);
  transfer->parting = parting;
}

bool signet_transfer_must_check_heads(void)
{
  return curl_version_info(CURLVERSION_NOW)->version_num < 0x080101;
}

bool signet_transfer_prepare(signet_transfer *transfer)
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
  if (transfer->easy == NULL) {
    transfer->easy = curl_easy_init();
    if (transfer->easy == NULL)
      return false;
    transfer->method = NULL;
    transfer->parting = false;
    set_constant_options(transfer);
  }
  transfer->headed = transfer->begun = false;
  transfer->has_header = transfer->folded = false;
  transfer->sending = transfer->stopped = false;
  transfer->header_bytes = 0;
  transfer->problem[0] = '\0';
  if (http->watcher.function != NULL)
    signet_capture_begin(&transfer->capture, &http->watcher, transfer->easy,
                         exchange, http->requests);
  set_method(transfer);
  set_parting(transfer);
  return curl_easy_setopt(transfer->easy, CURLOPT_URL, url) == CURLE_OK;
}

/* Whether anything of the request may have left. A connection that turns out to
 * be closed takes no byte of it; through a proxy libcurl counts what was said
 * to the proxy too. */
static bool was_sent(const signet_transfer *transfer)
{
  long bytes = 0;
  curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &bytes);
  return transfer->sending && bytes > 0;
}

void signet_transfer_read(signet_transfer *transfer)
{
  signet_exchange *exchange = transfer->exchange;
  CURL *easy = transfer->easy;
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  exchange->status = (int)status;
  exchange->sent = was_sent(transfer);
  exchange->undecoded = signet_reply_is_undecoded(easy, exchange->bytes);
  if (status == 400 || status == 429 || status == 503)
    exchange->retry_after_ms = signet_reply_retry_after(easy);
  curl_off_t taken_us = 0;
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &taken_us);
  exchange->taken_ms = taken_us / 1000;
  if (strcmp(exchange->method, "PUT") != 0)
    signet_reply_clock(easy, exchange->taken_ms, &exchange->began,
                       &exchange->date);
  char *redirect = NULL;
  if (status >= 300 && status < 400)
    curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &redirect);
  if (redirect == NULL)
    return;
  signet_redact_escape(transfer->http->redaction, transfer->redirect,
                       sizeof transfer->redirect, redirect, strlen(redirect));
  exchange->redirect = transfer->redirect;
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
static const char *own_words(const signet_transfer *transfer)
{
  if (transfer->folded)
    return "its first header continues none before it";
  switch (transfer->exchange->failure) {
  case SIGNET_EXCHANGE_HEADERS_TOO_LARGE:
    return "its headers are too large";
  case SIGNET_EXCHANGE_TOO_LARGE:
    return "it is too large";
  case SIGNET_EXCHANGE_SINK:
    return "it can't be read";
  default:
    if (transfer->exchange->slept)
      return "the machine slept before a reply came";
    return transfer->stopped ? "the connection was closed before a reply came"
                             : NULL;
  }
}

/* Whether it is the proxy that no connection came about to. */
static bool is_proxy_away(const signet_transfer *transfer, CURLcode code)
{
  curl_off_t connected = 0;
  if (transfer->http->connection.proxy == NULL)
    return false;
  curl_easy_getinfo(transfer->easy, CURLINFO_CONNECT_TIME_T, &connected);
  return code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_COULDNT_CONNECT ||
         (code == CURLE_OPERATION_TIMEDOUT && connected == 0);
}

/* libcurl's words; its URL has no credentials. */
static void write_sentence(signet_transfer *transfer, CURLcode code,
                           const char *text)
{
  const signet_redaction *redaction = transfer->http->redaction;
  char *out = transfer->sentence;
  size_t size = sizeof transfer->sentence;
  char proxy[120];
  size_t length = 0;
  if (is_proxy_away(transfer, code)) {
    const char *url = transfer->http->connection.proxy;
    signet_redact_escape(redaction, proxy, sizeof proxy, url, strlen(url));
    length =
        (size_t)snprintf(out, size, "the proxy %s can't be reached: ", proxy);
  }
  signet_redact_escape(redaction, out + length, size - length, text,
                       strlen(text));
}

void signet_transfer_fail(signet_transfer *transfer, CURLcode code)
{
  signet_exchange *exchange = transfer->exchange;
  const char *text = transfer->problem;
  if (code == CURLE_OPERATION_TIMEDOUT)
    signet_timeouts_explain(&transfer->http->timeouts, transfer->easy,
                            transfer->header_bytes, transfer->problem,
                            sizeof transfer->problem);
  if (exchange->failure == SIGNET_EXCHANGE_COMPLETE &&
      is_long_line(transfer, code))
    exchange->failure = SIGNET_EXCHANGE_HEADERS_TOO_LARGE;
  if (own_words(transfer) != NULL)
    text = own_words(transfer);
  else if (text[0] == '\0')
    text = curl_easy_strerror(code);
  bool refused =
      signet_connection_explain(transfer->easy, code, text, transfer->sentence,
                                sizeof transfer->sentence);
  if (!refused)
    write_sentence(transfer, code, text);
  if (refused || !exchange->sent)
    signet_connection_add_unheeded(&transfer->http->connection, refused,
                                   transfer->sentence,
                                   sizeof transfer->sentence);
  exchange->problem = transfer->sentence;
  if (exchange->failure != SIGNET_EXCHANGE_COMPLETE)
    return; /* a callback knew better */
  if (code == CURLE_OPERATION_TIMEDOUT)
    exchange->failure = SIGNET_EXCHANGE_TIMED_OUT;
  else if (code == CURLE_OUT_OF_MEMORY ||
           (code == CURLE_COULDNT_CONNECT &&
            signet_loop_starved(transfer->http->loop)))
    exchange->failure = SIGNET_EXCHANGE_MEMORY;
  else if (code == CURLE_SSL_CERTPROBLEM || code == CURLE_SSL_CACERT_BADFILE)
    exchange->failure = SIGNET_EXCHANGE_SETTINGS;
  else if (refused)
    exchange->failure = SIGNET_EXCHANGE_TLS;
  else
    exchange->failure = SIGNET_EXCHANGE_NETWORK;
}

void signet_transfer_check(signet_transfer *transfer)
{
  signet_exchange *exchange = transfer->exchange;
  if (transfer->headed)
    return;
  exchange->failure = SIGNET_EXCHANGE_NETWORK;
  exchange->problem = "the connection ended within the reply's head";
}

void signet_transfer_fail_slow(signet_transfer *transfer)
{
  signet_exchange *exchange = transfer->exchange;
  signet_speed_explain(&transfer->http->timeouts, transfer->sentence,
                       sizeof transfer->sentence);
  exchange->problem = transfer->sentence;
  exchange->failure = SIGNET_EXCHANGE_TIMED_OUT;
}

void signet_transfer_end(signet_transfer *transfer, bool whole)
{
  if (whole && !transfer->http->connection.tunnelled)
    return;
  curl_easy_cleanup(transfer->easy);
  transfer->easy = NULL;
}

void signet_transfer_report(signet_transfer *transfer)
{
  const signet_http *http = transfer->http;
  if (http->watcher.function != NULL && transfer->capture.exchange != NULL)
    signet_capture_report(&transfer->capture, &http->watcher, transfer->easy);
  transfer->capture.exchange = NULL;
}
