/* SPDX-License-Identifier: MIT */
/* Limits of an engine: a script that goes wrong never takes its host along. */
#include "engine_support.h"

#include <criterion/criterion.h>
#include <curl/curl.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

static void check_memory(signet_engine *engine, const char *text)
{
  signet_failure failure;

  engine_run_bad(engine, text, &failure);
  cr_assert_eq(failure.error.kind, SIGNET_ERROR_MEMORY, "%s: %s", text,
               failure.message);
  signet_failure_clear(&failure);
}

Test(engine_limits, memory_bombs)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine;

  options.memory_limit = 4 << 20;
  engine = engine_new(&options);
  check_memory(engine, "local t = {} for i = 1, 1e9 do t[i] = {} end");
  check_memory(engine, "return ('x'):rep(1 << 30)");
  check_memory(engine, "local s = 'x' while true do s = s .. s end");
  check_memory(engine, "local t = {} while true do t[#t + 1] = "
                       "coroutine.create(print) end");
  check_memory(engine, "return table.concat(table.pack(('x'):rep(1 << 21), "
                       "('y'):rep(1 << 21)))");
  check_memory(engine, "local s = require 'signet' local t = {} while true do "
                       "t[#t + 1] = s.spawn(function() s.sleep(1) end) end");
  engine_run_good(engine, "assert(not pcall(string.rep, 'x', 1 << 30)) "
                          "collectgarbage()");
  signet_engine_free(engine);
}

/* Every size of memory: it works, or it says that memory ran out. */
Test(engine_limits, every_memory_limit, .timeout = 120)
{
  static const char text[] =
      CONNECT "signet.each(sms.signs:list(), function(sign) return "
              "sms.signs:get(sign.sign_id):totable() end) "
              "pcall(signet.join, signet.spawn(function() error 'x' end))";
  struct service service;
  signet_engine_options options;

  service_start(&service, 5, 0);
  options = engine_options(&service, NULL);
  for (size_t limit = 4000; limit < 300000; limit += 701) {
    signet_error error = SIGNET_ERROR_INIT;
    signet_failure failure = SIGNET_FAILURE_INIT;
    signet_engine *engine;

    options.memory_limit = limit;
    engine = signet_engine_new(&options, &error);
    cr_assert(engine != NULL || error.kind == SIGNET_ERROR_MEMORY, "%zu: %s",
              limit, error.message);
    if (engine != NULL && !engine_run(engine, text, &failure)) {
      cr_assert_eq(failure.error.kind, SIGNET_ERROR_MEMORY, "%zu: %s %s", limit,
                   failure.error.message, failure.message);
    }
    signet_failure_clear(&failure);
    signet_engine_free(engine);
  }
  service_stop(&service);
}

/* An allocator that counts what is out, and fails one allocation. */
struct ledger {
  size_t held;
  long calls;
  long fail_at; /* -1: never */
  bool sticky;
};

static void *count_memory(void *user, void *memory, size_t old_size,
                          size_t new_size)
{
  struct ledger *ledger = user;
  size_t old = memory != NULL ? old_size : 0;
  void *result;

  if (new_size == 0) {
    ledger->held -= old;
    free(memory);
    return NULL;
  }
  ledger->calls++;
  if (new_size > old && ledger->fail_at >= 0 &&
      (ledger->calls == ledger->fail_at ||
       (ledger->sticky && ledger->calls > ledger->fail_at)))
    return NULL;
  result = realloc(memory, new_size);
  if (result != NULL)
    ledger->held += new_size - old;
  return result;
}

Test(engine_limits, own_allocator_gets_everything_back)
{
  struct ledger ledger = {.fail_at = -1};
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine;

  options.allocate = count_memory;
  options.allocate_user = &ledger;
  engine = engine_new(&options);
  engine_run_good(engine, "local s = require 'signet' s.join(s.spawn(s.sleep, "
                          "0)) s.each({1, 2}, print)");
  cr_assert_gt(ledger.held, 0u);
  signet_engine_free(engine);
  cr_assert_eq(ledger.held, 0u);
}

static void fail_allocation(long number, bool sticky)
{
  static const char text[] =
      "local s = require 'signet' local t = {} for i = 1, 3 do t[i] = "
      "s.spawn(function() s.sleep(0) error({}) end) end pcall(s.join, t) "
      "s.each({1, 2, 3}, function(i) if i == 2 then error 'x' end end) "
      "s.step('a', function() return s.coroutine.wrap(print)(1) end)";
  struct ledger ledger = {.fail_at = number, .sticky = sticky};
  signet_engine_options options = engine_options(NULL, NULL);
  signet_error error = SIGNET_ERROR_INIT;
  signet_failure failure = SIGNET_FAILURE_INIT;
  signet_engine *engine;

  options.allocate = count_memory;
  options.allocate_user = &ledger;
  engine = signet_engine_new(&options, &error);
  if (engine != NULL) {
    (void)engine_run(engine, text, &failure);
  } else {
    cr_assert_eq(error.kind, SIGNET_ERROR_MEMORY, "%ld: %s", number,
                 error.message);
  }
  signet_failure_clear(&failure);
  signet_engine_free(engine);
  cr_assert_eq(ledger.held, 0u, "allocation %ld", number);
}

Test(engine_limits, every_allocation_fails_once, .timeout = 120)
{
  for (long number = 1; number < 3500; number += 1)
    fail_allocation(number, false);
}

Test(engine_limits, every_allocation_fails_from_there_on, .timeout = 120)
{
  for (long number = 1; number < 3500; number += 1)
    fail_allocation(number, true);
}

/* libsignet's memory on the engine's thread: the server's is left alone. */
static _Thread_local long library_calls, library_fail_at = -1;
static _Thread_local bool library_sticky;

static bool library_fails(void)
{
  if (library_fail_at < 0)
    return false;
  library_calls++;
  return library_calls == library_fail_at ||
         (library_sticky && library_calls > library_fail_at);
}

static void *library_allocate(size_t size)
{
  return library_fails() ? NULL : malloc(size);
}

static void *library_reallocate(void *memory, size_t size)
{
  return library_fails() ? NULL : realloc(memory, size);
}

static void fail_library(const struct service *service, long number)
{
  static const char text[] =
      CONNECT "local list = sms.signs:list{status = 'approved'} "
              "signet.each(list, function(sign) "
              "sms.signs:update(sign.sign_id, {sign_name = 'N' .. "
              "sign.sign_id}) end, {concurrency = 2}) signet.sleep(0) "
              "return sms:request('GET', '/v1/sign-configs')";
  signet_engine_options options = engine_options(service, NULL);
  signet_engine *engine;

  options.time_limit_ms = 1000;
  library_calls = 0;
  library_fail_at = number;
  engine = signet_engine_new(&options, NULL);
  if (engine != NULL)
    (void)engine_run(engine, text, NULL);
  signet_engine_free(engine);
  library_fail_at = -1;
}

Test(engine_limits, every_allocation_of_the_library_fails, .timeout = 120)
{
  signet_allocator allocator = {library_allocate, library_reallocate, free};
  struct service service;

  /* Already started, libcurl keeps malloc: out of memory, version 7.88 divides
   * by zero now and then, and forgets transfers. */
  cr_assert_eq(curl_global_init(CURL_GLOBAL_ALL), CURLE_OK);
  cr_assert(signet_global_init(&allocator));
  service_start(&service, 6, 0);
  for (long number = 1; number < 400; number++) {
    library_sticky = number % 2 == 0;
    fail_library(&service, number);
  }
  service_stop(&service);
}

static void check_stopped(signet_engine *engine, const char *text,
                          signet_error_kind kind)
{
  signet_failure failure;
  int64_t began = clock_ms();

  engine_run_bad(engine, text, &failure);
  cr_assert_eq(failure.error.kind, kind, "%s: %s %s", text,
               failure.error.message, failure.message);
  cr_assert_lt(clock_ms() - began, 5000, "%s", text);
  cr_assert_not(signet_engine_interrupted(engine));
  signet_failure_clear(&failure);
}

static const char *const endless[] = {
    "while true do end",
    "while true do pcall(function() while true do end end) end",
    "while true do pcall(error) end",
    "while true do xpcall(error, function(x) return x end) end",
    "coroutine.wrap(function() while true do end end)()",
    "while true do coroutine.wrap(function() for i = 1, 5000 do end end)() end",
    "local function f() return f() end f()",
    "local s = require 'signet' s.spawn(function() while true do end end)",
    "local s = require 'signet' s.each({1, 2}, function() while true do end "
    "end)",
    "local s = require 'signet' local function again() s.spawn(again) end "
    "again()",
    "local s = require 'signet' while true do pcall(s.sleep, 0) end",
};

Test(engine_limits, instructions, .timeout = 120)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine;

  options.instruction_limit = 300000;
  engine = engine_new(&options);
  for (size_t i = 0; i < sizeof endless / sizeof endless[0]; i++)
    check_stopped(engine, endless[i], SIGNET_ERROR_LIMIT);
  engine_run_good(engine, "for i = 1, 10000 do end");
  signet_engine_free(engine);
}

Test(engine_limits, time, .timeout = 120)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine;

  options.time_limit_ms = 100;
  engine = engine_new(&options);
  for (size_t i = 0; i < sizeof endless / sizeof endless[0]; i++)
    check_stopped(engine, endless[i], SIGNET_ERROR_TIMEOUT);
  check_stopped(engine, "require'signet'.sleep(60)", SIGNET_ERROR_TIMEOUT);
  check_stopped(engine, "pcall(require'signet'.sleep, 60)",
                SIGNET_ERROR_TIMEOUT);
  engine_run_good(engine, "require'signet'.sleep(0.01)");
  signet_engine_free(engine);
}

Test(engine_limits, time_covers_waiting_for_the_service, .timeout = 60)
{
  struct service service;
  signet_engine_options options;
  signet_engine *engine;

  service_start(&service, 3, 3000);
  options = engine_options(&service, NULL);
  options.time_limit_ms = 200;
  engine = engine_new(&options);
  check_stopped(engine, CONNECT "sms.signs:list()", SIGNET_ERROR_TIMEOUT);
  check_stopped(engine,
                CONNECT "string.gsub('x', 'x', function() sms.signs:list() "
                        "end)",
                SIGNET_ERROR_TIMEOUT);
  signet_engine_free(engine);
  service_stop(&service);
}

Test(engine_limits, deep_recursion)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine = engine_new(&options);
  signet_failure failure;

  engine_run_bad(engine, "local function f() return 1 + f() end f()", &failure);
  cr_assert_not_null(strstr(failure.message, "stack overflow"));
  signet_failure_clear(&failure);
  engine_run_bad(engine,
                 "local function f() return coroutine.wrap(f)() end "
                 "f()",
                 &failure);
  cr_assert_not_null(strstr(failure.message, "C stack overflow"));
  signet_failure_clear(&failure);
  engine_run_bad(engine, "local t = {} t.t = t error(t)", &failure);
  signet_failure_clear(&failure);
  signet_engine_free(engine);
}
