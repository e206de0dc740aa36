/* SPDX-License-Identifier: MIT */
/* http://www.softwareishard.com/blog/har-12-spec/ */
#include "host/output/har_entry.h"

#include "host/output/json.h"
#include "model/text.h"
#include "net/base64.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* --- values --- */

static void put(json_object *object, const char *name, json_object *value)
{
  (void)json_object_object_add(object, name, value);
}

static void put_text(json_object *object, const char *name, const char *text)
{
  put(object, name, json_object_new_string(text));
}

static void put_number(json_object *object, const char *name, int64_t number)
{
  put(object, name, json_object_new_int64(number));
}

/* Milliseconds, to the microsecond; -1: does not apply. */
static void put_time(json_object *object, const char *name, int64_t us)
{
  char text[32];

  if (us < 0) {
    put_number(object, name, -1);
    return;
  }
  (void)snprintf(text, sizeof text, "%.3f", (double)us / 1000);
  put(object, name, json_object_new_double_s((double)us / 1000, text));
}

/* --- heads --- */

/* A head: its first line, then the rest of it. */
struct head {
  const char *first;
  size_t first_length;
  const char *rest;
  size_t rest_length;
  size_t length; /* of all of it; 0: there is none */
};

static size_t line_length(const char *text, size_t length)
{
  const char *end = memchr(text, '\n', length);

  return end != NULL ? (size_t)(end - text) + 1 : length;
}

static size_t trimmed(const char *line, size_t length)
{
  while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r' ||
                        line[length - 1] == ' '))
    length--;
  return length;
}

/* The last head of a reply: those of 1xx come before it. */
static size_t last_head(const char *text, size_t length)
{
  size_t found = 0;

  for (size_t at = 0; at < length; at += line_length(text + at, length - at))
    if (length - at > 5 && memcmp(text + at, "HTTP/", 5) == 0)
      found = at;
  return found;
}

static struct head head_of(const char *text, size_t length)
{
  struct head head = {.first = text, .length = length};
  size_t line = line_length(text, length);

  head.first_length = trimmed(text, line);
  head.rest = text + line;
  head.rest_length = length - line;
  return head;
}

static void add_header(json_object *headers, const char *line, size_t length)
{
  const char *colon = memchr(line, ':', length);
  json_object *header;
  size_t name, from;

  if (colon == NULL)
    return;
  name = (size_t)(colon - line);
  from = name + 1;
  while (from < length && (line[from] == ' ' || line[from] == '\t'))
    from++;
  header = json_object_new_object();
  signet_host_json_text(header, "name", line, name);
  signet_host_json_text(header, "value", line + from, length - from);
  (void)json_object_array_add(headers, header);
}

/* Only the first of several requests that libcurl sent by itself. */
static json_object *headers_of(const struct head *head, bool one_only)
{
  json_object *headers = json_object_new_array();

  for (size_t at = 0; at < head->rest_length;) {
    const char *line = head->rest + at;
    size_t whole = line_length(line, head->rest_length - at);
    size_t length = trimmed(line, whole);

    if (length == 0 && one_only)
      break;
    add_header(headers, line, length);
    at += whole;
  }
  return headers;
}

/* The value of a header; NULL: it isn't there. Borrowed. */
static const char *header_value(json_object *headers, const char *wanted)
{
  size_t count = json_object_array_length(headers);

  for (size_t i = 0; i < count; i++) {
    json_object *header = json_object_array_get_idx(headers, i);
    json_object *name = json_object_object_get(header, "name");

    if (strcasecmp(json_object_get_string(name), wanted) == 0)
      return json_object_get_string(json_object_object_get(header, "value"));
  }
  return NULL;
}

/* --- the request --- */

static json_object *query_of(const char *path)
{
  json_object *query = json_object_new_array();
  const char *part = strchr(path, '?');

  while (part != NULL && part[1] != '\0') {
    size_t length = strcspn(part + 1, "&");
    size_t name = strcspn(part + 1, "=&");
    json_object *pair = json_object_new_object();

    signet_host_json_text(pair, "name", part + 1, name);
    signet_host_json_text(pair, "value", part + 1 + name + (name < length),
                          length - name - (name < length));
    (void)json_object_array_add(query, pair);
    part = part[1 + length] == '&' ? part + 1 + length : NULL;
  }
  return query;
}

static void put_cut(json_object *object, size_t shown, uint64_t whole)
{
  char comment[96];

  if (shown >= whole)
    return;
  (void)snprintf(comment, sizeof comment,
                 "the first %zu of %" PRIu64 " bytes; the rest was not kept",
                 shown, whole);
  put_text(object, "comment", comment);
}

static json_object *post_data(const signet_trace *trace, json_object *headers)
{
  json_object *data = json_object_new_object();
  const char *type = header_value(headers, "Content-Type");

  put_text(data, "mimeType", type != NULL ? type : "");
  signet_host_json_text(data, "text", trace->request_body,
                        trace->request_body_length);
  put_cut(data, trace->request_body_length, trace->request_bytes);
  return data;
}

static json_object *request_of(const signet_trace *trace)
{
  json_object *request = json_object_new_object();
  struct head head = head_of(trace->request_head, trace->request_head_length);
  json_object *headers = headers_of(&head, true);

  put_text(request, "method", trace->method);
  signet_host_json_text(request, "url", trace->url, strlen(trace->url));
  put_text(request, "httpVersion",
           *trace->protocol != '\0' ? trace->protocol : "HTTP/1.1");
  put(request, "cookies", json_object_new_array());
  put(request, "headers", headers);
  put(request, "queryString", query_of(trace->path));
  if (trace->request_bytes > 0)
    put(request, "postData", post_data(trace, headers));
  put_number(request, "headersSize",
             trace->sends == 1 ? (int64_t)head.length : -1);
  put_number(request, "bodySize", (int64_t)trace->request_bytes);
  return request;
}

/* --- the reply --- */

/* Without the part of a character that a cut left over. */
static size_t whole_characters(const signet_trace *trace)
{
  size_t length = trace->reply_body_length;

  for (size_t less = 0; less < 4 && less <= length; less++)
    if (signet_utf8_valid(trace->reply_body, length - less))
      return (int64_t)length < trace->bytes ? length - less : length;
  return length;
}

static void put_content_text(json_object *content, const char *text,
                             size_t length)
{
  char *encoded;

  if (signet_utf8_valid(text, length)) {
    put(content, "text", json_object_new_string_len(text, (int)length));
    return;
  }
  encoded = malloc(signet_base64_length(length) + 1);
  if (encoded != NULL) {
    signet_base64_encode(text, length, encoded);
    put_text(content, "text", encoded);
    put_text(content, "encoding", "base64");
  }
  free(encoded);
}

static json_object *content_of(const signet_trace *trace, json_object *headers)
{
  json_object *content = json_object_new_object();
  const char *type = header_value(headers, "Content-Type");
  size_t length = whole_characters(trace);

  put_number(content, "size", trace->bytes);
  put_text(content, "mimeType", type != NULL ? type : "");
  if (trace->bytes > 0) {
    put_content_text(content, trace->reply_body, length);
    put_cut(content, length, (uint64_t)trace->bytes);
  }
  return content;
}

/* "OK" of "HTTP/1.1 200 OK". */
static size_t reason_of(const struct head *head, const char **reason)
{
  const char *text = head->first;
  size_t length = head->first_length;

  for (int word = 0; word < 2 && text != NULL; word++) {
    const char *space = memchr(text, ' ', length);

    length -= space != NULL ? (size_t)(space - text) + 1 : 0;
    text = space != NULL ? space + 1 : NULL;
  }
  *reason = text != NULL ? text : "";
  return text != NULL ? length : 0;
}

/* Chromium writes _error, but shows what it reads without it: no reply at all
 * as "Finished", half of one as a whole. The status text is shown by all. */
static void put_status_text(json_object *reply, const struct head *head,
                            const char *problem)
{
  const char *reason;
  size_t length = reason_of(head, &reason);
  size_t size = length + strlen(problem) + sizeof " (failed) ";
  char *text;

  if (*problem == '\0') {
    signet_host_json_text(reply, "statusText", reason, length);
    return;
  }
  put_text(reply, "_error", problem);
  text = malloc(size);
  if (text != NULL) {
    memcpy(text, reason, length);
    length += (size_t)snprintf(text + length, size - length, "%s(failed) %s",
                               length > 0 ? " " : "", problem);
    signet_host_json_text(reply, "statusText", text, length);
  }
  free(text);
}

static json_object *reply_of(const signet_trace *trace)
{
  json_object *reply = json_object_new_object();
  size_t from = last_head(trace->reply_head, trace->reply_head_length);
  struct head head =
      head_of(trace->reply_head + from, trace->reply_head_length - from);
  json_object *headers = headers_of(&head, false);
  const char *location = header_value(headers, "Location");

  put_number(reply, "status", trace->status);
  put_status_text(reply, &head, trace->problem);
  put_text(reply, "httpVersion", trace->protocol);
  put(reply, "cookies", json_object_new_array());
  put(reply, "headers", headers);
  put(reply, "content", content_of(trace, headers));
  put_text(reply, "redirectURL", location != NULL ? location : "");
  put_number(reply, "headersSize", head.length > 0 ? (int64_t)head.length : -1);
  put_number(reply, "bodySize", trace->encoded_bytes);
  put_number(reply, "_transferSize",
             (int64_t)trace->reply_head_length + trace->encoded_bytes);
  return reply;
}

/* --- the entry --- */

static int64_t known(int64_t time)
{
  return time > 0 ? time : 0;
}

/* The moment at which a request went to wait for its turn, in whole
 * milliseconds, since browsers read no more: what was cut off of it counts as
 * waiting, so that requests begin where they began, in their order. */
static int64_t start_of(const signet_trace *trace)
{
  int64_t start = trace->began_us - known(trace->times.queued);

  return start - start % 1000;
}

/* Never 0: Chromium takes a request without a moment before it for one that was
 * held up until its reply came. */
static int64_t blocked_of(const signet_trace *trace)
{
  int64_t blocked = trace->began_us - start_of(trace);

  return blocked > 0 ? blocked : 1;
}

/* What is not known of the parts belongs to waiting, so that their sum is the
 * whole, as the format has it. All of `blocked` but that moment was spent in
 * the queue, which Chromium shows apart from the request. */
static json_object *timings_of(const signet_trace *trace)
{
  const signet_trace_times *times = &trace->times;
  json_object *timings = json_object_new_object();
  int64_t blocked = blocked_of(trace);
  int64_t rest = times->total - known(times->resolve) - known(times->connect) -
                 known(times->receive);

  put_time(timings, "blocked", blocked);
  put_time(timings, "_blocked_queueing", blocked - 1);
  put_time(timings, "dns", times->resolve);
  put_time(timings, "connect", times->connect);
  put_time(timings, "ssl", times->tls);
  put_time(timings, "send", 0);
  put_time(timings, "wait", known(rest));
  put_time(timings, "receive", known(times->receive));
  return timings;
}

static void put_moment(json_object *entry, const char *name, int64_t us)
{
  time_t seconds = (time_t)(us / 1000000);
  struct tm parts;
  char text[40], whole[48];

  (void)gmtime_r(&seconds, &parts);
  (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  (void)snprintf(whole, sizeof whole, "%s.%03dZ", text,
                 (int)(us % 1000000 / 1000));
  put_text(entry, name, whole);
}

/* Browsers take `connection`, which may name it by its port, for the server's
 * port, and 80 where it isn't there. */
static void put_server(json_object *entry, const signet_trace *trace)
{
  char port[16];

  if (*trace->address != '\0')
    put_text(entry, "serverIPAddress", trace->address);
  if (trace->port > 0) {
    (void)snprintf(port, sizeof port, "%d", trace->port);
    put_text(entry, "connection", port);
  }
}

json_object *signet_host_har_entry(const signet_trace *trace)
{
  json_object *entry = json_object_new_object();

  if (entry == NULL)
    return NULL;
  put_moment(entry, "startedDateTime", start_of(trace));
  put_time(entry, "time", blocked_of(trace) + known(trace->times.total));
  put(entry, "request", request_of(trace));
  put(entry, "response", reply_of(trace));
  put(entry, "cache", json_object_new_object());
  put(entry, "timings", timings_of(trace));
  put_server(entry, trace);
  put_text(entry, "_resourceType", "fetch");
  put_number(entry, "_attempt", trace->attempt);
  put_number(entry, "_sends", trace->sends);
  return entry;
}
