/* SPDX-License-Identifier: MIT */
/* Each initialiser and its function set every member, to the same. */
#include "signet/account.h"
#include "signet/engine.h"
#include "signet/error.h"
#include "signet/job.h"
#include "signet/plan.h"
#include "signet/sandbox.h"
#include "signet/world.h"

#include <criterion/criterion.h>

#include <stddef.h>
#include <string.h>

TestSuite(options);

/* The longest gap between two members: the next one is aligned to it. */
enum { GAP = _Alignof(max_align_t) };

/*
 * One function filled a structure of one byte and another of another byte, so
 * that a byte which it did not set differs between them. Gaps are such bytes; a
 * member that is as long as no gap is seen when it is forgotten.
 */
static void compare(const unsigned char *one, const unsigned char *other,
                    const unsigned char *expected, size_t size)
{
  size_t unset = 0;
  for (size_t i = 0; i < size; i++) {
    unset = one[i] == other[i] ? 0 : unset + 1;
    cr_assert_lt(unset, GAP / 2, "byte %zu of %zu is not set", i, size);
    if (unset == 0)
      cr_assert_eq(one[i], expected[i], "byte %zu of %zu differs", i, size);
  }
}

/* A test that the function of a structure sets what the macro does. */
#define SAME(name, type, macro, function)                               \
  Test(options, name##_byte_by_byte)                                    \
  {                                                                     \
    static const type expected = macro;                                 \
    type one, other;                                                    \
    memset(&one, 0x5A, sizeof one);                                     \
    memset(&other, 0xA5, sizeof other);                                 \
    function(&one);                                                     \
    function(&other);                                                   \
    compare((const unsigned char *)&one, (const unsigned char *)&other, \
            (const unsigned char *)&expected, sizeof one);              \
  }

/* Of a failure that holds texts: it must be empty before, to be freed. */
static void set_failure(signet_failure *failure)
{
  failure->message = NULL;
  failure->traceback = NULL;
  signet_failure_clear(failure);
}

SAME(error, signet_error, SIGNET_ERROR_INIT, signet_error_init)
SAME(account, signet_account_options, SIGNET_ACCOUNT_OPTIONS_INIT,
     signet_account_options_init)
SAME(operation, signet_operation, SIGNET_OPERATION_INIT, signet_operation_init)
SAME(world, signet_world_options, SIGNET_WORLD_OPTIONS_INIT,
     signet_world_options_init)
SAME(overlay, signet_overlay_options, SIGNET_OVERLAY_OPTIONS_INIT,
     signet_overlay_options_init)
SAME(plan_apply, signet_plan_apply_options, SIGNET_PLAN_APPLY_OPTIONS_INIT,
     signet_plan_apply_options_init)
SAME(job, signet_job_options, SIGNET_JOB_OPTIONS_INIT, signet_job_options_init)
SAME(sandbox, signet_sandbox_options, SIGNET_SANDBOX_OPTIONS_INIT,
     signet_sandbox_options_init)
SAME(engine, signet_engine_options, SIGNET_ENGINE_OPTIONS_INIT,
     signet_engine_options_init)
SAME(failure, signet_failure, SIGNET_FAILURE_INIT, set_failure)

/* --- what the defaults are ------------------------------------------------ */

Test(options, error)
{
  static const signet_error error = SIGNET_ERROR_INIT;
  cr_expect_eq(error.version, SIGNET_ERROR_VERSION);
  cr_expect_eq(error.kind, SIGNET_OK);
  cr_expect_eq(error.outcome, SIGNET_OUTCOME_NOT_SENT);
  cr_expect_not(error.retryable);
  cr_expect_eq(error.retry_after_ms, -1);
  cr_expect_str_empty(error.operation);
  cr_expect_str_empty(error.message);
}

Test(options, account)
{
  static const signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  cr_expect_eq(options.version, SIGNET_ACCOUNT_OPTIONS_VERSION);
  cr_expect_eq(options.dialect, SIGNET_CONFIGS);
  cr_expect_null(options.base_url);
  cr_expect_null(options.key);
  cr_expect_null(options.secret);
  cr_expect_eq(options.concurrency, 16);
  cr_expect(options.rate >= 0 && options.rate <= 0);
  cr_expect_eq(options.connect_timeout_ms, 10000);
  cr_expect_eq(options.timeout_ms, 120000);
  cr_expect_eq(options.poll_interval_ms, 2000);
  cr_expect_eq(options.max_reply_bytes, 256u << 20);
  cr_expect_null(options.ca_file);
  cr_expect_null(options.world);
  cr_expect_null(options.overlay);
  cr_expect_eq(options.max_header_bytes, 64u << 10);
  cr_expect_null(options.client_cert);
  cr_expect_null(options.client_key);
  cr_expect_null(options.client_key_password);
  cr_expect_null(options.proxy);
  cr_expect_null(options.proxy_user);
  cr_expect_null(options.proxy_password);
  cr_expect_not(options.http2);
  cr_expect_eq(options.max_list, 1000000);
}

Test(options, operation)
{
  static const signet_operation operation = SIGNET_OPERATION_INIT;
  cr_expect_eq(operation.version, SIGNET_OPERATION_VERSION);
  cr_expect_eq(operation.kind, SIGNET_SIGN);
  cr_expect_eq(operation.verb, SIGNET_GET);
  cr_expect_null(operation.id);
  cr_expect_eq(operation.status, 0);
  cr_expect_eq(operation.timeout_ms, -1);
  cr_expect_null(operation.body);
}

Test(options, world)
{
  static const signet_world_options options = SIGNET_WORLD_OPTIONS_INIT;
  cr_expect_eq(options.version, SIGNET_WORLD_OPTIONS_VERSION);
  cr_expect_eq(options.test_rule, SIGNET_WORLD_TEST_WORD);
  cr_expect(options.create_tells_id);
  cr_expect_not(options.length_in_bytes);
  cr_expect_eq(options.max_signs, 100);
}

Test(options, job)
{
  static const signet_job_options options = SIGNET_JOB_OPTIONS_INIT;
  cr_expect_eq(options.version, SIGNET_JOB_OPTIONS_VERSION);
  cr_expect_str_eq(options.type, "run");
  cr_expect_eq(options.wait_lock_ms, 0);
  cr_expect_not(options.no_journal);
  cr_expect_not(options.accept_damage);
  cr_expect_null(options.confirm);
}

Test(options, plan_apply)
{
  static const signet_plan_apply_options options =
      SIGNET_PLAN_APPLY_OPTIONS_INIT;
  cr_expect_eq(options.version, SIGNET_PLAN_APPLY_OPTIONS_VERSION);
  cr_expect_not(options.undo);
  cr_expect_not(options.park);
  cr_expect_not(options.check);
  cr_expect_eq(options.at_once, 128);
  cr_expect_null(options.event);
}

Test(options, sandbox)
{
  static const signet_sandbox_options options = SIGNET_SANDBOX_OPTIONS_INIT;
  cr_expect_eq(options.version, SIGNET_SANDBOX_OPTIONS_VERSION);
  cr_expect_eq(options.port, 0);
  cr_expect_str_eq(options.key, "key");
  cr_expect_str_eq(options.secret, "secret");
  cr_expect_null(options.state_file);
}

Test(options, engine)
{
  static const signet_engine_options options = SIGNET_ENGINE_OPTIONS_INIT;
  cr_expect_eq(options.version, SIGNET_ENGINE_OPTIONS_VERSION);
  cr_expect_eq(options.libraries, (unsigned)SIGNET_LIBRARY_ALL);
  cr_expect_eq(options.memory_limit, 0);
  cr_expect_eq(options.instruction_limit, 0);
  cr_expect_null(options.borrow);
  cr_expect_null(options.script_path);
}
