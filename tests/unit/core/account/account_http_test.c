/* SPDX-License-Identifier: MIT */
/* Single replies of a service over HTTP, and what an account makes of them. */
#include "account/account.h"
#include "canary.h"
#include "fault_server.h"
#include "signet/account.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

static signet_loop *loop;
static signet_account *account;
static fault_server *server;

TestSuite(account_http, .timeout = 60);

static void begin_with(const fault_reply *replies, size_t count,
                       signet_account_options options)
{
  signet_error error;
  char url[64];
  server = fault_server_start(replies, count);
  loop = signet_loop_new();
  cr_assert(server != NULL && loop != NULL);
  snprintf(url, sizeof url, "http://127.0.0.1:%u", fault_server_port(server));
  options.base_url = url;
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  options.poll_interval_ms = 1;
  account = signet_account_open(loop, &options, &error);
  cr_assert_not_null(account, "%s", error.message);
}

static void begin(const fault_reply *replies, size_t count,
                  signet_dialect dialect, unsigned max_list)
{
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  options.dialect = dialect;
  options.attempts = 1;
  if (max_list > 0)
    options.max_list = max_list;
  begin_with(replies, count, options);
}

static void end(void)
{
  signet_account_close(account);
  signet_loop_step(loop, 0);
  signet_loop_free(loop);
  fault_server_stop(server);
}

#define REPLY(status, body)                                                  \
  {                                                                          \
    .data = "HTTP/1.1 " status "\r\nConnection: close\r\n\r\n" body,         \
    .length =                                                                \
        sizeof("HTTP/1.1 " status "\r\nConnection: close\r\n\r\n" body) - 1, \
    .end = FAULT_CLOSE                                                       \
  }
#define OK(body) REPLY("200 OK", body)
#define SIGN(id, name) \
  "{\"sign_id\":\"" id "\",\"sign_name\":\"" name "\",\"status\":1}"

static void expect(signet_call *call, signet_error_kind kind, const char *words)
{
  const signet_error *error = signet_call_wait(call);
  cr_assert_not_null(error, "%s", words);
  cr_expect_eq(error->kind, kind, "%s: %s", signet_error_kind_name(error->kind),
               error->message);
  cr_expect_not_null(strstr(error->message, words), "%s", error->message);
  cr_expect_null(signet_call_list(call));
  signet_call_release(call);
}

/* A list that could never be read is no reason to wait on. */
Test(account_http, waiting_ends_where_no_list_can_be_had)
{
  static const fault_reply replies[] = {
      OK("[" SIGN("1", "One") "]"),
      OK("[" SIGN("1", "One") "," SIGN("2", "Two") "]")};
  begin(replies, 2, SIGNET_CONFIGS, 1);
  expect(
      signet_sign_wait(account, "1", SIGNET_STATUS_APPROVED, 60000, NULL, NULL),
      SIGNET_ERROR_LIMIT, "more entries than the limit of 1");
  end();
  fault_server_free(server);
}

Test(account_http, waiting_goes_on_after_a_failed_list)
{
  static const fault_reply replies[] = {
      REPLY("500 Oh", "{}"), OK("no list"),
      OK("[{\"sign_id\":\"1\",\"sign_name\":\"One\",\"status\":2}]")};
  begin(replies, 3, SIGNET_CONFIGS, 0);
  signet_call *call =
      signet_sign_wait(account, "1", SIGNET_STATUS_APPROVED, 60000, NULL, NULL);
  cr_expect_null(signet_call_wait(call));
  signet_call_release(call);
  end();
  fault_server_free(server);
}

/* Whoever only waits for the next look holds no connection, its own or one that
 * others have used. */
Test(account_http, waiting_holds_no_connection)
{
#define KEPT(body)                                                        \
  {                                                                       \
    .data = "HTTP/1.1 200 OK\r\nContent-Length: 47\r\n\r\n" body,         \
    .length =                                                             \
        sizeof("HTTP/1.1 200 OK\r\nContent-Length: 47\r\n\r\n" body) - 1, \
    .end = FAULT_KEEP                                                     \
  }
  static const fault_reply replies[] = {KEPT(SIGN("1", "One") "   "),
                                        KEPT("[" SIGN("1", "One") "] ")};
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  begin_with(replies, 2, options);
  account->settings.poll_interval_ms =
      account->kinds[SIGNET_SIGN].watch.interval_ms = 60000;
  signet_call *call = signet_sign_get(account, "1", NULL, NULL);
  cr_expect_null(signet_call_wait(call));
  signet_call_release(call);
  call = signet_sign_wait(account, "1", SIGNET_STATUS_APPROVED, -1, NULL, NULL);
  while (account->kinds[SIGNET_SIGN].watch.review_due <=
         signet_loop_now(loop) + 1000)
    signet_loop_step(loop, 100);
  cr_expect_eq(fault_server_connections(server), 1);
  cr_expect(fault_server_wait_idle(server));
  signet_call_cancel(call);
  signet_call_release(call);
  end();
  fault_server_free(server);
}

Test(account_http, waiting_ends_where_credentials_are_refused)
{
  static const fault_reply replies[] = {
      REPLY("401 No", "{\"code\":2001,\"message\":\"authentication failed\"}")};
  begin(replies, 1, SIGNET_CONFIGS, 0);
  expect(
      signet_sign_wait(account, "1", SIGNET_STATUS_APPROVED, 60000, NULL, NULL),
      SIGNET_ERROR_AUTH, "authentication failed");
  end();
  fault_server_free(server);
}

#define FIVE(text) text text text text text
#define OPEN FIVE(FIVE("["))
#define CLOSE FIVE(FIVE("]"))
#define ENTRY(inside) "[{\"sign_id\":\"1\",\"x\":" inside "}]"
#define FIELDS FIVE(FIVE(FIVE("\"a\":1,")))

/* What is larger than it may be stays so when it is asked for again. */
Test(account_http, what_exceeds_a_limit_is_asked_for_once)
{
  static const fault_reply replies[] = {
      OK("{\"sign_id\":\"1\",\"x\":" OPEN "[[[[[[[]]]]]]]" CLOSE "}"),
      OK(ENTRY(OPEN "[[[[[[]]]]]]" CLOSE)),
      OK("[{" FIELDS FIELDS FIELDS "\"a\":1}]"),
      OK("[" OPEN "[[[[[[[]]]]]]]" CLOSE "]")};
  static const char deep[] = "nested deeper than 32 levels";
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  options.backoff_ms = 1;
  begin_with(replies, 4, options);
  expect(signet_sign_get(account, "1", NULL, NULL), SIGNET_ERROR_LIMIT, deep);
  expect(signet_sign_list(account, NULL, NULL, NULL), SIGNET_ERROR_LIMIT, deep);
  expect(signet_sign_list(account, NULL, NULL, NULL), SIGNET_ERROR_LIMIT,
         "more than 256 fields");
  expect(signet_request(account, "GET", "/x", NULL, 0, NULL, NULL),
         SIGNET_ERROR_LIMIT, deep);
  cr_expect_eq(fault_server_requests(server), 4);
  end();
  fault_server_free(server);
}

Test(account_http, a_write_s_reply_that_is_too_deep_leaves_the_outcome_open)
{
  static const fault_reply replies[] = {
      OK("{\"code\":0,\"x\":" OPEN "[[[[[[[]]]]]]]" CLOSE "}")};
  begin(replies, 1, SIGNET_CONFIGS, 0);
  expect(signet_sign_delete(account, "1", NULL, NULL),
         SIGNET_ERROR_UNKNOWN_OUTCOME, "nested deeper than 32 levels");
  end();
  fault_server_free(server);
}

#define CODED(encoding, body) \
  REPLY("200 OK\r\nContent-Encoding: " encoding, body)

/* libcurl takes both for a reply without a body. */
Test(account_http, what_can_t_be_decoded_is_not_empty)
{
  static const fault_reply replies[] = {
      CODED("gzip", "\x1f\x8b\x08"), CODED("deflate", "x"), CODED("gzip", ""),
      REPLY("502 Oh\r\nContent-Encoding: deflate", "x")};
  static const char words[] = "nothing of it can be decoded as its "
                              "Content-Encoding says";
  begin(replies, 4, SIGNET_CONFIGS, 0);
  expect(signet_sign_list(account, NULL, NULL, NULL), SIGNET_ERROR_SERVER,
         words);
  expect(signet_sign_get(account, "1", NULL, NULL), SIGNET_ERROR_SERVER, words);
  expect(signet_sign_get(account, "1", NULL, NULL), SIGNET_ERROR_SERVER,
         "HTTP 200 with an empty reply");
  expect(signet_sign_get(account, "1", NULL, NULL), SIGNET_ERROR_SERVER, words);
  end();
  fault_server_free(server);
}

/* Where a list must be, too. */
Test(account_http, a_page_is_shown_as_it_begins)
{
  static const fault_reply replies[] = {
      OK("<html>" CANARY_SECRET "\x1b[31mNaN"), OK("null")};
  begin(replies, 2, SIGNET_CONFIGS, 0);
  expect(signet_sign_list(account, NULL, NULL, NULL), SIGNET_ERROR_SERVER,
         "HTTP 200, but the reply isn't JSON: no JSON begins like this: "
         "<html>*****************\\x1B[31mNaN");
  expect(signet_sign_list(account, NULL, NULL, NULL), SIGNET_ERROR_SERVER,
         "the reply lacks what it must hold: null");
  end();
  fault_server_free(server);
}

/* It was created; who it is, six lists can't tell. */
Test(account_http, an_id_that_can_t_be_read_back_leaves_the_outcome_open)
{
  static const fault_reply replies[] = {
      OK("{\"code\":0,\"message\":\"success\"}"),
      REPLY("500 Oh", "{}"),
      REPLY("502 Oh", "{}"),
      REPLY("503 Oh", "{}"),
      REPLY("500 Oh", "{}"),
      REPLY("502 Oh", "{}"),
      REPLY("503 Oh", "{}")};
  begin(replies, 7, SIGNET_CONFIGS, 0);
  signet_fields *fields = signet_fields_new();
  signet_fields_set_string(fields, "sign_name", "Company");
  expect(signet_sign_create(account, fields, NULL, NULL),
         SIGNET_ERROR_UNKNOWN_OUTCOME,
         "it was created, but its id could not be read back: ");
  cr_expect_eq(fault_server_requests(server), 7);
  signet_fields_free(fields);
  end();
  fault_server_free(server);
}

Test(account_http, a_name_in_a_query_is_escaped)
{
  static const fault_reply replies[] = {
      OK("{\"result\":[],\"count\":0,\"total\":0}")};
  begin(replies, 1, SIGNET_SIGNS, 0);
  signet_fields *filter = signet_fields_new();
  signet_fields_set_string(filter, "sign_name", "azAZ09-._~ /:@[`{\xc3\xa9");
  signet_call *call = signet_sign_list(account, filter, NULL, NULL);
  cr_expect_null(signet_call_wait(call));
  signet_call_release(call);
  signet_fields_free(filter);
  end();
  size_t length;
  const char *request = fault_server_request(server, 0, &length);
  cr_expect_not_null(
      strstr(request, "GET /v1/signs?sign_name=azAZ09-._~%20%2F%3A%40%5B%60"
                      "%7B%C3%A9 HTTP/1.1\r\n"),
      "%s", request);
  fault_server_free(server);
}

/* Of the older API a list is taken whole or not at all. */
Test(account_http, an_older_list_with_something_else_in_it_is_refused)
{
  static const fault_reply replies[] = {
      OK("{\"result\":[{\"sign_id\":1,\"sign_name\":\"a\"},7],\"count\":2}"),
      OK("{\"result\":{},\"count\":2}"), OK("{\"count\":\"2\"}")};
  begin(replies, 3, SIGNET_SIGNS, 0);
  for (size_t i = 0; i < 3; i++)
    expect(signet_sign_list(account, NULL, NULL, NULL), SIGNET_ERROR_SERVER,
           "lacks what it must hold");
  end();
  fault_server_free(server);
}

Test(account_http, spaces_before_a_list_are_no_part_of_it)
{
  static const fault_reply replies[] = {OK(" \r\n\t[" SIGN("1", "One") "]"),
                                        OK("  ")};
  begin(replies, 2, SIGNET_CONFIGS, 0);
  signet_call *call = signet_sign_list(account, NULL, NULL, NULL);
  cr_expect_null(signet_call_wait(call));
  cr_expect_eq(signet_list_count(signet_call_list(call)), 1);
  signet_call_release(call);
  expect(signet_sign_list(account, NULL, NULL, NULL), SIGNET_ERROR_SERVER, "");
  end();
  fault_server_free(server);
}

/* ---- options at their bounds ---- */

Test(account_http, none_counts_as_one)
{
  static const fault_reply replies[] = {REPLY("500 Oh", "{}")};
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  options.attempts = 0;
  options.concurrency = 0;
  begin_with(replies, 1, options);
  expect(signet_sign_get(account, "1", NULL, NULL), SIGNET_ERROR_SERVER,
         "HTTP 500");
  cr_expect_eq(fault_server_requests(server), 1);
  end();
  fault_server_free(server);
}

Test(account_http, without_credentials_there_is_no_account)
{
  static const char *const pairs[][2] = {
      {NULL, "s"}, {"", "s"}, {"k", NULL}, {"k", ""}, {"k:k", "s"}};
  loop = signet_loop_new();
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
    signet_error error;
    options.base_url = "http://127.0.0.1:1";
    options.key = pairs[i][0];
    options.secret = pairs[i][1];
    cr_expect_null(signet_account_open(loop, &options, &error), "%zu", i);
    cr_expect_eq(error.kind, SIGNET_ERROR_CONFIGURATION);
    cr_expect_not_null(strstr(error.message, "the API "), "%s", error.message);
  }
  signet_loop_free(loop);
}

/* The pause between two probes doubles no further than it may. */
Test(account_http, a_service_that_is_down_is_probed_until_it_answers)
{
  static const fault_reply replies[] = {
      OK(SIGN("1", "One")),  REPLY("500 Oh", "{}"), REPLY("500 Oh", "{}"),
      REPLY("502 Oh", "{}"), REPLY("503 Oh", "{}"), OK("{}"),
      OK(SIGN("1", "One"))};
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  options.attempts = 2;
  options.breaker = 1;
  options.breaker_pause_ms = 2;
  options.backoff_ms = 1;
  options.backoff_max_ms = 5;
  begin_with(replies, 7, options);
  for (int i = 0; i < 2; i++) {
    signet_call *call = signet_sign_get(account, "1", NULL, NULL);
    const signet_error *error = signet_call_wait(call);
    cr_expect_null(error, "%s", error != NULL ? error->message : "");
    signet_call_release(call);
  }
  cr_expect_eq(fault_server_requests(server), 7);
  end();
  fault_server_free(server);
}

/* Only a request that is done and worked has a body. */
Test(account_http, the_body_of_a_request)
{
  static const fault_reply replies[] = {OK("{\"a\":1}"), REPLY("404 No", "{}"),
                                        OK(SIGN("1", "One"))};
  size_t length = 0;
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  options.attempts = 1;
  begin_with(replies, 3, options);
  signet_call *call =
      signet_request(account, "GET", "/v1/x", NULL, 0, NULL, NULL);
  cr_expect_null(signet_call_body(call, &length));
  cr_expect_null(signet_call_wait(call));
  cr_expect_str_eq(signet_call_body(call, &length), "{\"a\":1}");
  cr_expect_eq(length, 7);
  signet_call_release(call);
  call = signet_request(account, "GET", "/v1/x", NULL, 0, NULL, NULL);
  cr_expect_not_null(signet_call_wait(call));
  cr_expect_null(signet_call_body(call, &length));
  signet_call_release(call);
  call = signet_sign_get(account, "1", NULL, NULL);
  cr_expect_null(signet_call_wait(call));
  cr_expect_null(signet_call_body(call, &length));
  signet_call_release(call);
  end();
  fault_server_free(server);
}
