/* SPDX-License-Identifier: MIT */
/* A loop and its transfers that the system refuses something: no descriptor
 * stays open, and what can go on goes on. */
#include "canary.h"
#include "fault_server.h"
#include "refused_calls.h"

#include "net/authorization.h"
#include "net/connection.h"
#include "signet/account.h"
#include "signet/loop.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(refused_net, .timeout = 60);

static int count_descriptors(void)
{
  int count = 0;
  DIR *files = opendir("/proc/self/fd");
  cr_assert_not_null(files);
  while (readdir(files) != NULL)
    count++;
  closedir(files);
  return count;
}

Test(refused_net, a_loop_without_descriptors_is_none)
{
  static const char *const names[] = {"epoll_create1", "eventfd", "epoll_ctl"};
  signet_loop_free(signet_loop_new()); /* what libcurl keeps is open now */
  int before = count_descriptors();
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    refuse(names[i], EMFILE, 0);
    cr_expect_null(signet_loop_new(), "%s", names[i]);
    cr_expect_eq(refuse_nothing(), 1, "%s", names[i]);
    cr_expect_eq(count_descriptors(), before, "%s", names[i]);
  }
  signet_loop *loop = signet_loop_new();
  cr_expect_not_null(loop);
  signet_loop_free(loop);
  signet_loop_free(NULL);
}

Test(refused_net, a_file_that_can_t_be_looked_at_is_named)
{
  signet_connection connection;
  signet_connection_options options = {.ca_file = "/dev/null"};
  signet_base_url base = {.text = NULL, .encrypted = true};
  signet_error error = SIGNET_ERROR_INIT;
  refuse("fstat", EIO, 0);
  cr_expect_not(signet_connection_init(&connection, &options, &base, &error));
  cr_expect_eq(refuse_nothing(), 1);
  cr_expect_eq(error.kind, SIGNET_ERROR_CONFIGURATION);
  cr_expect_str_eq(error.message, "ca_file: /dev/null can't be read");
}

/* ---- a request that is refused something on its way ---- */

static const char sign[] =
    "HTTP/1.1 200 OK\r\nContent-Length: 45\r\n\r\n"
    "{\"sign_id\":\"1\",\"sign_name\":\"Name\",\"status\":2}";

static fault_reply answer(void *user, const fault_request *request)
{
  (void)user, (void)request;
  return (fault_reply){
      .data = sign, .length = sizeof sign - 1, .end = FAULT_KEEP};
}

/* The error's kind of one request, during which @p times calls of @p name are
 * refused after @p after others. The next request must work. */
static signet_error_kind ask(const char *name, size_t after, size_t times,
                             size_t *refused)
{
  const fault_script script = {.answer = answer};
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  signet_error error;
  char url[64];
  fault_server *server = fault_server_start_script(&script);
  signet_loop *loop = signet_loop_new();
  cr_assert(server != NULL && loop != NULL);
  snprintf(url, sizeof url, "http://127.0.0.1:%u", fault_server_port(server));
  options.base_url = url;
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  options.backoff_ms = 1;
  options.timeout_ms = 10000;
  signet_account *account = signet_account_open(loop, &options, &error);
  cr_assert_not_null(account, "%s", error.message);
  refuse(name, ENOMEM, after);
  refusing.times = times;
  signet_call *call = signet_sign_get(account, "1", NULL, NULL);
  const signet_error *problem = signet_call_wait(call);
  signet_error_kind kind = problem != NULL ? problem->kind : SIGNET_OK;
  *refused = refuse_nothing();
  signet_call_release(call);
  call = signet_sign_get(account, "1", NULL, NULL);
  cr_expect_null(signet_call_wait(call), "%s, call %zu: the next one fails",
                 name, after + 1);
  signet_call_release(call);
  signet_account_close(account);
  signet_loop_step(loop, 0);
  signet_loop_free(loop);
  fault_server_stop(server);
  fault_server_free(server);
  return kind;
}

Test(refused_net, a_request_outlives_what_is_refused_once)
{
  static const char *const names[] = {"epoll_ctl", "curl_multi_socket_action"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    size_t refused = 1;
    size_t after = 0;
    for (; refused > 0 && after < 20; after++) {
      signet_error_kind kind = ask(names[i], after, 1, &refused);
      cr_expect_eq(kind, SIGNET_OK, "%s, call %zu: %s", names[i], after + 1,
                   signet_error_kind_name(kind));
    }
    cr_expect_gt(after, 2, "%s is called %zu times only", names[i], after);
  }
}

/* It is tried again as often as it takes. */
Test(refused_net, a_descriptor_may_be_refused_for_a_while)
{
  for (size_t after = 0; after < 2; after++) {
    size_t refused;
    signet_error_kind kind = ask("epoll_ctl", after, 3, &refused);
    cr_expect_eq(kind, SIGNET_OK, "%s", signet_error_kind_name(kind));
    cr_expect_gt(refused, 0);
  }
}

/* ---- what must be there at all ---- */

Test(refused_net, credentials_are_checked)
{
  static const struct {
    const char *key;
    const char *secret;
    const char *said;
  } cases[] = {
      {NULL, "s", "the API key is missing"},
      {"", "s", "the API key is missing"},
      {"k", NULL, "the API secret is missing"},
      {"k", "", "the API secret is missing"},
      {"k:", "s", "the API key holds a colon"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    signet_error error = SIGNET_ERROR_INIT;
    cr_expect_not(
        signet_authorization_check(cases[i].key, cases[i].secret, &error));
    cr_expect_eq(error.kind, SIGNET_ERROR_CONFIGURATION);
    cr_expect_not_null(strstr(error.message, cases[i].said), "%s",
                       error.message);
  }
}
