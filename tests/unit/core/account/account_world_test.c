/* SPDX-License-Identifier: MIT */
/* Every call of an account, on a world. */
#include "account_on_world.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

TestSuite(account_world, .init = on_world_begin, .fini = on_world_end,
          .timeout = 120);

#define APPROVED SIGNET_STATUS_APPROVED
#define PENDING SIGNET_STATUS_PENDING
#define REJECTED SIGNET_STATUS_REJECTED

static char id[SIGNET_ID_SIZE];
static char other[SIGNET_ID_SIZE];

Test(account_world, sign_create_get_update_delete)
{
  signet_fields *fields = text_field("sign_name", "Company");
  signet_call *call =
      expect_done(signet_sign_create(on.account, fields, NULL, NULL));
  memcpy(id, signet_call_id(call), sizeof id);
  cr_expect_gt(strlen(id), 0);
  signet_call_release(call);
  call = expect_done(signet_sign_get(on.account, id, NULL, NULL));
  const signet_record *record = signet_call_record(call);
  cr_expect_str_eq(signet_record_string(record, "sign_name"), "Company");
  cr_expect_eq(signet_record_integer(record, "status", 0), PENDING);
  cr_expect_eq(signet_record_integer(record, "created_time", 0), 1700000000);
  cr_expect_str_eq(signet_call_id(call), id);
  cr_expect_eq(signet_list_count(signet_call_list(call)), 1);
  signet_call_release(call);
  cr_assert(signet_world_review(on.world, SIGNET_SIGN, id, APPROVED, NULL));
  signet_fields_set_string(fields, "sign_name", "New Name");
  call = expect_done(signet_sign_update(on.account, id, fields, NULL, NULL));
  cr_expect_str_eq(signet_call_id(call), id);
  cr_expect_null(signet_call_list(call));
  signet_call_release(call);
  signet_call_release(
      expect_done(signet_sign_delete(on.account, id, NULL, NULL)));
  expect_error(signet_sign_get(on.account, id, NULL, NULL),
               SIGNET_ERROR_NOT_FOUND, SIGNET_OUTCOME_REFUSED);
  signet_fields_free(fields);
  cr_expect_eq(signet_account_requests(on.account), 5);
}

Test(account_world, template_create_get_delete)
{
  world_sign("Company", APPROVED, other);
  signet_fields *fields = template_fields("Order");
  signet_fields_set_string(fields, "sign_id", other);
  signet_fields_set_integer(fields, "sign_position", 2);
  signet_call *call =
      expect_done(signet_template_create(on.account, fields, NULL, NULL));
  memcpy(id, signet_call_id(call), sizeof id);
  signet_call_release(call);
  call = expect_done(signet_template_get(on.account, id, NULL, NULL));
  const signet_record *record = signet_call_record(call);
  cr_expect_str_eq(signet_record_string(record, "sign_id"), other);
  cr_expect_eq(signet_record_integer(record, "sign_position", 0), 2);
  signet_call_release(call);
  signet_call_release(
      expect_done(signet_template_delete(on.account, id, NULL, NULL)));
  expect_error(signet_template_delete(on.account, id, NULL, NULL),
               SIGNET_ERROR_NOT_FOUND, SIGNET_OUTCOME_REFUSED);
  signet_fields_free(fields);
}

/* The caller's fields and text are copied at once. */
Test(account_world, arguments_may_go_before_the_call_runs)
{
  char name[] = "Company";
  signet_fields *fields = text_field("sign_name", name);
  signet_call *call = signet_sign_create(on.account, fields, NULL, NULL);
  memset(name, 'x', sizeof name - 1);
  signet_fields_set_string(fields, "sign_name", "Other");
  signet_fields_free(fields);
  memcpy(id, signet_call_id(expect_done(call)), sizeof id);
  signet_call_release(call);
  char gone[SIGNET_ID_SIZE];
  memcpy(gone, id, sizeof gone);
  call = signet_sign_get(on.account, gone, NULL, NULL);
  memset(gone, '9', sizeof gone - 1);
  expect_done(call);
  cr_expect_str_eq(signet_record_string(signet_call_record(call), "sign_name"),
                   "Company");
  signet_call_release(call);
}

Test(account_world, what_the_service_refuses_keeps_its_words)
{
  static const struct {
    int status;
    bool locked;
    const char *name;
    signet_error_kind kind;
    const char *words;
  } cases[] = {
      {PENDING, false, "New", SIGNET_ERROR_PENDING, "pending status sign"},
      {APPROVED, true, "New", SIGNET_ERROR_IN_USE, "pending or running plans"},
      {APPROVED, false, "Taken", SIGNET_ERROR_CONFLICT, "already exist"},
  };
  world_sign("Taken", APPROVED, other);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char name[16];
    snprintf(name, sizeof name, "Name %zu", i);
    world_sign(name, cases[i].status, id);
    signet_world_lock(on.world, SIGNET_SIGN, id, cases[i].locked);
    signet_fields *fields = text_field("sign_name", cases[i].name);
    signet_call *call = signet_sign_update(on.account, id, fields, NULL, NULL);
    const signet_error *error = signet_call_wait(call);
    cr_assert_not_null(error);
    cr_expect_eq(error->kind, cases[i].kind);
    cr_expect_eq(error->code, 400);
    cr_expect_eq(error->http_status, 400);
    cr_expect_not(error->retryable);
    cr_expect_str_eq(error->operation, "signs:update");
    cr_expect_str_eq(error->id, id);
    cr_expect_not_null(strstr(error->service_message, cases[i].words));
    cr_expect_not_null(strstr(error->message, cases[i].words));
    cr_expect_not_null(strstr(error->message, id));
    signet_call_release(call);
    signet_fields_free(fields);
  }
}

Test(account_world, wrong_arguments_never_become_a_request)
{
  static const struct {
    const char *bytes;
    size_t length;
  } ids[] = {{"", 0},     {"1/2", 3},     {"..", 2},
             {"1\0", 2},  {"-1", 2},      {" 1", 2},
             {"1\n2", 3}, {"\x1B[2J", 4}, {"12345678901234567890", 20}};
  static const signet_verb verbs[] = {SIGNET_GET, SIGNET_UPDATE, SIGNET_DELETE,
                                      SIGNET_WAIT};
  signet_fields *fields = text_field("sign_name", "Fine");
  for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
    for (size_t k = 0; k < 4; k++) {
      signet_operation operation = SIGNET_OPERATION_INIT;
      operation.verb = verbs[k];
      operation.id = ids[i].bytes;
      operation.id_length = ids[i].length;
      operation.fields = fields;
      operation.status = APPROVED;
      signet_call *call = signet_call_start(on.account, &operation, NULL, NULL);
      cr_expect(signet_call_is_done(call));
      cr_expect_str_eq(signet_call_id(call), "");
      cr_expect_str_eq(signet_call_error(call)->id, "");
      expect_words(call, SIGNET_ERROR_VALIDATION, SIGNET_OUTCOME_NOT_SENT,
                   "rule id");
    }
  }
  signet_fields_set_string(fields, "sign_name", "[x]");
  expect_words(signet_sign_create(on.account, fields, NULL, NULL),
               SIGNET_ERROR_VALIDATION, SIGNET_OUTCOME_NOT_SENT,
               "Create Signature Configuration");
  expect_error(signet_sign_create(on.account, NULL, NULL, NULL),
               SIGNET_ERROR_VALIDATION, SIGNET_OUTCOME_NOT_SENT);
  expect_error(signet_template_update(on.account, "1", NULL, NULL, NULL),
               SIGNET_ERROR_VALIDATION, SIGNET_OUTCOME_NOT_SENT);
  expect_error(signet_sign_get(on.account, NULL, NULL, NULL),
               SIGNET_ERROR_VALIDATION, SIGNET_OUTCOME_NOT_SENT);
  signet_fields_free(fields);
  cr_expect_eq(signet_account_requests(on.account), 0);
}

/* An id that is refused for another reason is not shown unchecked either. */
Test(account_world, an_unchecked_id_is_in_no_error)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  operation.id = "\x1B[2J";
  operation.id_length = 4;
  operation.verb = SIGNET_CREATE;
  signet_call *call = signet_call_start(on.account, &operation, NULL, NULL);
  cr_expect_str_eq(signet_call_error(call)->id, "");
  signet_call_release(call);
  signet_account_hold(on.account, true);
  operation.verb = SIGNET_GET;
  call = signet_call_start(on.account, &operation, NULL, NULL);
  cr_expect_eq(signet_call_error(call)->kind, SIGNET_ERROR_CANCELLED);
  cr_expect_str_eq(signet_call_error(call)->id, "");
  cr_expect_null(strchr(signet_call_error(call)->message, '\x1B'));
  signet_call_release(call);
}

Test(account_world, a_doubt_is_a_warning)
{
  signet_fields *fields = template_fields("Order");
  signet_fields_set_string(fields, "template_content", "the latest news");
  signet_call *call =
      expect_done(signet_template_create(on.account, fields, NULL, NULL));
  cr_assert_not_null(signet_call_warning(call));
  cr_expect_not_null(strstr(signet_call_warning(call), "test"));
  signet_call_release(call);
  signet_fields_set_string(fields, "template_content", "news");
  call = expect_done(signet_template_create(on.account, fields, NULL, NULL));
  cr_expect_null(signet_call_warning(call));
  signet_call_release(call);
  signet_fields_free(fields);
}

/* ---- lists ---- */

static size_t count_listed(signet_kind kind, signet_fields *filter)
{
  signet_call *call =
      kind == SIGNET_SIGN
          ? signet_sign_list(on.account, filter, NULL, NULL)
          : signet_template_list(on.account, filter, NULL, NULL);
  expect_done(call);
  cr_expect_null(signet_call_record(call));
  size_t count = signet_list_count(signet_call_list(call));
  signet_call_release(call);
  signet_fields_free(filter);
  return count;
}

Test(account_world, lists_and_filters)
{
  world_sign("Alpha", APPROVED, other);
  world_sign("Beta", PENDING, id);
  world_sign("Gamma", REJECTED, id);
  world_sign("Delta", REJECTED, id);
  world_template("One", APPROVED, other, 1, id);
  world_template("Two", REJECTED, NULL, 0, id);
  cr_expect_eq(count_listed(SIGNET_SIGN, NULL), 4);
  cr_expect_eq(count_listed(SIGNET_SIGN, signet_fields_new()), 4);
  cr_expect_eq(count_listed(SIGNET_TEMPLATE, NULL), 2);
  static const struct {
    signet_kind kind;
    const char *name;
    const char *text; /* NULL: the number */
    int64_t number;
    size_t count;
  } cases[] = {
      {SIGNET_SIGN, "status", "rejected", 0, 2},
      {SIGNET_SIGN, "status", "approved", 0, 1},
      {SIGNET_SIGN, "status", NULL, 3, 2},
      {SIGNET_SIGN, "status", NULL, 9, 0},
      {SIGNET_SIGN, "sign_name", "Beta", 0, 1},
      {SIGNET_SIGN, "sign_name", "beta", 0, 0},
      {SIGNET_SIGN, "sign_name", "Bet", 0, 0},
      {SIGNET_SIGN, "related_template_count", NULL, 1, 1},
      {SIGNET_SIGN, "nonsense", "x", 0, 0},
      {SIGNET_TEMPLATE, "status", "rejected", 0, 1},
      {SIGNET_TEMPLATE, "sign_id", other, 0, 1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    signet_fields *filter = signet_fields_new();
    if (cases[i].text != NULL)
      signet_fields_set_string(filter, cases[i].name, cases[i].text);
    else
      signet_fields_set_integer(filter, cases[i].name, cases[i].number);
    cr_expect_eq(count_listed(cases[i].kind, filter), cases[i].count,
                 "case %zu", i);
  }
  static const char *const wrong[] = {"Rejected", "gone", "", "3", "\x1B"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    signet_fields *filter = text_field("status", wrong[i]);
    expect_words(signet_sign_list(on.account, filter, NULL, NULL),
                 SIGNET_ERROR_VALIDATION, SIGNET_OUTCOME_NOT_SENT,
                 "is no status");
    signet_fields_free(filter);
  }
}

Test(account_world, a_list_outlives_its_call_and_its_account)
{
  world_sign("Alpha", APPROVED, id);
  signet_call *call =
      expect_done(signet_sign_list(on.account, NULL, NULL, NULL));
  signet_list *list = signet_list_retain(signet_call_list(call));
  signet_call_release(call);
  on_world_speak(SIGNET_CONFIGS);
  cr_expect_str_eq(signet_record_string(signet_list_at(list, 0), "sign_name"),
                   "Alpha");
  signet_list_release(list);
}

/* ---- created without being told the id ---- */

Test(account_world, a_created_sign_is_found_by_its_name)
{
  signet_world_switches(on.world)->create_tells_id = false;
  world_sign("Company A", APPROVED, id);
  world_sign("Company", APPROVED, id);
  signet_fields *fields = text_field("sign_name", "Company B");
  signet_call *call =
      expect_done(signet_sign_create(on.account, fields, NULL, NULL));
  memcpy(id, signet_call_id(call), sizeof id);
  signet_call_release(call);
  call = expect_done(signet_sign_get(on.account, id, NULL, NULL));
  cr_expect_str_eq(signet_record_string(signet_call_record(call), "sign_name"),
                   "Company B");
  signet_call_release(call);
  signet_fields_free(fields);
}

static signet_call *create_template(const char *type, const char *sign_id)
{
  signet_fields *fields = template_fields("Order");
  signet_fields_set_string(fields, "template_type", type);
  if (sign_id != NULL) {
    signet_fields_set_string(fields, "sign_id", sign_id);
    signet_fields_set_integer(fields, "sign_position", 1);
  }
  signet_call *call = signet_template_create(on.account, fields, NULL, NULL);
  signet_fields_free(fields);
  return call;
}

Test(account_world, a_created_template_is_found_by_all_its_fields)
{
  signet_world_switches(on.world)->create_tells_id = false;
  world_sign("Company", APPROVED, other);
  world_template("Order", PENDING, other, 1, id);
  world_template("Order", PENDING, other, 2, id);
  char last[SIGNET_ID_SIZE];
  signet_call *call = expect_done(create_template("utility", NULL));
  memcpy(last, signet_call_id(call), sizeof last);
  signet_call_release(call);
  cr_expect_str_neq(last, id);
  call = expect_done(create_template("marketing", other));
  cr_expect_str_neq(signet_call_id(call), last);
  cr_expect_str_neq(signet_call_id(call), id);
  signet_call_release(call);
}

Test(account_world, a_type_that_the_service_renames_is_found)
{
  signet_world_switches(on.world)->create_tells_id = false;
  signet_call *call = expect_done(create_template("otp", NULL));
  cr_expect_gt(strlen(signet_call_id(call)), 0);
  signet_call_release(call);
}

Test(account_world, an_older_twin_is_told_apart_by_its_time)
{
  signet_world_switches(on.world)->create_tells_id = false;
  world_template("Order", PENDING, NULL, 0, id);
  signet_world_set_time(on.world, INT64_C(1700000005000));
  signet_call *call = expect_done(create_template("utility", NULL));
  cr_expect_str_neq(signet_call_id(call), id);
  signet_call_release(call);
}

Test(account_world, a_twin_of_the_same_time_leaves_the_id_unknown)
{
  signet_world_switches(on.world)->create_tells_id = false;
  world_template("Order", PENDING, NULL, 0, id);
  signet_call *call = create_template("utility", NULL);
  signet_call_wait(call);
  cr_expect_str_eq(signet_call_id(call), "");
  expect_words(call, SIGNET_ERROR_UNKNOWN_OUTCOME, SIGNET_OUTCOME_UNKNOWN,
               "2 entries look the same");
}

Test(account_world, many_created_at_once_share_lists)
{
  enum { CREATED = 200 };
  signet_call *calls[CREATED];
  signet_world_switches(on.world)->create_tells_id = false;
  for (size_t i = 0; i < CREATED; i++) {
    char name[32];
    snprintf(name, sizeof name, "Company %zu", i);
    signet_fields *fields = text_field("sign_name", name);
    calls[i] = signet_sign_create(on.account, fields, NULL, NULL);
    signet_fields_free(fields);
  }
  for (size_t i = 0; i < CREATED; i++) {
    expect_done(calls[i]);
    for (size_t k = 0; k < i; k++)
      cr_assert_str_neq(signet_call_id(calls[k]), signet_call_id(calls[i]));
  }
  for (size_t i = 0; i < CREATED; i++)
    signet_call_release(calls[i]);
  cr_expect_leq(signet_account_requests(on.account), CREATED + 3);
}

/* ---- the dialect of 2023 ---- */

Test(account_world, signs_dialect)
{
  on_world_speak(SIGNET_SIGNS);
  cr_expect_eq(signet_account_dialect(on.account), SIGNET_SIGNS);
  signet_world_switches(on.world)->create_tells_id = false; /* it always does */
  signet_fields *fields = text_field("sign_name", "Company");
  signet_call *call =
      expect_done(signet_sign_create(on.account, fields, NULL, NULL));
  memcpy(id, signet_call_id(call), sizeof id);
  signet_call_release(call);
  call = expect_done(signet_sign_get(on.account, id, NULL, NULL));
  signet_value value;
  cr_assert(signet_record_get(signet_call_record(call), "sign_id", &value));
  cr_expect_eq(value.type, SIGNET_INTEGER);
  cr_assert(signet_record_get(signet_call_record(call), "create_time", &value));
  cr_expect_str_eq(value.as.text.data, "2023-11-15T06:13:20+0800");
  signet_call_release(call);
  signet_fields_set_string(fields, "sign_name", "Renamed");
  signet_call_release(
      expect_done(signet_sign_update(on.account, id, fields, NULL, NULL)));
  cr_expect_eq(count_listed(SIGNET_SIGN, text_field("sign_name", "Renamed")),
               1);
  cr_expect_eq(count_listed(SIGNET_SIGN, text_field("sign_name", "Rename")), 0,
               "a filter compares the whole value");
  signet_call_release(
      expect_done(signet_sign_delete(on.account, id, NULL, NULL)));
  expect_words(signet_sign_get(on.account, id, NULL, NULL),
               SIGNET_ERROR_NOT_FOUND, SIGNET_OUTCOME_REFUSED,
               "sign not exists");
  signet_fields_free(fields);
}

Test(account_world, what_the_signs_dialect_lacks)
{
  on_world_speak(SIGNET_SIGNS);
  signet_fields *fields = template_fields("Order");
  signet_call *calls[] = {
      signet_template_list(on.account, NULL, NULL, NULL),
      signet_template_get(on.account, "1", NULL, NULL),
      signet_template_create(on.account, fields, NULL, NULL),
      signet_template_update(on.account, "1", fields, NULL, NULL),
      signet_template_delete(on.account, "1", NULL, NULL),
      signet_template_wait(on.account, "1", APPROVED, -1, NULL, NULL),
      signet_sign_wait(on.account, "1", APPROVED, -1, NULL, NULL),
  };
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
    expect_error(calls[i], SIGNET_ERROR_UNSUPPORTED, SIGNET_OUTCOME_NOT_SENT);
  signet_fields_free(fields);
  cr_expect_eq(signet_account_requests(on.account), 0);
}

Test(account_world, raw_requests_are_checked_and_not_for_worlds)
{
  static const struct {
    const char *method;
    const char *path;
    signet_error_kind kind;
  } cases[] = {
      {"GET", "/v1/sign-configs", SIGNET_ERROR_UNSUPPORTED},
      {"GET", "/a/..b/...?x=/../", SIGNET_ERROR_VALIDATION},
      {"GET", "/a..b/.../c.d?x=y%20z", SIGNET_ERROR_UNSUPPORTED},
      {"PATCH", "/v1", SIGNET_ERROR_VALIDATION},
      {"get", "/v1", SIGNET_ERROR_VALIDATION},
      {NULL, "/v1", SIGNET_ERROR_VALIDATION},
      {"GET", NULL, SIGNET_ERROR_VALIDATION},
      {"GET", "", SIGNET_ERROR_VALIDATION},
      {"GET", "v1", SIGNET_ERROR_VALIDATION},
      {"GET", "https://host/", SIGNET_ERROR_VALIDATION},
      {"GET", "/a/../b", SIGNET_ERROR_VALIDATION},
      {"GET", "/..", SIGNET_ERROR_VALIDATION},
      {"GET", "/a/.", SIGNET_ERROR_VALIDATION},
      {"GET", "/./a", SIGNET_ERROR_VALIDATION},
      {"GET", "/a b", SIGNET_ERROR_VALIDATION},
      {"GET", "/a\r\nX: y", SIGNET_ERROR_VALIDATION},
      {"GET", "/a#b", SIGNET_ERROR_VALIDATION},
      {"GET", "/\xE4\xB8\xAD", SIGNET_ERROR_VALIDATION},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    signet_call *call = signet_request(on.account, cases[i].method,
                                       cases[i].path, NULL, 0, NULL, NULL);
    signet_call_wait(call);
    size_t length;
    cr_expect_null(signet_call_body(call, &length));
    cr_expect_str_eq(signet_call_error(call)->operation, "request");
    cr_expect_eq(signet_call_error(call)->kind, cases[i].kind, "%s %s: %s",
                 cases[i].method, cases[i].path,
                 signet_call_error(call)->message);
    signet_call_release(call);
  }
}

Test(account_world, options_of_another_version_are_refused)
{
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  signet_error error;
  options.version = 99;
  options.world = on.world;
  cr_expect_null(signet_account_open(on.loop, &options, &error));
  cr_expect_eq(error.kind, SIGNET_ERROR_CONFIGURATION);
  signet_account_close(NULL);
}

/* What only a service over HTTP has is empty on a world, and setting it is no
 * mistake. */
static void no_pause(signet_account *account, int64_t milliseconds,
                     const char *reason, void *user)
{
  (void)account, (void)milliseconds, (void)reason, (void)user;
  cr_expect_fail("a world pauses nothing");
}

static void no_trace(void *user, const signet_trace *trace)
{
  (void)user, (void)trace;
  cr_expect_fail("a world has no requests to be traced");
}

Test(account_world, a_world_has_no_transport)
{
  signet_learned learned = {.rate = 7, .concurrency = 7};
  signet_account_on_pause(on.account, no_pause, NULL);
  signet_account_on_trace(on.account, no_trace, NULL, 100);
  signet_account_teach(on.account, &learned);
  signet_account_set_pace(on.account, SIGNET_PACE_GENTLE);
  cr_expect_eq(signet_account_pace(on.account), SIGNET_PACE_GENTLE);
  cr_expect_str_eq(signet_account_url(on.account), "");
  cr_expect_eq(signet_account_paused(on.account), 0);
  world_sign("Company", APPROVED, id);
  signet_call_release(expect_done(signet_sign_get(on.account, id, NULL, NULL)));
  signet_account_learned(on.account, &learned);
  cr_expect_eq(learned.concurrency, 0);
  cr_expect_float_eq(learned.rate, 0, 0);
  signet_account_hold(on.account, true);
  signet_account_hold(on.account, false);
}

/* Spaces around the parts of a list are no part of them. */
Test(account_world, what_is_protected_stays)
{
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  signet_error error;
  signet_fields *fields = text_field("sign_name", "New name");
  char list[64];
  world_sign("Bank of All", APPROVED, id);
  world_sign("Company", APPROVED, other);
  snprintf(list, sizeof list, "1 ,  %s ,2", other);
  options.world = on.world;
  options.protect_name = " none , ,Bank* ";
  signet_account *names = signet_account_open(on.loop, &options, &error);
  options.protect_name = NULL;
  options.protect_id = list;
  signet_account *ids = signet_account_open(on.loop, &options, &error);
  cr_assert(names != NULL && ids != NULL);
  expect_words(signet_sign_update(names, id, fields, NULL, NULL),
               SIGNET_ERROR_REFUSED, SIGNET_OUTCOME_NOT_SENT,
               "protect_name = Bank*");
  expect_words(signet_sign_delete(ids, other, NULL, NULL), SIGNET_ERROR_REFUSED,
               SIGNET_OUTCOME_NOT_SENT, "protect_id = ");
  expect_words(
      signet_request(names, "DELETE", "/v1/signs/1", NULL, 0, NULL, NULL),
      SIGNET_ERROR_REFUSED, SIGNET_OUTCOME_NOT_SENT,
      "a raw DELETE can't be checked");
  expect_words(signet_request(ids, "PUT", "/v1/signs/1", "{}", 2, NULL, NULL),
               SIGNET_ERROR_REFUSED, SIGNET_OUTCOME_NOT_SENT,
               "a raw PUT can't be checked");
  signet_call_release(
      expect_done(signet_sign_update(names, other, fields, NULL, NULL)));
  signet_call_release(expect_done(signet_sign_delete(ids, id, NULL, NULL)));
  signet_fields_free(fields);
  signet_account_close(names);
  signet_account_close(ids);
}

Test(account_world, a_path_goes_out_as_it_is_or_not_at_all)
{
  static char lengthy[SIGNET_PATH_MAXIMUM + 1];
  static const char *const wrong[] = {NULL,   "",       "v1/signs",  "/a b",
                                      "/a#b", "/a\x7f", "/\xc3\xa9", lengthy};
  memset(lengthy, 'x', sizeof lengthy - 1);
  lengthy[0] = '/';
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
    expect_error(
        signet_request(on.account, "GET", wrong[i], NULL, 0, NULL, NULL),
        SIGNET_ERROR_VALIDATION, SIGNET_OUTCOME_NOT_SENT);
}
