/* SPDX-License-Identifier: MIT */
/* An account over HTTP whose memory runs out, at each allocation once and from
 * each on, with what it asks libcurl for: opening it with every option, reads,
 * writes, repetitions, a reply that never comes, a trace and a pause. */
#include "canary.h"
#include "failing_memory.h"
#include "fault_server.h"
#include "folder.h"

#include "model/memory.h"
#include "net/pause.h"
#include "signet/account.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(account_memory, .timeout = 300);

/* ---- the service ---- */

#define SIGN "{\"sign_id\":\"1\",\"sign_name\":\"Name\",\"status\":2}"
#define OTHER "{\"sign_id\":\"2\",\"sign_name\":\"Other\",\"status\":1}"
#define TEMPLATE                                                          \
  "{\"template_id\":\"3\",\"template_name\":\"Order\",\"template_type\":" \
  "\"utility\",\"template_content\":\"Hi\",\"country_codes\":\"CN\","     \
  "\"status\":2,\"sign_id\":\"1\",\"sign_name\":\"Name\","                \
  "\"sign_position\":1,\"sign_status\":2}"

#define ANSWER(line, body)                                                    \
  {                                                                           \
    .data = line "\r\n\r\n" body, .length = sizeof(line "\r\n\r\n" body) - 1, \
    .end = FAULT_KEEP                                                         \
  }

enum {
  OK,
  ONE_SIGN,
  ONE_OTHER,
  SIGNS,
  ONE_TEMPLATE,
  OLD_SIGNS,
  SLOWER,
  BROKEN,
  ONE_NINE,
  NOTHING
};

static const fault_reply replies[] = {
    [OK] = ANSWER("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked",
                  "1b\r\n{\"code\":0,\"message\":\"ok\"}  \r\n0\r\n\r\n"),
    [ONE_SIGN] = ANSWER("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked",
                        "2d\r\n" SIGN "\r\n0\r\n\r\n"),
    [ONE_OTHER] = ANSWER("HTTP/1.1 200 OK\r\nConnection: close", OTHER),
    [SIGNS] =
        ANSWER("HTTP/1.1 200 OK\r\nConnection: close", "[" SIGN "," OTHER "]"),
    [ONE_TEMPLATE] = ANSWER("HTTP/1.1 200 OK\r\nConnection: close", TEMPLATE),
    [OLD_SIGNS] = ANSWER("HTTP/1.1 200 OK\r\nConnection: close",
                         "{\"result\":[{\"sign_id\":1,\"sign_name\":\"N&m "
                         "e~\"}],\"count\":1,\"total\":1}"),
    [SLOWER] = ANSWER("HTTP/1.1 429 Too Many\r\nRetry-After: 0\r\n"
                      "Content-Length: 2",
                      "{}"),
    [BROKEN] = ANSWER("HTTP/1.1 500 Oh\r\nConnection: close", "{}"),
    [ONE_NINE] =
        ANSWER("HTTP/1.1 200 OK\r\nConnection: close",
               "{\"sign_id\":\"9\",\"sign_name\":\"Nine\",\"status\":2}"),
    [NOTHING] = {.data = "", .end = FAULT_CLOSE},
};

/* What stands once only: the first list of some scenarios is refused, the first
 * rename of the second signature isn't answered. */
static bool refused_once;
static size_t asked_at_refusal; /* allocations until then */
static size_t asked_9; /* the second one of /9 fails, until a probe came */
static bool silent_once;

static bool begins(const fault_request *request, const char *with)
{
  size_t length = strlen(with);
  return request->length >= length && memcmp(request->data, with, length) == 0;
}

static fault_reply closing(int which)
{
  fault_reply reply = replies[which];
  reply.end = FAULT_CLOSE;
  return reply;
}

static fault_reply answer(void *user, const fault_request *request)
{
  (void)user;
  if (begins(request, "GET /v1/sign-configs ") && !refused_once) {
    refused_once = true;
    asked_at_refusal = memory_state.asked;
    return replies[SLOWER];
  }
  if (begins(request, "PUT /v1/sign-configs/2") && !silent_once) {
    silent_once = true;
    return replies[NOTHING];
  }
  if (begins(request, "GET /v1/sign-configs "))
    return closing(SIGNS);
  if (begins(request, "GET /v1/signs"))
    return closing(OLD_SIGNS);
  if (begins(request, "GET /v1/sign-configs/9"))
    return closing(++asked_9 == 2 ? BROKEN : ONE_NINE);
  if (begins(request, "GET /v1/sign-configs/2"))
    return closing(ONE_OTHER);
  if (begins(request, "GET /v1/sign-configs"))
    return replies[ONE_SIGN];
  if (begins(request, "GET /v1/template-configs"))
    return closing(ONE_TEMPLATE);
  return replies[OK];
}

/* ---- the client ---- */

typedef struct scene {
  signet_loop *loop;
  signet_account *account;
  signet_fields *fields;
  size_t traces;
} scene;

static char url[64];

static void on_trace(void *user, const signet_trace *trace)
{
  scene *it = user;
  it->traces++;
  cr_assert_not_null(trace->request_head);
  cr_assert_null(strstr(trace->request_head, CANARY_SECRET));
  cr_assert_eq(strlen(trace->request_body), trace->request_body_length);
  cr_assert_eq(strlen(trace->reply_head), trace->reply_head_length);
}

static void on_pause(signet_account *account, int64_t milliseconds,
                     const char *reason, void *user)
{
  (void)account, (void)user;
  cr_assert_geq(milliseconds, 0);
  cr_assert_not_null(reason);
}

/* Waits for a call. What fails, fails for memory or leaves open what was
 * done; what is done is whole. */
static bool done(signet_call *call, size_t records)
{
  if (call == NULL)
    return false;
  const signet_error *error = signet_call_wait(call);
  if (error != NULL) {
    cr_assert(memory_state.failed, "without a failed allocation: %s",
              error->message);
    cr_assert(error->kind == SIGNET_ERROR_MEMORY ||
                  error->kind == SIGNET_ERROR_UNKNOWN_OUTCOME ||
                  /* there was no memory to wait and to ask again */
                  error->kind == SIGNET_ERROR_RATE_LIMITED ||
                  (asked_9 > 0 && error->kind == SIGNET_ERROR_SERVER),
              "allocation %zu: %s: %s", memory_state.fail_at,
              signet_error_kind_name(error->kind), error->message);
    cr_assert_neq(error->message[0], '\0');
    cr_assert_null(signet_call_list(call));
  } else if (records > 0) {
    cr_assert_eq(signet_list_count(signet_call_list(call)), records,
                 "allocation %zu: half a list", memory_state.fail_at);
  }
  bool good = error == NULL;
  signet_call_release(call);
  return good;
}

/* A write whose reply never comes: nobody may say that it was done. */
static bool open_outcome(signet_call *call)
{
  if (call == NULL)
    return false;
  const signet_error *error = signet_call_wait(call);
  cr_assert_not_null(error, "allocation %zu", memory_state.fail_at);
  cr_assert(error->kind == SIGNET_ERROR_UNKNOWN_OUTCOME ||
                (memory_state.failed && error->kind == SIGNET_ERROR_MEMORY),
            "allocation %zu: %s", memory_state.fail_at, error->message);
  bool good = error->kind == SIGNET_ERROR_UNKNOWN_OUTCOME;
  signet_call_release(call);
  return good;
}

static void set_options(signet_account_options *options, const char *base)
{
  *options = (signet_account_options)SIGNET_ACCOUNT_OPTIONS_INIT;
  options->base_url = base;
  options->key = CANARY_KEY;
  options->secret = CANARY_SECRET;
  options->backoff_ms = 1;
  options->backoff_max_ms = 2;
  options->poll_interval_ms = 1;
  options->settle_ms = 1;
  options->settle_create_ms = 0;
  options->concurrency = 2;
  options->protect_id = "77, 78";
  options->protect_name = "Bank*, *login*";
}

static bool open_account(scene *it, signet_dialect dialect)
{
  static const signet_learned learned = {.rate = 1000, .concurrency = 2};
  signet_account_options options;
  signet_error error;
  set_options(&options, url);
  options.dialect = dialect;
  options.rate = 100000;
  it->account = signet_account_open(it->loop, &options, &error);
  if (it->account == NULL) {
    cr_assert_eq(error.kind, SIGNET_ERROR_MEMORY, "%s", error.message);
    return false;
  }
  signet_account_on_trace(it->account, on_trace, it, 100);
  signet_account_on_pause(it->account, on_pause, it);
  signet_account_teach(it->account, &learned);
  return true;
}

static void close_account(scene *it)
{
  signet_account_close(it->account);
  it->account = NULL;
  signet_loop_step(it->loop, 0);
}

static bool set(scene *it, const char *name, const char *text)
{
  if (it->fields == NULL)
    it->fields = signet_fields_new();
  return it->fields != NULL && signet_fields_set_string(it->fields, name, text);
}

static void forget(scene *it)
{
  signet_fields_free(it->fields);
  it->fields = NULL;
}

static bool read_entries(scene *it)
{
  bool good = done(signet_sign_get(it->account, "1", NULL, NULL), 1) &&
              done(signet_sign_list(it->account, NULL, NULL, NULL), 2) &&
              set(it, "status", "pending") &&
              done(signet_sign_list(it->account, it->fields, NULL, NULL), 1) &&
              done(signet_sign_wait(it->account, "1", SIGNET_STATUS_APPROVED,
                                    60 * 1000, NULL, NULL),
                   1);
  forget(it);
  return good;
}

static bool write_entries(scene *it)
{
  bool good =
      set(it, "sign_name", "Name") &&
      done(signet_sign_update(it->account, "1", it->fields, NULL, NULL), 0) &&
      open_outcome(
          signet_sign_update(it->account, "2", it->fields, NULL, NULL));
  forget(it);
  good =
      good && set(it, "template_content", "Ho") &&
      done(signet_template_update(it->account, "3", it->fields, NULL, NULL), 0);
  forget(it);
  return good && done(signet_request(it->account, "POST", "/v1/raw",
                                     "{\"a\":1}", 7, NULL, NULL),
                      0);
}

static bool ask_by_name(scene *it)
{
  bool good = set(it, "sign_name", "N&m e~") &&
              open_account(it, SIGNET_SIGNS) &&
              done(signet_sign_list(it->account, it->fields, NULL, NULL), 1);
  forget(it);
  return good;
}

static bool scenario(void)
{
  scene it = {0};
  refused_once = true;
  silent_once = false;
  asked_9 = 0;
  it.loop = signet_loop_new();
  bool good = it.loop != NULL && open_account(&it, SIGNET_CONFIGS) &&
              read_entries(&it) && write_entries(&it);
  forget(&it);
  if (it.loop != NULL)
    close_account(&it);
  good = good && it.traces > 7 && ask_by_name(&it);
  forget(&it);
  if (it.loop != NULL)
    close_account(&it);
  signet_loop_free(it.loop);
  return good;
}

/* A request too many, which waits and is sent again. */
static bool is_throttled(void)
{
  scene it = {0};
  refused_once = false;
  it.loop = signet_loop_new();
  bool good = it.loop != NULL && open_account(&it, SIGNET_CONFIGS) &&
              done(signet_sign_list(it.account, NULL, NULL, NULL), 2);
  if (it.loop != NULL)
    close_account(&it);
  signet_loop_free(it.loop);
  return good;
}

/* An outage, with a probe, and requests that wait for their rate. */
static bool rides_out(void)
{
  scene it = {0};
  signet_account_options options;
  signet_error error;
  asked_9 = 0;
  it.loop = signet_loop_new();
  if (it.loop == NULL)
    return false;
  set_options(&options, url);
  options.attempts = 2;
  options.breaker = 1;
  options.breaker_pause_ms = 2;
  options.rate = 400;
  it.account = signet_account_open(it.loop, &options, &error);
  bool good = it.account != NULL;
  for (int i = 0; good && i < 2; i++)
    good = done(signet_sign_get(it.account, "9", NULL, NULL), 1);
  signet_call *calls[3] = {NULL};
  for (int i = 0; good && i < 3; i++)
    calls[i] = signet_sign_get(it.account, "9", NULL, NULL);
  for (int i = 0; i < 3; i++) {
    bool this = calls[i] != NULL && done(calls[i], 1);
    good = good && this;
  }
  close_account(&it);
  signet_loop_free(it.loop);
  return good;
}

/* ---- opening alone, with every option ---- */

static char key_file[200];

static bool opens_with_all(void)
{
  signet_account_options options;
  signet_error error;
  signet_loop *loop = signet_loop_new();
  if (loop == NULL)
    return false;
  set_options(&options, "https://localhost:1/base/");
  options.ca_file = key_file;
  options.client_cert = key_file;
  options.client_key = key_file;
  options.client_key_password = "password of a key";
  options.proxy = "http://localhost:1";
  options.proxy_user = "user";
  options.proxy_password = "password of a proxy";
  signet_account *account = signet_account_open(loop, &options, &error);
  if (account == NULL) {
    cr_assert(memory_state.failed, "%s", error.message);
    cr_assert(error.kind == SIGNET_ERROR_MEMORY ||
                  strstr(error.message, "the URL of a proxy") != NULL,
              "allocation %zu: %s", memory_state.fail_at, error.message);
  } else {
    cr_assert_str_eq(signet_account_url(account), "https://localhost:1/base");
  }
  signet_account_close(account);
  signet_loop_free(loop);
  return account != NULL;
}

/* ---- the sweep ---- */

static bool run(bool (*what)(void), size_t at, bool on)
{
  memory_state.fail_at = at;
  memory_state.fail_on = on;
  memory_state.asked = 0;
  memory_state.failed = false;
  bool good = what();
  memory_state.fail_at = 0;
  return good;
}

/* From the first allocation after number `skipped` on. @return how many of the
 * failures nobody noticed */
static size_t fail_from(size_t skipped, bool (*what)(void), bool on)
{
  size_t all = memory_state.asked;
  size_t survived = 0;
  for (size_t n = skipped + 1; n <= all; n++) {
    bool good = run(what, n, on);
    survived += good;
    cr_assert_eq(memory_state.living, 0, "allocation %zu: %zu blocks leak", n,
                 memory_state.living);
  }
  cr_assert_lt(survived, all - skipped, "all %zu pass unnoticed", survived);
  cr_assert(run(what, 0, on), "it fails afterwards");
  return survived;
}

static void fail_each(bool (*what)(void), bool on, size_t fewest)
{
  static const signet_allocator allocator = {
      failing_allocate, failing_reallocate, failing_release};
  cr_assert(signet_global_init(NULL));
  signet_memory_replace(&allocator);
  cr_assert(run(what, 0, on), "it fails with all memory there is");
  size_t all = memory_state.asked;
  cr_assert_geq(all, fewest, "%zu allocations only", all);
  size_t survived = fail_from(0, what, on);
  cr_assert_lt(survived, all / 2, "%zu of %zu failures are not noticed",
               survived, all);
}

static void with_server(bool on)
{
  const fault_script script = {.answer = answer};
  fault_server *server = fault_server_start_script(&script);
  cr_assert_not_null(server);
  snprintf(url, sizeof url, "http://127.0.0.1:%u", fault_server_port(server));
  fail_each(scenario, on, 150);
  fail_each(rides_out, on, 60);
  cr_assert(run(is_throttled, 0, on));
  fail_from(asked_at_refusal, is_throttled, on);
  fault_server_stop(server);
  fault_server_free(server);
}

Test(account_memory, each_allocation_once)
{
  with_server(false);
}

Test(account_memory, each_allocation_and_all_that_follow)
{
  with_server(true);
}

Test(account_memory, each_allocation_of_opening)
{
  static const char headings[] = "-----BEGIN CERTIFICATE-----\n"
                                 "-----BEGIN PRIVATE KEY-----\n";
  char folder[150];
  cr_assert(folder_make(FOLDER_IN_MEMORY, folder, sizeof folder));
  snprintf(key_file, sizeof key_file, "%s/key.pem", folder);
  int file = open(key_file, O_CREAT | O_WRONLY, 0600);
  cr_assert_geq(file, 0);
  cr_assert_eq(write(file, headings, sizeof headings - 1), sizeof headings - 1);
  close(file);
  fail_each(opens_with_all, false, 25);
  fail_each(opens_with_all, true, 25);
  cr_assert_null(folder_remove(folder));
}

/* ---- a pause without a timer ---- */

static void on_over(void *over)
{
  *(bool *)over = true;
}

/* Without memory for its timer a pause ends all the same, when somebody asks.
 */
Test(account_memory, a_pause_needs_no_memory_to_end)
{
  static const signet_allocator allocator = {
      failing_allocate, failing_reallocate, failing_release};
  signet_pause pause;
  bool over = false;
  signet_loop *loop = signet_loop_new();
  cr_assert_not_null(loop);
  signet_memory_replace(&allocator);
  signet_pause_init(&pause, loop, on_over, &over);
  signet_pause_end(&pause); /* there is none */
  cr_expect_not(over);
  memory_state.fail_at = 1;
  memory_state.fail_on = true;
  memory_state.asked = 0;
  signet_pause_set(&pause, 30, "a test");
  cr_expect(signet_pause_holds(&pause));
  int64_t begun = signet_loop_now(loop);
  while (signet_pause_holds(&pause))
    cr_assert_lt(signet_loop_now(loop), begun + 10000);
  cr_expect_geq(signet_loop_now(loop), begun + 29);
  memory_state.fail_at = 0;
  signet_pause_set(&pause, 30, "another");
  while (!over)
    signet_loop_step(loop, -1);
  cr_expect_not(signet_pause_holds(&pause));
  signet_pause_stop(&pause);
  signet_loop_free(loop);
}
