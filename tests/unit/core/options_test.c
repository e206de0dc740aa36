/* SPDX-License-Identifier: MIT */
/* Each initialiser and its function set every member, to the same. */
#include "signet/account.h"
#include "signet/error.h"
#include "signet/world.h"

#include <criterion/criterion.h>

#include <string.h>

TestSuite(options);

Test(options, error)
{
  static const signet_error expected = SIGNET_ERROR_INIT;
  signet_error error;
  memset(&error, 0x5A, sizeof error);
  signet_error_init(&error);
  cr_expect_eq(error.version, SIGNET_ERROR_VERSION);
  cr_expect_eq(error.version, expected.version);
  cr_expect_eq(error.kind, SIGNET_OK);
  cr_expect_eq(error.kind, expected.kind);
  cr_expect_eq(error.outcome, expected.outcome);
  cr_expect_eq(error.retryable, expected.retryable);
  cr_expect_eq(error.http_status, expected.http_status);
  cr_expect_eq(error.code, expected.code);
  cr_expect_eq(error.retry_after_ms, -1);
  cr_expect_eq(error.retry_after_ms, expected.retry_after_ms);
  cr_expect_arr_eq(error.operation, expected.operation, sizeof error.operation);
  cr_expect_arr_eq(error.id, expected.id, sizeof error.id);
  cr_expect_arr_eq(error.message, expected.message, sizeof error.message);
  cr_expect_arr_eq(error.service_message, expected.service_message,
                   sizeof error.service_message);
}

Test(options, account)
{
  static const signet_account_options expected = SIGNET_ACCOUNT_OPTIONS_INIT;
  signet_account_options options;
  memset(&options, 0x5A, sizeof options);
  signet_account_options_init(&options);
  cr_expect_eq(options.version, SIGNET_ACCOUNT_OPTIONS_VERSION);
  cr_expect_eq(options.version, expected.version);
  cr_expect_eq(options.dialect, SIGNET_CONFIGS);
  cr_expect_eq(options.dialect, expected.dialect);
  cr_expect_null(options.base_url);
  cr_expect_null(expected.base_url);
  cr_expect_null(options.key);
  cr_expect_null(expected.key);
  cr_expect_null(options.secret);
  cr_expect_null(expected.secret);
  cr_expect_eq(options.concurrency, 16);
  cr_expect_eq(options.concurrency, expected.concurrency);
  cr_expect(options.rate >= 0 && options.rate <= 0);
  cr_expect(expected.rate >= 0 && expected.rate <= 0);
  cr_expect_eq(options.connect_timeout_ms, 10000);
  cr_expect_eq(options.connect_timeout_ms, expected.connect_timeout_ms);
  cr_expect_eq(options.timeout_ms, 120000);
  cr_expect_eq(options.timeout_ms, expected.timeout_ms);
  cr_expect_eq(options.poll_interval_ms, 2000);
  cr_expect_eq(options.poll_interval_ms, expected.poll_interval_ms);
  cr_expect_eq(options.max_reply_bytes, 256u << 20);
  cr_expect_eq(options.max_reply_bytes, expected.max_reply_bytes);
  cr_expect_null(options.ca_file);
  cr_expect_null(expected.ca_file);
  cr_expect_null(options.world);
  cr_expect_null(expected.world);
  cr_expect_eq(options.max_header_bytes, 64u << 10);
  cr_expect_eq(options.max_header_bytes, expected.max_header_bytes);
  cr_expect_null(options.client_cert);
  cr_expect_null(expected.client_cert);
  cr_expect_null(options.client_key);
  cr_expect_null(expected.client_key);
  cr_expect_null(options.client_key_password);
  cr_expect_null(expected.client_key_password);
  cr_expect_null(options.proxy);
  cr_expect_null(expected.proxy);
  cr_expect_null(options.proxy_user);
  cr_expect_null(expected.proxy_user);
  cr_expect_null(options.proxy_password);
  cr_expect_null(expected.proxy_password);
  cr_expect_not(options.http2);
  cr_expect_not(expected.http2);
  cr_expect_eq(options.max_list, 1000000);
  cr_expect_eq(options.max_list, expected.max_list);
}

Test(options, operation)
{
  static const signet_operation expected = SIGNET_OPERATION_INIT;
  signet_operation operation;
  memset(&operation, 0x5A, sizeof operation);
  signet_operation_init(&operation);
  cr_expect_eq(operation.version, SIGNET_OPERATION_VERSION);
  cr_expect_eq(operation.version, expected.version);
  cr_expect_eq(operation.kind, SIGNET_SIGN);
  cr_expect_eq(operation.kind, expected.kind);
  cr_expect_eq(operation.verb, SIGNET_GET);
  cr_expect_eq(operation.verb, expected.verb);
  cr_expect_null(operation.id);
  cr_expect_null(expected.id);
  cr_expect_eq(operation.id_length, expected.id_length);
  cr_expect_null(operation.fields);
  cr_expect_null(expected.fields);
  cr_expect_eq(operation.status, 0);
  cr_expect_eq(operation.status, expected.status);
  cr_expect_eq(operation.timeout_ms, -1);
  cr_expect_eq(operation.timeout_ms, expected.timeout_ms);
  cr_expect_null(operation.method);
  cr_expect_null(expected.method);
  cr_expect_null(operation.path);
  cr_expect_null(expected.path);
  cr_expect_null(operation.body);
  cr_expect_null(expected.body);
  cr_expect_eq(operation.body_length, 0);
  cr_expect_eq(operation.body_length, expected.body_length);
}

Test(options, world)
{
  static const signet_world_options expected = SIGNET_WORLD_OPTIONS_INIT;
  signet_world_options options;
  memset(&options, 0x5A, sizeof options);
  signet_world_options_init(&options);
  cr_expect_eq(options.version, SIGNET_WORLD_OPTIONS_VERSION);
  cr_expect_eq(options.version, expected.version);
  cr_expect_eq(options.test_rule, expected.test_rule);
  cr_expect_eq(options.delete_pending, expected.delete_pending);
  cr_expect_eq(options.free_name_on_submit, expected.free_name_on_submit);
  cr_expect_eq(options.review_unchanged, expected.review_unchanged);
  cr_expect_eq(options.length_in_bytes, expected.length_in_bytes);
  cr_expect_eq(options.delete_used_sign, expected.delete_used_sign);
  cr_expect_eq(options.create_tells_id, expected.create_tells_id);
  cr_expect_eq(options.max_signs, 100);
  cr_expect_eq(options.max_signs, expected.max_signs);
}
