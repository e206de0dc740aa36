/* SPDX-License-Identifier: MIT */
/* Calls and results as JSON. */
#include "engine_support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

Test(engine, call_with_json)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine = engine_new(&options);
  signet_failure failure = SIGNET_FAILURE_INIT;
  char *result = NULL;

  engine_run_good(engine, "function echo(...) return {n = select('#', ...), "
                          "list = {...}} end function none() end "
                          "function bad() return print end");
  cr_assert(signet_engine_call(engine, "echo",
                               "[1, \"a\", 9007199254740993, {\"k\": [true]}]",
                               &result, &failure));
  cr_assert_not_null(strstr(result, "9007199254740993"));
  cr_assert_not_null(strstr(result, "{\"k\":[true]}"));
  cr_assert_not_null(strstr(result, "\"n\":4"));
  signet_engine_text_free(result);
  cr_assert(signet_engine_call(engine, "none", NULL, &result, &failure));
  cr_assert_str_eq(result, "null");
  signet_engine_text_free(result);
  cr_assert(signet_engine_call(engine, "none", NULL, NULL, NULL));
  cr_assert_not(signet_engine_call(engine, "bad", NULL, &result, &failure));
  cr_assert_null(result);
  cr_assert_not(signet_engine_call(engine, "missing", NULL, NULL, &failure));
  cr_assert_not_null(strstr(failure.message, "missing"));
  cr_assert_not(signet_engine_call(engine, "echo", "{", NULL, &failure));
  cr_assert_not(signet_engine_call(engine, "echo", "5", NULL, &failure));
  cr_assert_not(signet_engine_call(engine, "echo", "[1] x", NULL, &failure));
  cr_assert_not_null(strstr(failure.error.message, "behind its end"));
  cr_assert(signet_engine_call(engine, "echo", " [ 1.5e0, null ] \t\r\n",
                               &result, &failure));
  cr_assert_not_null(strstr(result, "\"n\":2"));
  signet_engine_text_free(result);
  signet_failure_clear(&failure);
  signet_engine_free(engine);
}

static void check_result(signet_engine *engine, const char *expression,
                         const char *wanted)
{
  signet_failure failure = SIGNET_FAILURE_INIT;
  char text[256], *result;

  snprintf(text, sizeof text, "function value() return %s end", expression);
  engine_run_good(engine, text);
  if (wanted == NULL) {
    cr_assert_not(signet_engine_call(engine, "value", NULL, &result, &failure));
    cr_assert_eq(failure.error.kind, SIGNET_ERROR_VALIDATION, "%s", expression);
  } else {
    cr_assert(signet_engine_call(engine, "value", NULL, &result, &failure),
              "%s: %s", expression, failure.error.message);
    cr_assert_str_eq(result, wanted, "%s: %s", expression, result);
  }
  signet_engine_text_free(result);
  signet_failure_clear(&failure);
}

/* Two expressions, the same result. */
static void check_same(signet_engine *engine, const char *expression,
                       const char *other)
{
  char text[256], *first = NULL, *second = NULL;

  snprintf(text, sizeof text, "function value() return %s end", expression);
  engine_run_good(engine, text);
  cr_assert(signet_engine_call(engine, "value", NULL, &first, NULL));
  snprintf(text, sizeof text, "function value() return %s end", other);
  engine_run_good(engine, text);
  cr_assert(signet_engine_call(engine, "value", NULL, &second, NULL));
  /* The order of a table's names is not given: the same ones, the same size. */
  cr_assert_eq(strlen(first), strlen(second), "%s and %s", first, second);
  cr_assert_not_null(strstr(first, "\"sign_name\":\"Seen\""));
  cr_assert_not_null(strstr(second, "\"sign_name\":\"Seen\""));
  signet_engine_text_free(first);
  signet_engine_text_free(second);
}

Test(engine, results_as_json)
{
  struct service service;
  signet_engine_options options;
  signet_engine *engine;

  service_start(&service, 0, 0);
  options = engine_options(&service, NULL);
  engine = engine_new(&options);
  check_result(engine, "true", "true");
  check_result(engine, "1.5", "1.5");
  check_result(engine, "math.mininteger", "-9223372036854775808");
  check_result(engine, "'a/\\\"\\n'", "\"a/\\\"\\n\"");
  check_result(engine, "'caf\\u{e9} \\u{1f600}'", "\"caf\u00e9 \U0001f600\"");
  check_result(engine, "{}", "{}");
  check_result(engine, "{1, {2, 'x'}}", "[1,[2,\"x\"]]");
  check_result(engine, "{a = require'cjson'.null}", "{\"a\":null}");
  engine_run_good(engine, CONNECT "id = sms.signs:create{sign_name = 'Seen'} "
                                  "list = sms.signs:list() record = list[1] "
                                  "function nested(n) return n == 0 and 1 or "
                                  "{x = nested(n - 1)} end");
  check_result(engine, "record.sign_name", "\"Seen\"");
  check_result(engine, "#list == 1 and record == list[1]", "true");
  check_result(engine, "list:totable()[1].sign_name", "\"Seen\"");
  check_same(engine, "record", "record:totable()");
  check_same(engine, "list, 5", "list:totable()");
  check_same(engine, "{first = record, all = {list}}",
             "{first = list:totable()[1], all = {list:totable()}}");
  check_result(engine, "#require'cjson'.encode{list[1]:totable()} > 20",
               "true");
  check_result(engine, "print", NULL);
  check_result(engine, "io.stdout", NULL);
  check_result(engine, "nested(2)", "{\"x\":{\"x\":1}}");
  check_result(engine, "nested(1000)", NULL);
  check_result(engine, "{['a\\0b'] = 1}", NULL);
  check_result(engine, "1/0", NULL);
  check_result(engine, "nil", "null");
  check_result(engine, "0/0", NULL);
  check_result(engine, "{1, a = 2}", NULL);
  check_result(engine, "{[1.5] = 2}", NULL);
  check_result(engine, "'\\xff'", NULL);
  check_result(engine, "'\\xc0\\x80'", NULL);
  check_result(engine, "'\\xed\\xa0\\x80'", NULL);
  check_result(engine, "'\\xe2\\x82'", NULL);
  check_result(engine, "{['\\xff'] = 1}", NULL);
  signet_engine_free(engine);
  service_stop(&service);
}

Test(engine, cjson_has_fixed_limits)
{
  signet_engine_options options = engine_options(NULL, NULL);
  signet_engine *engine = engine_new(&options);

  engine_run_good(engine,
                  "for _, name in ipairs{'cjson', 'cjson.safe'} do "
                  "local cjson = require(name) "
                  "assert(cjson.decode('[1]')[1] == 1) "
                  "assert(not pcall(cjson.decode_max_depth, 1000)) "
                  "assert(not pcall(cjson.encode_max_depth, 1000)) "
                  "assert(not pcall(cjson.encode_sparse_array, true, 0)) "
                  "assert(not pcall(cjson.new)) "
                  "local deep = ('['):rep(33) .. (']'):rep(33) "
                  "local worked, value = pcall(cjson.decode, deep) "
                  "assert(not worked or value == nil) "
                  "deep = ('['):rep(32) .. (']'):rep(32) "
                  "assert(cjson.decode(deep)) end");
  signet_engine_free(engine);
}
