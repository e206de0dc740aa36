/* SPDX-License-Identifier: MIT */
#include "net/capture.h"

#include "model/clock.h"
#include "model/memory.h"
#include "net/http.h"

#include <string.h>
#include <strings.h>

enum { HEAD_MAXIMUM = 64 << 10, URL_MAXIMUM = 4096 };

int64_t signet_capture_now(void)
{
  return signet_clock_unix_us();
}

/* ---- taking it in ---- */

/* What does not fit is left out, and what could not be kept is no reason for a
 * request to fail. */
static void keep(signet_buffer *buffer, const char *data, size_t length)
{
  size_t room = buffer->maximum - buffer->length;
  if (!buffer->failed)
    signet_buffer_append(buffer, data, length < room ? length : room);
}

/* The head may come in pieces; that of a CONNECT is the proxy's. */
static int on_debug(CURL *easy, curl_infotype type, char *data, size_t length,
                    void *user)
{
  static const char tunnel[] = "CONNECT ";
  signet_capture *capture = user;
  (void)easy;
  if (capture->exchange == NULL)
    return 0;
  if (type == CURLINFO_HEADER_OUT &&
      (length < sizeof tunnel || memcmp(data, tunnel, sizeof tunnel - 1) != 0))
    keep(&capture->request_head, data, length);
  else if (type == CURLINFO_HEADER_IN)
    keep(&capture->reply_head, data, length);
  return 0;
}

static void clear(signet_capture *capture)
{
  signet_buffer_free(&capture->request_head);
  signet_buffer_free(&capture->reply_head);
  signet_buffer_free(&capture->reply_body);
}

void signet_capture_begin(signet_capture *capture,
                          const signet_watcher *watcher, CURL *easy,
                          const signet_exchange *exchange, uint64_t number)
{
  clear(capture);
  capture->exchange = exchange;
  capture->number = number;
  capture->began_us = signet_capture_now();
  capture->keeps = watcher->function != NULL && watcher->bytes > 0;
  signet_buffer_init(&capture->request_head, HEAD_MAXIMUM);
  signet_buffer_init(&capture->reply_head, HEAD_MAXIMUM);
  /* Whatever stands at the cut can be seen whole, and is redacted as such. */
  signet_buffer_init(&capture->reply_body,
                     watcher->bytes +
                         signet_redaction_longest(watcher->redaction));
  if (capture->keeps) {
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_debug);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, capture);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
  }
}

void signet_capture_body(signet_capture *capture, const char *data,
                         size_t length)
{
  if (capture->keeps && capture->exchange != NULL)
    keep(&capture->reply_body, data, length);
}

void signet_capture_free(signet_capture *capture)
{
  clear(capture);
}

/* ---- telling it ---- */

/* Headers that let in whoever knows them. */
static bool is_key(const char *line, size_t length)
{
  static const char *const names[] = {
      "authorization:", "proxy-authorization:", "cookie:", "set-cookie:"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    size_t own = strlen(names[i]);
    if (length >= own && strncasecmp(line, names[i], own) == 0)
      return true;
  }
  return false;
}

/* How somebody authenticates may be seen: "Basic". */
static size_t skip_scheme(const char *line, size_t at, size_t length)
{
  static const char scheme[] = " Basic ";
  size_t own = sizeof scheme - 1;
  bool basic = length - at > own && strncasecmp(line + at, scheme, own) == 0;
  return basic ? at + own : at;
}

static void hide_value(char *line, size_t length)
{
  size_t at = (size_t)((char *)memchr(line, ':', length) - line) + 1;
  at = skip_scheme(line, at, length);
  for (; at < length && line[at] != '\r'; at++)
    if (line[at] != ' ')
      line[at] = '*';
}

/* A line that begins with a space goes on with the one before it. */
static void redact_head(const signet_redaction *redaction, signet_buffer *head)
{
  bool hidden = false;
  for (size_t at = 0; at < head->length;) {
    char *line = head->data + at;
    char *end = memchr(line, '\n', head->length - at);
    size_t length = end != NULL ? (size_t)(end - line) : head->length - at;
    bool folded = length > 0 && (line[0] == ' ' || line[0] == '\t');
    if (!folded)
      hidden = is_key(line, length);
    if (hidden && folded)
      memset(line, '*', length);
    else if (hidden)
      hide_value(line, length);
    at += length + 1;
  }
  if (head->length > 0)
    signet_redact(redaction, head->data, head->length);
}

static int64_t number_of(CURL *easy, CURLINFO info)
{
  curl_off_t number = 0;
  curl_easy_getinfo(easy, info, &number);
  return number;
}

/* libcurl counts each moment from the beginning. */
static void take_times(signet_trace_times *times, CURL *easy)
{
  long fresh = 0;
  int64_t resolved = number_of(easy, CURLINFO_NAMELOOKUP_TIME_T);
  int64_t connected = number_of(easy, CURLINFO_CONNECT_TIME_T);
  int64_t secured = number_of(easy, CURLINFO_APPCONNECT_TIME_T);
  int64_t ready = number_of(easy, CURLINFO_PRETRANSFER_TIME_T);
  int64_t first = number_of(easy, CURLINFO_STARTTRANSFER_TIME_T);
  curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &fresh);
  times->total = number_of(easy, CURLINFO_TOTAL_TIME_T);
  times->resolve = fresh > 0 && resolved > 0 ? resolved : -1;
  times->connect = -1;
  times->tls = -1;
  if (fresh > 0 && connected > 0)
    times->connect = (secured > 0 ? secured : connected) - resolved;
  if (fresh > 0 && secured > 0)
    times->tls = secured - connected;
  times->wait = first > 0 ? first - ready : -1;
  times->receive = first > 0 ? times->total - first : -1;
}

static const char *protocol_of(CURL *easy)
{
  long version = 0;
  curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
  switch (version) {
  case CURL_HTTP_VERSION_1_0:
    return "HTTP/1.0";
  case CURL_HTTP_VERSION_1_1:
    return "HTTP/1.1";
  case CURL_HTTP_VERSION_2_0:
    return "HTTP/2";
  default:
    return "";
  }
}

static void take_connection(signet_trace *trace, CURL *easy)
{
  char *address = NULL;
  long port = 0;
  curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &address);
  curl_easy_getinfo(easy, CURLINFO_PRIMARY_PORT, &port);
  trace->address = address != NULL ? address : "";
  trace->port = (int)port;
  trace->protocol = protocol_of(easy);
}

/* The request's body as far as it is told; NULL: there is none, or no memory.
 */
static char *copy_body(const signet_watcher *watcher,
                       const signet_exchange *exchange, size_t *length)
{
  size_t whole = exchange->body != NULL ? exchange->body_length : 0;
  size_t enough = watcher->bytes + signet_redaction_longest(watcher->redaction);
  size_t taken = whole < enough ? whole : enough;
  char *copy = taken > 0 ? signet_memory_text(exchange->body, taken) : NULL;
  *length = 0;
  if (copy == NULL)
    return NULL;
  signet_redact(watcher->redaction, copy, taken);
  *length = taken < watcher->bytes ? taken : watcher->bytes;
  copy[*length] = '\0';
  return copy;
}

static const char *text_of(signet_buffer *buffer, size_t most, size_t *length)
{
  *length = buffer->length < most ? buffer->length : most;
  if (buffer->data == NULL)
    return "";
  buffer->data[*length] = '\0';
  return buffer->data;
}

static void take_bytes(signet_capture *capture, const signet_watcher *watcher,
                       signet_trace *trace)
{
  redact_head(watcher->redaction, &capture->request_head);
  redact_head(watcher->redaction, &capture->reply_head);
  if (capture->reply_body.length > 0)
    signet_redact(watcher->redaction, capture->reply_body.data,
                  capture->reply_body.length);
  trace->request_head = text_of(&capture->request_head, HEAD_MAXIMUM,
                                &trace->request_head_length);
  trace->reply_head =
      text_of(&capture->reply_head, HEAD_MAXIMUM, &trace->reply_head_length);
  trace->reply_body =
      text_of(&capture->reply_body, watcher->bytes, &trace->reply_body_length);
}

void signet_capture_report(signet_capture *capture,
                           const signet_watcher *watcher, CURL *easy)
{
  const signet_exchange *exchange = capture->exchange;
  char url[URL_MAXIMUM];
  size_t base = strlen(watcher->base_url);
  signet_trace trace = {.version = SIGNET_TRACE_VERSION,
                        .number = capture->number,
                        .attempt = exchange->attempt + 1,
                        .method = exchange->method,
                        .url = url,
                        .path = url + base,
                        .status = exchange->status,
                        .problem = exchange->problem,
                        .began_us = capture->began_us,
                        .bytes = exchange->bytes,
                        .request_bytes = exchange->body_length};
  memcpy(url, watcher->base_url, base); /* it fitted when it was sent */
  memcpy(url + base, exchange->path, strlen(exchange->path) + 1);
  signet_redact(watcher->redaction, url + base, strlen(url + base));
  trace.sends = exchange->sent ? 1 : 0;
  trace.encoded_bytes = number_of(easy, CURLINFO_SIZE_DOWNLOAD_T);
  take_times(&trace.times, easy);
  trace.times.queued =
      exchange->queued_us > 0 ? capture->began_us - exchange->queued_us : -1;
  take_connection(&trace, easy);
  take_bytes(capture, watcher, &trace);
  char *body = copy_body(watcher, exchange, &trace.request_body_length);
  trace.request_body = body != NULL ? body : "";
  watcher->function(watcher->user, &trace);
  signet_memory_free(body);
}
