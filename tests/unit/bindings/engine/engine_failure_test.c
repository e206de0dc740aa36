/* SPDX-License-Identifier: MIT */
/* What a run that fails tells, and what fails beside it. */
#include "engine_support.h"

#include <criterion/criterion.h>
#include <string.h>

/* How many failures a script that creates `One` twice comes to. */
static uint64_t failed_by(signet_engine *engine, const char *text, bool good)
{
  signet_failure failure = SIGNET_FAILURE_INIT;

  cr_expect_eq(engine_run(engine, text, &failure), good, "%s", text);
  signet_failure_clear(&failure);
  return signet_engine_counts(engine).failed;
}

#define TWICE                   \
  CONNECT                       \
  "local function twice(name) " \
  "  return sms.signs:create{sign_name=name or 'One'} end pcall(twice) "

Test(engine, counts_what_escapes_the_script)
{
  struct service service;
  struct said said;
  signet_engine_options options;
  signet_engine *engine;

  service_start(&service, 1, 0);
  options = engine_options(&service, &said);
  engine = engine_new(&options);
  cr_expect_eq(failed_by(engine, TWICE "pcall(twice) pcall(twice)", true), 0u);
  cr_expect_eq(failed_by(engine, TWICE "pcall(twice) twice()", false), 1u);
  cr_expect_eq(failed_by(engine, TWICE "pcall(twice) error('mine')", false),
               0u);
  /* Caught and raised again, and through a join: once. */
  cr_expect_eq(failed_by(engine,
                         TWICE
                         "local _, e = pcall(twice) pcall(error, e) error(e)",
                         false),
               1u);
  cr_expect_eq(
      failed_by(engine, TWICE "signet.join(signet.spawn(twice))", false), 1u);
  cr_expect_eq(
      failed_by(engine, TWICE "pcall(signet.join, signet.spawn(twice))", true),
      0u);
  /* Tasks that nobody joined. */
  cr_expect_eq(
      failed_by(engine, TWICE "signet.spawn(twice) signet.spawn(twice)", false),
      2u);
  /* In signet.each the entry counts, whoever wrote for it. */
  cr_expect_eq(failed_by(engine,
                         TWICE "signet.each({1, 2}, function(i) if i == 1 then "
                               "signet.join(signet.spawn(twice)) end end)",
                         true),
               1u);
  cr_expect_eq(
      failed_by(engine,
                TWICE "signet.each({1, 2}, function() pcall(twice) end)", true),
      0u);
  signet_engine_free(engine);
  service_stop(&service);
}

Test(engine, failures_of_plain_errors)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine = engine_new(&options);
  signet_failure failure;

  engine_run_bad(engine, "local function deep() error 'boom' end deep()",
                 &failure);
  cr_assert_eq(failure.error.kind, SIGNET_ERROR_SCRIPT);
  cr_assert_str_eq(failure.error.message, "test:1: boom");
  cr_assert_str_eq(failure.message, "test:1: boom");
  cr_assert_not_null(strstr(failure.traceback, "deep"));
  signet_failure_clear(&failure);

  engine_run_bad(engine, "local x = = 1", &failure);
  cr_assert_not_null(strstr(failure.message, "unexpected symbol"));
  cr_assert_null(failure.traceback);
  signet_failure_clear(&failure);

  engine_run_bad(engine,
                 "error(setmetatable({}, {__tostring = function() "
                 "return 'object' end}))",
                 &failure);
  cr_assert_str_eq(failure.message, "object");
  signet_failure_clear(&failure);

  engine_run_bad(engine, "error(setmetatable({}, {__tostring = error}))",
                 &failure);
  cr_assert_eq(failure.error.kind, SIGNET_ERROR_SCRIPT);
  cr_assert_neq(*signet_failure_text(&failure), '\0');
  signet_failure_clear(&failure);
  cr_assert_not(engine_run(engine, "error()", NULL));
  signet_engine_free(engine);
}

Test(engine, failure_has_its_text_whole_and_one_to_show)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine = engine_new(&options);
  signet_failure failure = SIGNET_FAILURE_INIT;

  cr_assert_str_eq(signet_failure_text(&failure), "");
  engine_run_bad(engine, "error('a\\0b\\27[31m', 0)", &failure);
  cr_assert_eq(failure.message_length, 8u);
  cr_assert_eq(memcmp(failure.message, "a\0b\33[31m", 9), 0);
  cr_assert_str_eq(failure.error.message, "a\\x00b\\x1b[31m");
  cr_assert_eq(signet_failure_text(&failure), failure.message);
  signet_failure_clear(&failure);
  cr_assert_eq(failure.message_length, 0u);

  /* What doesn't fit is left out by whole characters. */
  engine_run_bad(engine, "error('x' .. ('\xC3\xBC'):rep(400), 0)", &failure);
  cr_assert_eq(failure.message_length, 801u);
  cr_assert_eq(strlen(failure.error.message), 511u);
  signet_failure_clear(&failure);
  engine_run_bad(engine, "error(('\xC3\xBC'):rep(400), 0)", &failure);
  cr_assert_eq(strlen(failure.error.message), 510u);
  signet_failure_clear(&failure);
  signet_failure_clear(NULL);
  signet_engine_free(engine);
}

Test(engine, failure_of_a_task_that_nobody_joined)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine = engine_new(&options);
  signet_failure failure;

  engine_run_bad(engine,
                 "require'signet'.spawn(function() error('lost', 0) "
                 "end)",
                 &failure);
  cr_assert_str_eq(failure.message, "lost");
  cr_assert_not_null(failure.traceback);
  signet_failure_clear(&failure);
  engine_run_good(engine, "local s = require'signet' pcall(s.join, "
                          "s.spawn(function() error 'seen' end))");
  engine_run_good(engine, "return 'the former failure is forgotten'");
  signet_engine_free(engine);
}

Test(engine, failed_script_lets_its_tasks_end)
{
  struct said said;
  signet_engine_options options = engine_options(NULL, &said);
  signet_engine *engine = engine_new(&options);
  signet_failure failure;
  int64_t began = clock_ms();

  engine_run_bad(engine,
                 "local s = require'signet' s.spawn(function() while "
                 "true do s.sleep(60) end end) s.sleep(0) error 'x'",
                 &failure);
  cr_assert_str_eq(failure.message, "test:1: x");
  cr_assert_lt(clock_ms() - began, 10000);
  cr_assert_not(signet_engine_interrupted(engine));
  signet_failure_clear(&failure);
  signet_engine_free(engine);
}

/* Tasks that nobody waited for: the run's error is that of the first to end,
 * whatever began first. */
Test(engine, the_first_of_several_failures_is_told)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine = engine_new(&options);
  signet_failure failure = SIGNET_FAILURE_INIT;

  for (int i = 0; i < 8; i++) {
    engine_run_bad(engine,
                   "local s = require 'signet' for i = 1, 5 do s.spawn("
                   "function() for k = i, 5 do s.sleep(0) end error('task ' .. "
                   "i, 0) end) end",
                   &failure);
    cr_assert(strncmp(failure.message, "task 5", 6) == 0, "%s",
              failure.message);
  }
  signet_failure_clear(&failure);
  signet_engine_free(engine);
}
