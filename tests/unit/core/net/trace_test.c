/* SPDX-License-Identifier: MIT */
/* What a trace function is told of requests, however they end. */
#include "canary.h"
#include "fault_server.h"
#include "signet/account.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS = 16, TEXT = 2048 };

typedef struct seen {
  signet_trace trace; /* its numbers */
  char method[8];
  char path[64];
  char problem[256];
  char request_head[TEXT];
  char request_body[TEXT];
  char reply_head[TEXT];
  char reply_body[TEXT];
} seen;

static seen events[EVENTS];
static size_t event_count;
static signet_loop *loop;
static signet_account *account;
static fault_server *server;

static void take(char *to, const char *text, size_t length)
{
  cr_assert_lt(length, TEXT);
  memcpy(to, text, length);
  to[length] = '\0';
}

static void on_trace(void *user, const signet_trace *trace)
{
  cr_assert_eq(user, &event_count);
  cr_assert_lt(event_count, EVENTS);
  seen *event = &events[event_count++];
  event->trace = *trace;
  snprintf(event->method, sizeof event->method, "%s", trace->method);
  snprintf(event->path, sizeof event->path, "%s", trace->path);
  snprintf(event->problem, sizeof event->problem, "%s", trace->problem);
  cr_expect_str_eq(trace->url + strlen(trace->url) - strlen(trace->path),
                   trace->path);
  take(event->request_head, trace->request_head, trace->request_head_length);
  take(event->request_body, trace->request_body, trace->request_body_length);
  take(event->reply_head, trace->reply_head, trace->reply_head_length);
  take(event->reply_body, trace->reply_body, trace->reply_body_length);
}

static void begin(const fault_reply *replies, size_t count, size_t bytes)
{
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  signet_error error;
  char url[64];
  server = fault_server_start(replies, count);
  loop = signet_loop_new();
  cr_assert(server != NULL && loop != NULL);
  snprintf(url, sizeof url, "http://127.0.0.1:%u", fault_server_port(server));
  options.base_url = url;
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  options.backoff_ms = 1;
  options.concurrency = 1;
  account = signet_account_open(loop, &options, &error);
  cr_assert_not_null(account, "%s", error.message);
  signet_account_on_trace(account, on_trace, &event_count, bytes);
}

static void end(void)
{
  signet_account_close(account);
  signet_loop_step(loop, 0);
  signet_loop_free(loop);
  fault_server_stop(server);
  fault_server_free(server);
}

TestSuite(trace, .timeout = 60);

#define REPLY(head, body)                                                 \
  {                                                                       \
    .data = head "\r\nConnection: keep-alive\r\n\r\n" body,               \
    .length = sizeof(head "\r\nConnection: keep-alive\r\n\r\n" body) - 1, \
    .end = FAULT_KEEP                                                     \
  }

static void request(const char *method, const char *path, const char *body)
{
  signet_call *call = signet_request(
      account, method, path, body, body != NULL ? strlen(body) : 0, NULL, NULL);
  signet_call_wait(call);
  signet_call_release(call);
}

Test(trace, one_event_a_request)
{
  static const fault_reply replies[] = {
      REPLY("HTTP/1.1 200 Fine\r\nX-One: 1\r\nContent-Length: 2", "[]"),
      REPLY("HTTP/1.1 200 OK\r\nContent-Length: 7", "{\"a\":1}")};
  begin(replies, 2, 100);
  request("GET", "/v1/one?x=y", NULL);
  request("PUT", "/v1/two", "{\"b\":2}");
  cr_assert_eq(event_count, 2);
  const seen *one = &events[0];
  cr_expect_eq(one->trace.version, SIGNET_TRACE_VERSION);
  cr_expect_eq(one->trace.number, 1);
  cr_expect_eq(one->trace.attempt, 1);
  cr_expect_eq(one->trace.sends, 1);
  cr_expect_eq(one->trace.status, 200);
  cr_expect_eq(one->trace.bytes, 2);
  cr_expect_eq(one->trace.encoded_bytes, 2);
  cr_expect_eq(one->trace.request_bytes, 0);
  cr_expect_eq(one->trace.port, fault_server_port(server));
  cr_expect_gt(one->trace.times.connect, 0);
  cr_expect_eq(one->trace.times.tls, -1);
  cr_expect_geq(one->trace.times.queued, 0);
  cr_expect_geq(one->trace.times.wait, 0);
  cr_expect_geq(one->trace.times.total,
                one->trace.times.wait + one->trace.times.receive);
  cr_expect_gt(one->trace.began_us, INT64_C(1600000000) * 1000000);
  cr_expect_str_eq(one->method, "GET");
  cr_expect_str_eq(one->path, "/v1/one?x=y");
  cr_expect_str_eq(one->problem, "");
  cr_expect_eq(strncmp(one->request_head, "GET /v1/one?x=y HTTP/1.1\r\n", 26),
               0);
  cr_expect_not_null(strstr(one->request_head, "Authorization: Basic ****"));
  cr_expect_str_eq(one->reply_head, "HTTP/1.1 200 Fine\r\nX-One: 1\r\n"
                                    "Content-Length: 2\r\n"
                                    "Connection: keep-alive\r\n\r\n");
  cr_expect_str_eq(one->reply_body, "[]");
  const seen *two = &events[1];
  cr_expect_eq(two->trace.number, 2);
  cr_expect_eq(two->trace.request_bytes, 7);
  cr_expect_str_eq(two->request_body, "{\"b\":2}");
  cr_expect_str_eq(two->reply_body, "{\"a\":1}");
  cr_expect_eq(two->trace.times.connect, -1, "the connection is the same");
  end();
}

Test(trace, attempts_are_counted)
{
  static const fault_reply replies[] = {
      REPLY("HTTP/1.1 500 No\r\nContent-Length: 0", ""),
      REPLY("HTTP/1.1 200 OK\r\nContent-Length: 2", "[]")};
  begin(replies, 2, 100);
  request("GET", "/v1/x", NULL);
  cr_assert_eq(event_count, 2);
  cr_expect_eq(events[0].trace.status, 500);
  cr_expect_eq(events[0].trace.attempt, 1);
  cr_expect_eq(events[1].trace.status, 200);
  cr_expect_eq(events[1].trace.attempt, 2);
  end();
}

Test(trace, neither_heads_nor_bodies_without_bytes)
{
  static const fault_reply replies[] = {
      REPLY("HTTP/1.1 200 OK\r\nContent-Length: 2", "[]")};
  begin(replies, 1, 0);
  request("GET", "/v1/x", NULL);
  cr_assert_eq(event_count, 1);
  cr_expect_eq(events[0].trace.status, 200);
  cr_expect_eq(events[0].trace.bytes, 2);
  cr_expect_str_eq(events[0].request_head, "");
  cr_expect_str_eq(events[0].reply_head, "");
  cr_expect_str_eq(events[0].reply_body, "");
  end();
}

/* A server that closes after it has read the second request on a connection
 * would be sent it again by libcurl, which tells nobody. */
Test(trace, each_sending_is_a_request_of_its_own)
{
  static const fault_reply replies[] = {
      REPLY("HTTP/1.1 200 OK\r\nContent-Length: 2", "[]"),
      {.data = "", .end = FAULT_CLOSE},
      REPLY("HTTP/1.1 200 OK\r\nContent-Length: 2", "[]")};
  begin(replies, 3, 100);
  request("GET", "/v1/one", NULL);
  request("GET", "/v1/two", NULL);
  cr_assert_eq(event_count, 3);
  for (size_t i = 0; i < 3; i++)
    cr_expect_eq(events[i].trace.sends, 1);
  cr_expect_eq(events[1].trace.status, 0);
  cr_expect_eq(events[2].trace.attempt, 2);
  end();
}

Test(trace, a_reply_that_never_comes_and_a_call_that_ends)
{
  static const fault_reply replies[] = {{.data = "", .end = FAULT_STALL}};
  begin(replies, 1, 100);
  signet_call *call =
      signet_request(account, "GET", "/v1/x", NULL, 0, NULL, NULL);
  signet_call *queued =
      signet_request(account, "GET", "/v1/y", NULL, 0, NULL, NULL);
  while (fault_server_requests(server) == 0)
    signet_loop_step(loop, 10);
  signet_call_cancel(call);
  cr_assert_eq(event_count, 1);
  cr_expect_eq(events[0].trace.status, 0);
  cr_expect_eq(events[0].trace.sends, 1);
  cr_expect_str_eq(events[0].problem, "it was cancelled");
  signet_call_cancel(queued);
  cr_expect_eq(event_count, 1, "what was never sent is no request");
  signet_call_release(call);
  signet_call_release(queued);
  end();
}

/* The secret straddles the cut, which takes it whole. */
Test(trace, bodies_are_cut_and_hide_what_stands_at_the_cut)
{
  static const fault_reply replies[] = {
      REPLY("HTTP/1.1 200 OK\r\nContent-Length: 33",
            "[\"12345678" CANARY_SECRET "abcd\"]")};
  begin(replies, 1, 16);
  request("POST", "/v1/x", "{\"1\":\"123456" CANARY_SECRET "\"}");
  cr_assert_eq(event_count, 1);
  cr_expect_eq(events[0].trace.bytes, 33);
  cr_expect_str_eq(events[0].reply_body, "[\"12345678******");
  cr_expect_str_eq(events[0].request_body, "{\"1\":\"123456****");
  cr_expect_eq(events[0].trace.request_bytes,
               strlen("{\"1\":\"123456" CANARY_SECRET "\"}"));
  end();
}

Test(trace, nobody_is_told_after_the_function_is_taken_back)
{
  static const fault_reply replies[] = {
      REPLY("HTTP/1.1 200 OK\r\nContent-Length: 2", "[]"),
      REPLY("HTTP/1.1 200 OK\r\nContent-Length: 2", "[]")};
  begin(replies, 2, 100);
  request("GET", "/v1/one", NULL);
  signet_account_on_trace(account, NULL, NULL, 0);
  request("GET", "/v1/two", NULL);
  cr_expect_eq(event_count, 1);
  end();
}

/* ---- heads that are unusual ---- */

Test(trace, an_old_protocol_and_none_at_all)
{
  static const fault_reply replies[] = {
      {.data = "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n[]",
       .length = sizeof "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n[]" - 1,
       .end = FAULT_CLOSE},
      {.data = "", .end = FAULT_CLOSE}};
  begin(replies, 2, 100);
  request("GET", "/v1/one", NULL);
  request("PUT", "/v1/two", "{}");
  cr_assert_eq(event_count, 2);
  cr_expect_eq(strncmp(events[0].reply_head, "HTTP/1.0 200 OK\r\n", 17), 0);
  cr_expect_eq(events[0].trace.status, 200);
  cr_expect_eq(events[1].trace.status, 0);
  cr_expect_eq(events[1].trace.sends, 1);
  cr_expect_str_eq(events[1].reply_head, "");
  cr_expect_str_neq(events[1].problem, "");
  end();
}

/* A line that goes on with a hidden one is hidden with it. */
Test(trace, what_continues_a_key_is_hidden_too)
{
  static const fault_reply replies[] = {
      REPLY("HTTP/1.1 200 OK\r\nSet-Cookie: first-part\r\n second-part\r\n"
            "\tthird-part\r\nX-One: 1\r\n  2\r\nContent-Length: 2",
            "[]")};
  begin(replies, 1, 100);
  request("GET", "/v1/one", NULL);
  cr_assert_eq(event_count, 1);
  cr_expect_null(strstr(events[0].reply_head, "-part"), "%s",
                 events[0].reply_head);
  cr_expect_not_null(strstr(events[0].reply_head, "X-One: 1"));
  end();
}

static size_t longest_head;

static void on_long(void *user, const signet_trace *trace)
{
  (void)user;
  longest_head = trace->reply_head_length;
  cr_expect_null(strstr(trace->reply_head, "key-of-somebody"));
}

/* 64 KiB of a head are told; a key that stands at the cut is hidden. */
Test(trace, a_long_head_is_cut)
{
  enum { LINES = 90, LINE = 1000 };
  static char head[LINES * (LINE + 2) + 200];
  char *to = head + sprintf(head, "HTTP/1.1 200 OK\r\n");
  for (int i = 0; i < LINES; i++) {
    int length = sprintf(to, "Set-Cookie: key-of-somebody");
    memset(to + length, 'x', (size_t)(LINE - length));
    memcpy(to + LINE, "\r\n", 2);
    to += LINE + 2;
  }
  to += sprintf(to, "Content-Length: 2\r\n\r\n[]");
  fault_reply reply = {
      .data = head, .length = (size_t)(to - head), .end = FAULT_KEEP};
  begin(&reply, 1, 100);
  signet_account_on_trace(account, on_long, NULL, 100);
  request("GET", "/v1/one", NULL);
  cr_expect_eq(longest_head, (size_t)64 << 10);
  end();
}
