/* SPDX-License-Identifier: MIT */
/* The service's rules, and every switch in both positions. */
#include "world_support.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#define TEMPLATE(content)                                       \
  "{\"template_name\":\"Order\",\"template_type\":\"utility\"," \
  "\"template_content\":\"" content "\",\"country_codes\":\"CN,US\"}"

TestSuite(world_rules, .init = world_begin, .fini = world_end);

Test(world_rules, a_new_signature_is_pending_and_complete)
{
  cr_expect_str_eq(
      apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Company Name\"}"),
      "ok");
  cr_expect_str_eq(answer(),
                   "{\"sign_id\":\"100000001\",\"sign_name\":\"Company Name\","
                   "\"status\":1,\"related_template_count\":0,"
                   "\"audit_remark\":\"\",\"created_time\":1700000000,"
                   "\"updated_time\":1700000000}\n");
  cr_expect_eq(last_error.outcome, SIGNET_OUTCOME_APPLIED);
}

Test(world_rules, a_new_template_is_pending_and_follows_its_signature)
{
  const char *sign = approved_sign("Company Name");
  cr_expect_str_eq(sign, "100000001");
  cr_expect_str_eq(
      apply("create", SIGNET_TEMPLATE, NULL,
            "{\"template_name\":\"Order\",\"template_type\":\"utility\","
            "\"template_content\":\"Your order {n}\",\"country_codes\":\"CN\","
            "\"add_signature\":true,\"sign_id\":\"100000001\","
            "\"sign_position\":2}"),
      "ok");
  cr_expect_str_eq(
      answer(),
      "{\"template_id\":\"100000002\",\"template_name\":\"Order\","
      "\"template_type\":\"utility\",\"template_content\":\"Your order {n}\","
      "\"country_codes\":\"CN\",\"status\":1,\"sign_id\":\"100000001\","
      "\"sign_name\":\"Company Name\",\"sign_position\":2,\"sign_status\":2,"
      "\"audit_remark\":\"\",\"created_time\":1700000000,"
      "\"updated_time\":1700000000}\n");
  cr_expect_str_eq(field(SIGNET_SIGN, sign, "related_template_count"), "1");
  apply("update", SIGNET_SIGN, sign, "{\"sign_name\":\"Renamed\"}");
  cr_expect_str_eq(field(SIGNET_TEMPLATE, "100000002", "sign_name"), "Renamed");
  cr_expect_str_eq(field(SIGNET_TEMPLATE, "100000002", "sign_status"), "1");
}

struct wrong_sign {
  char body[400];
  char text[200]; /* what the configs dialect says */
};

#define SIXTY                                                                \
  "\xe6\x99\xa8\xe6\x99\xa8\xe6\x99\xa8\xe6\x99\xa8\xe6\x99\xa8\xe6\x99\xa8" \
  "\xe6\x99\xa8\xe6\x99\xa8\xe6\x99\xa8\xe6\x99\xa8\xe6\x99\xa8\xe6\x99\xa8" \
  "\xe6\x99\xa8\xe6\x99\xa8\xe6\x99\xa8\xe6\x99\xa8\xe6\x99\xa8\xe6\x99\xa8" \
  "\xe6\x99\xa8\xe6\x99\xa8\xe6\x99\xa8\xe6\x99\xa8\xe6\x99\xa8\xe6\x99\xa8" \
  "\xe6\x99\xa8\xe6\x99\xa8\xe6\x99\xa8\xe6\x99\xa8\xe6\x99\xa8\xe6\x99\xa8" \
  "012345678901234567890123456789"

ParameterizedTestParameters(world_rules, wrong_names)
{
  static struct wrong_sign cases[] = {
      {"{}", "sign_name is missing"},
      {"{\"sign_name\":null}", "sign_name is missing"},
      {"{\"sign_name\":7}", "sign_name must be a string"},
      {"{\"sign_name\":\"\"}", "0 characters"},
      {"{\"sign_name\":\"a\"}", "1 character;"},
      {"{\"sign_name\":\"" SIXTY "x\"}", "61 characters"},
      {"{\"sign_name\":\"a[b\"}", "holds \"[\""},
      {"{\"sign_name\":\"a]b\"}", "holds \"]\""},
      {"{\"sign_name\":\"a【b\"}", "holds \"【\""},
      {"{\"sign_name\":\"a】b\"}", "holds \"】\""},
      {"{\"sign_name\":\"a\\u0000b\"}", "NUL"},
  };
  return cr_make_param_array(struct wrong_sign, cases,
                             sizeof cases / sizeof *cases);
}

ParameterizedTest(struct wrong_sign *one, world_rules, wrong_names)
{
  const char *said = apply("create", SIGNET_SIGN, NULL, one->body);
  cr_expect_not_null(strstr(said, one->text), "%s: %s", one->body, said);
  cr_expect_eq(last_error.code, 400);
  cr_expect_eq(last_error.http_status, 400);
  cr_expect_eq(last_error.kind, SIGNET_ERROR_VALIDATION);
  dialect = SIGNET_SIGNS;
  cr_expect_str_eq(apply("create", SIGNET_SIGN, NULL, one->body),
                   "Invalid sign_name");
  cr_expect_eq(last_error.code, 34005);
  apply("list", SIGNET_SIGN, NULL, NULL);
  cr_expect_str_empty(answer());
}

Test(world_rules, names_of_2_and_of_60_wide_characters_are_right)
{
  cr_expect_str_eq(
      apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"晨光\"}"), "ok");
  cr_expect_str_eq(
      apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"" SIXTY "\"}"),
      "ok");
}

Test(world_rules, unknown_fields_are_ignored_as_the_service_does)
{
  cr_expect_str_eq(apply("create", SIGNET_SIGN, NULL,
                         "{\"sign_name\":\"Company\",\"colour\":\"red\"}"),
                   "ok");
}

Test(world_rules, a_signature_is_found_by_its_id_only)
{
  approved_sign("Company");
  cr_expect_str_eq(apply("get", SIGNET_SIGN, "1", NULL),
                   "sign config not exist");
  cr_expect_eq(last_error.kind, SIGNET_ERROR_NOT_FOUND);
  cr_expect_str_eq(apply("get", SIGNET_SIGN, "9223372036854775807", NULL),
                   "sign config not exist");
  static const char *const wrong[] = {"",
                                      "abc",
                                      "-1",
                                      "1 ",
                                      "1/2",
                                      "１",
                                      "9223372036854775808",
                                      "100000001000000000000"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    cr_expect_str_eq(apply("get", SIGNET_SIGN, wrong[i], NULL),
                     "invalid signId", "%s", wrong[i]);
  cr_expect_str_eq(apply("get", SIGNET_TEMPLATE, "100000001", NULL),
                   "template config not exist");
  cr_expect_str_eq(apply("delete", SIGNET_TEMPLATE, "x", NULL),
                   "invalid templateId");
  dialect = SIGNET_SIGNS;
  cr_expect_str_eq(apply("get", SIGNET_SIGN, "abc", NULL), "sign not exists");
  cr_expect_eq(last_error.code, 34010);
}

Test(world_rules, names_are_unique)
{
  const char *first = approved_sign("First");
  const char *second = approved_sign("Second");
  cr_expect_str_eq(
      apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"First\"}"),
      "sign_name already exist");
  cr_expect_eq(last_error.kind, SIGNET_ERROR_CONFLICT);
  cr_expect_str_eq(
      apply("update", SIGNET_SIGN, second, "{\"sign_name\":\"First\"}"),
      "sign_name already exist");
  cr_expect_str_eq(field(SIGNET_SIGN, second, "sign_name"), "Second");
  cr_expect_str_eq(apply("delete", SIGNET_SIGN, first, NULL), "ok");
  cr_expect_str_eq(
      apply("update", SIGNET_SIGN, second, "{\"sign_name\":\"First\"}"), "ok");
  dialect = SIGNET_SIGNS;
  cr_expect_str_eq(
      apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"First\"}"),
      "Invalid sign_name");
}

Test(world_rules, an_update_goes_to_review_and_can_t_be_repeated)
{
  const char *sign = approved_sign("Company");
  set_seconds(NOW_S + 60);
  cr_expect_str_eq(
      apply("update", SIGNET_SIGN, sign, "{\"sign_name\":\"Other\"}"), "ok");
  cr_expect_str_eq(field(SIGNET_SIGN, sign, "status"), "1");
  cr_expect_str_eq(field(SIGNET_SIGN, sign, "created_time"), "1700000000");
  cr_expect_str_eq(field(SIGNET_SIGN, sign, "updated_time"), "1700000060");
  cr_expect_str_eq(
      apply("update", SIGNET_SIGN, sign, "{\"sign_name\":\"Third\"}"),
      "can not update pending status sign");
  cr_expect_eq(last_error.kind, SIGNET_ERROR_PENDING);
}

Test(world_rules, a_review_decides_once_and_leaves_its_remark)
{
  const char *sign = approved_sign("Company");
  cr_expect_not(signet_world_review(world, SIGNET_SIGN, sign,
                                    SIGNET_STATUS_REJECTED, "late"));
  apply("update", SIGNET_SIGN, sign, "{\"sign_name\":\"Other\"}");
  cr_expect(signet_world_review(world, SIGNET_SIGN, sign,
                                SIGNET_STATUS_REJECTED, "no licence"));
  cr_expect_str_eq(field(SIGNET_SIGN, sign, "status"), "3");
  cr_expect_str_eq(field(SIGNET_SIGN, sign, "audit_remark"), "no licence");
  apply("update", SIGNET_SIGN, sign, "{\"sign_name\":\"Other 2\"}");
  cr_expect_str_eq(field(SIGNET_SIGN, sign, "audit_remark"), "");
  cr_expect_not(signet_world_review(world, SIGNET_SIGN, "5",
                                    SIGNET_STATUS_APPROVED, NULL));
}

Test(world_rules, plans_lock_updates_and_deletes)
{
  const char *sign = approved_sign("Company");
  cr_expect(signet_world_lock(world, SIGNET_SIGN, sign, true));
  cr_expect_str_eq(
      apply("update", SIGNET_SIGN, sign, "{\"sign_name\":\"Other\"}"),
      "there are pending or running plans using current sign, can not update");
  cr_expect_eq(last_error.kind, SIGNET_ERROR_IN_USE);
  cr_expect_str_eq(
      apply("delete", SIGNET_SIGN, sign, NULL),
      "there are pending or running plans using current sign, can not delete");
  cr_expect(signet_world_lock(world, SIGNET_SIGN, sign, false));
  cr_expect_str_eq(apply("delete", SIGNET_SIGN, sign, NULL), "ok");
  cr_expect_not(signet_world_lock(world, SIGNET_SIGN, sign, true));
}

Test(world_rules, plans_lock_templates_too)
{
  apply("create", SIGNET_TEMPLATE, NULL, TEMPLATE("Hello"));
  cr_expect_str_eq(
      apply("update", SIGNET_TEMPLATE, "100000001", TEMPLATE("Hi")),
      "can not update pending status template");
  signet_world_review(world, SIGNET_TEMPLATE, "100000001", 2, NULL);
  signet_world_lock(world, SIGNET_TEMPLATE, "100000001", true);
  cr_expect_str_eq(
      apply("update", SIGNET_TEMPLATE, "100000001", TEMPLATE("Hi")),
      "there are pending or running plans using current template, can not "
      "update");
  cr_expect_str_eq(apply("delete", SIGNET_TEMPLATE, "100000001", NULL),
                   "there are pending or running plans using current "
                   "template, can not delete");
}

Test(world_rules, a_template_needs_all_its_fields)
{
  static const char *const bodies[][2] = {
      {"{\"template_type\":\"utility\",\"template_content\":\"Hi\","
       "\"country_codes\":\"CN\"}",
       "template_name is missing"},
      {"{\"template_name\":\"A\",\"template_content\":\"Hi\","
       "\"country_codes\":\"CN\"}",
       "template_type is missing"},
      {"{\"template_name\":\"A\",\"template_type\":\"utility\","
       "\"country_codes\":\"CN\"}",
       "template_content is missing"},
      {"{\"template_name\":\"A\",\"template_type\":\"utility\","
       "\"template_content\":\"Hi\"}",
       "country_codes is missing"},
  };
  for (size_t i = 0; i < 4; i++) {
    cr_expect_str_eq(apply("create", SIGNET_TEMPLATE, NULL, bodies[i][0]),
                     bodies[i][1]);
    cr_expect_eq(last_error.kind, SIGNET_ERROR_VALIDATION);
  }
}

#define SIGNED(rest)                                            \
  "{\"template_name\":\"Order\",\"template_type\":\"utility\"," \
  "\"template_content\":\"Hi\",\"country_codes\":\"CN\"," rest "}"

Test(world_rules, a_template_with_a_signature_needs_an_approved_one)
{
  const char *sign = approved_sign("Company");
  apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Waiting\"}");
  static const char *const cases[][2] = {
      {"\"add_signature\":true", "sign_id is missing"},
      {"\"add_signature\":true,\"sign_id\":\"100000001\"", "sign_position is"},
      {"\"add_signature\":true,\"sign_id\":\"100000001\",\"sign_position\":0",
       "sign_position is 0"},
      {"\"add_signature\":true,\"sign_id\":\"100000001\",\"sign_position\":3",
       "sign_position must be 1 or 2"},
      {"\"add_signature\":true,\"sign_id\":\"x\",\"sign_position\":1",
       "invalid signId"},
      {"\"add_signature\":true,\"sign_id\":\"77\",\"sign_position\":1",
       "sign config not exist"},
      {"\"add_signature\":true,\"sign_id\":\"100000002\",\"sign_position\":1",
       "sign status is not approved, can not use"},
      {"\"add_signature\":\"true\"", "add_signature must be true or false"},
  };
  char body[400];
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    snprintf(body, sizeof body, SIGNED("%s"), cases[i][0]);
    const char *said = apply("create", SIGNET_TEMPLATE, NULL, body);
    cr_expect_not_null(strstr(said, cases[i][1]), "%s: %s", body, said);
  }
  cr_expect_str_eq(field(SIGNET_SIGN, sign, "related_template_count"), "0");
}

Test(world_rules, an_update_without_add_signature_drops_the_signature)
{
  const char *sign = approved_sign("Company");
  apply("create", SIGNET_TEMPLATE, NULL,
        SIGNED("\"add_signature\":true,\"sign_id\":\"100000001\","
               "\"sign_position\":1"));
  signet_world_review(world, SIGNET_TEMPLATE, "100000002", 2, NULL);
  cr_expect_str_eq(
      apply("update", SIGNET_TEMPLATE, "100000002",
            SIGNED("\"sign_id\":\"100000001\",\"sign_position\":1")),
      "ok");
  cr_expect_str_eq(field(SIGNET_TEMPLATE, "100000002", "sign_id"), "");
  cr_expect_str_eq(field(SIGNET_TEMPLATE, "100000002", "sign_position"), "0");
  cr_expect_str_eq(field(SIGNET_SIGN, sign, "related_template_count"), "0");
}

Test(world_rules, a_template_moves_from_signature_to_signature)
{
  const char *first = approved_sign("First");
  const char *second = approved_sign("Second");
  apply("create", SIGNET_TEMPLATE, NULL,
        SIGNED("\"add_signature\":true,\"sign_id\":\"100000001\","
               "\"sign_position\":1"));
  signet_world_review(world, SIGNET_TEMPLATE, "100000003", 2, NULL);
  cr_expect_str_eq(apply("update", SIGNET_TEMPLATE, "100000003",
                         SIGNED("\"add_signature\":true,"
                                "\"sign_id\":\"100000002\","
                                "\"sign_position\":2")),
                   "ok");
  cr_expect_str_eq(field(SIGNET_SIGN, first, "related_template_count"), "0");
  cr_expect_str_eq(field(SIGNET_SIGN, second, "related_template_count"), "1");
  apply("delete", SIGNET_TEMPLATE, "100000003", NULL);
  cr_expect_str_eq(field(SIGNET_SIGN, second, "related_template_count"), "0");
}

Test(world_rules, otp_is_kept_as_authentication)
{
  apply("create", SIGNET_TEMPLATE, NULL,
        "{\"template_name\":\"Code\",\"template_type\":\"otp\","
        "\"template_content\":\"{code}\",\"country_codes\":\"CN\"}");
  cr_expect_str_eq(field(SIGNET_TEMPLATE, "100000001", "template_type"),
                   "authentication");
  apply("create", SIGNET_TEMPLATE, NULL,
        "{\"template_name\":\"Code\",\"template_type\":\"new_type\","
        "\"template_content\":\"{code}\",\"country_codes\":\"CN\"}");
  cr_expect_str_eq(field(SIGNET_TEMPLATE, "100000002", "template_type"),
                   "new_type");
}

Test(world_rules, forbidden_content)
{
  static const char *const bodies[] = {TEMPLATE("a【b"),   TEMPLATE("a】b"),
                                       TEMPLATE("a、b"),   TEMPLATE("a[b"),
                                       TEMPLATE("a]b"),    TEMPLATE("一个测试"),
                                       TEMPLATE("a test"), TEMPLATE("")};
  for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
    cr_expect_str_neq(apply("create", SIGNET_TEMPLATE, NULL, bodies[i]), "ok",
                      "%s", bodies[i]);
    cr_expect_eq(last_error.kind, SIGNET_ERROR_VALIDATION);
  }
}

static bool accepts(const char *content)
{
  char body[300];
  snprintf(body, sizeof body, TEMPLATE("%s"), content);
  return strcmp(apply("create", SIGNET_TEMPLATE, NULL, body), "ok") == 0;
}

Test(world_rules, switch_test_rule)
{
  signet_world_options *switches = signet_world_switches(world);
  switches->test_rule = SIGNET_WORLD_TEST_WORD;
  cr_expect(accepts("the latest offer"));
  cr_expect(accepts("Attestation"));
  cr_expect_not(accepts("A Test, really"));
  cr_expect_not(accepts("test"));
  switches->test_rule = SIGNET_WORLD_TEST_ANYWHERE;
  cr_expect_not(accepts("the latest offer"));
  cr_expect_not(accepts("laTEsT"));
  cr_expect(accepts("te st"));
  switches->test_rule = SIGNET_WORLD_TEST_EXACT;
  cr_expect_not(accepts("the latest offer"));
  cr_expect(accepts("A Test, really"));
}

/* What stands beside the word decides whether it is one. */
Test(world_rules, a_word_ends_where_no_letter_follows)
{
  static const char joined[] = "azAZ09_\xc3";
  static const char parted[] = " {}^@`/:.,";
  char content[40];
  for (const char *byte = joined; *byte != '\0'; byte++) {
    bool wide = (unsigned char)*byte >= 0x80;
    snprintf(content, sizeof content, "%cTest%s", wide ? ' ' : *byte,
             wide ? "\xc3\xa9" : "");
    cr_expect(accepts(content), "%s", content);
    snprintf(content, sizeof content, "%sTest%c", wide ? "\xc3\xa9" : "",
             wide ? ' ' : *byte);
    cr_expect(accepts(content), "%s", content);
  }
  for (const char *byte = parted; *byte != '\0'; byte++) {
    snprintf(content, sizeof content, "a%cTest%cb", *byte, *byte);
    cr_expect_not(accepts(content), "%s", content);
  }
}

Test(world_rules, fields_must_be_there)
{
  cr_expect_str_eq(apply("create", SIGNET_SIGN, NULL, NULL),
                   "the fields are missing");
  cr_expect_eq(last_error.kind, SIGNET_ERROR_VALIDATION);
  cr_expect_str_eq(apply("update", SIGNET_TEMPLATE, "1", NULL),
                   "the fields are missing");
  cr_expect_str_eq(apply("get", SIGNET_SIGN, NULL, NULL), "invalid signId");
}

/* Without a signature sign_id means nothing, but it must be of its type. */
Test(world_rules, an_empty_sign_id_is_none)
{
  cr_expect_str_eq(
      apply("create", SIGNET_TEMPLATE, NULL, SIGNED("\"sign_id\":\"\"")), "ok");
  cr_expect_str_eq(apply("create", SIGNET_TEMPLATE, NULL,
                         SIGNED("\"add_signature\":true,\"sign_id\":\"\","
                                "\"sign_position\":1")),
                   "sign_id is missing, and add_signature is true");
  cr_expect_str_neq(
      apply("create", SIGNET_TEMPLATE, NULL, SIGNED("\"sign_id\":7")), "ok");
  cr_expect_str_eq(apply("create", SIGNET_TEMPLATE, NULL,
                         SIGNED("\"add_signature\":false,\"sign_id\":\"7\"")),
                   "ok");
}

Test(world_rules, an_id_beyond_int64_is_nobody_s)
{
  cr_expect_str_eq(apply("create", SIGNET_TEMPLATE, NULL,
                         SIGNED("\"add_signature\":true,"
                                "\"sign_id\":\"9999999999999999999\","
                                "\"sign_position\":1")),
                   "sign config not exist");
}

Test(world_rules, switch_length_in_bytes_of_templates)
{
  char name[300] = "";
  char body[600];
  memset(name, 'n', 253);
  strcat(name, "\xe6\x99\xa8");
  snprintf(body, sizeof body,
           "{\"template_name\":\"%s\",\"template_type\":\"utility\","
           "\"template_content\":\"Hi\",\"country_codes\":\"CN\"}",
           name);
  cr_expect_str_eq(apply("create", SIGNET_TEMPLATE, NULL, body), "ok");
  signet_world_switches(world)->length_in_bytes = true;
  cr_expect_str_eq(apply("create", SIGNET_TEMPLATE, NULL, body),
                   "template_name has more than 255 bytes");
  cr_expect_eq(last_error.kind, SIGNET_ERROR_VALIDATION);
  cr_expect_str_eq(apply("create", SIGNET_TEMPLATE, NULL, TEMPLATE("Hi")),
                   "ok");
  cr_expect_str_eq(apply("create", SIGNET_SIGN, NULL, "{}"),
                   "sign_name is missing");
  cr_expect_not_null(
      strstr(apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":7}"),
             "sign_name must be a string"));
}

Test(world_rules, switch_review_unchanged_looks_at_every_field)
{
  static const char *const others[][2] = {
      {"\"template_name\":\"Order\"", "\"template_name\":\"Or\""},
      {"\"template_type\":\"utility\"", "\"template_type\":\"marketing\""},
      {"\"template_content\":\"Hi\"", "\"template_content\":\"Ho\""},
      {"\"country_codes\":\"CN\"", "\"country_codes\":\"US\""},
      {"\"sign_id\":\"100000001\"", "\"sign_id\":\"100000002\""},
      {"\"sign_position\":1", "\"sign_position\":2"},
  };
  static const char whole[] =
      SIGNED("\"add_signature\":true,\"sign_id\":\"100000001\","
             "\"sign_position\":1");
  approved_sign("First");
  approved_sign("Second");
  signet_world_switches(world)->review_unchanged = false;
  cr_assert_str_eq(apply("create", SIGNET_TEMPLATE, NULL, whole), "ok");
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    char body[400];
    signet_world_review(world, SIGNET_TEMPLATE, "100000003", 2, NULL);
    cr_expect_str_eq(apply("update", SIGNET_TEMPLATE, "100000003", whole),
                     "ok");
    if (i == 0)
      cr_expect_str_eq(field(SIGNET_TEMPLATE, "100000003", "status"), "2");
    const char *at = strstr(whole, others[i][0]);
    snprintf(body, sizeof body, "%.*s%s%s", (int)(at - whole), whole,
             others[i][1], at + strlen(others[i][0]));
    signet_world_review(world, SIGNET_TEMPLATE, "100000003", 2, NULL);
    cr_expect_str_eq(apply("update", SIGNET_TEMPLATE, "100000003", body), "ok");
    cr_expect_str_eq(field(SIGNET_TEMPLATE, "100000003", "status"), "1", "%s",
                     body);
  }
}

Test(world_rules, switch_delete_pending)
{
  apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Waiting\"}");
  apply("create", SIGNET_TEMPLATE, NULL, TEMPLATE("Hello"));
  signet_world_switches(world)->delete_pending = false;
  cr_expect_str_eq(apply("delete", SIGNET_SIGN, "100000001", NULL),
                   "can not delete pending status sign");
  cr_expect_str_eq(apply("delete", SIGNET_TEMPLATE, "100000002", NULL),
                   "can not delete pending status template");
  signet_world_switches(world)->delete_pending = true;
  cr_expect_str_eq(apply("delete", SIGNET_SIGN, "100000001", NULL), "ok");
  cr_expect_str_eq(apply("delete", SIGNET_TEMPLATE, "100000002", NULL), "ok");
}

Test(world_rules, switch_free_name_on_submit_on)
{
  const char *sign = approved_sign("Old");
  apply("update", SIGNET_SIGN, sign, "{\"sign_name\":\"New\"}");
  cr_expect_str_eq(
      apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Old\"}"), "ok");
}

Test(world_rules, switch_free_name_on_submit_off)
{
  signet_world_switches(world)->free_name_on_submit = false;
  const char *sign = approved_sign("Old");
  apply("update", SIGNET_SIGN, sign, "{\"sign_name\":\"New\"}");
  cr_expect_str_eq(
      apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Old\"}"),
      "sign_name already exist");
  signet_world_review(world, SIGNET_SIGN, sign, 3, "no");
  cr_expect_str_eq(
      apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Old\"}"),
      "sign_name already exist");
  /* The name in between was never approved: it is free at once. */
  apply("update", SIGNET_SIGN, sign, "{\"sign_name\":\"Newer\"}");
  cr_expect_str_eq(
      apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"New\"}"), "ok");
  signet_world_review(world, SIGNET_SIGN, sign, 2, NULL);
  cr_expect_str_eq(
      apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Old\"}"), "ok");
}

Test(world_rules, a_held_name_is_the_signature_s_own)
{
  signet_world_switches(world)->free_name_on_submit = false;
  const char *sign = approved_sign("Old");
  apply("update", SIGNET_SIGN, sign, "{\"sign_name\":\"New\"}");
  signet_world_review(world, SIGNET_SIGN, sign, 3, "no");
  cr_expect_str_eq(
      apply("update", SIGNET_SIGN, sign, "{\"sign_name\":\"Old\"}"), "ok");
  cr_expect_str_eq(
      apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"New\"}"), "ok");
  cr_expect_str_eq(apply("delete", SIGNET_SIGN, sign, NULL), "ok");
  cr_expect_str_eq(
      apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Old\"}"), "ok");
}

Test(world_rules, switch_review_unchanged)
{
  const char *sign = approved_sign("Company");
  signet_world_switches(world)->review_unchanged = false;
  set_seconds(NOW_S + 9);
  cr_expect_str_eq(
      apply("update", SIGNET_SIGN, sign, "{\"sign_name\":\"Company\"}"), "ok");
  cr_expect_str_eq(field(SIGNET_SIGN, sign, "status"), "2");
  cr_expect_str_eq(field(SIGNET_SIGN, sign, "updated_time"), "1700000000");
  apply("create", SIGNET_TEMPLATE, NULL, TEMPLATE("Hello"));
  signet_world_review(world, SIGNET_TEMPLATE, "100000002", 2, NULL);
  apply("update", SIGNET_TEMPLATE, "100000002", TEMPLATE("Hello"));
  cr_expect_str_eq(field(SIGNET_TEMPLATE, "100000002", "status"), "2");
  signet_world_switches(world)->review_unchanged = true;
  apply("update", SIGNET_TEMPLATE, "100000002", TEMPLATE("Hello"));
  cr_expect_str_eq(field(SIGNET_TEMPLATE, "100000002", "status"), "1");
  apply("update", SIGNET_SIGN, sign, "{\"sign_name\":\"Company\"}");
  cr_expect_str_eq(field(SIGNET_SIGN, sign, "status"), "1");
}

Test(world_rules, switch_length_in_bytes)
{
  signet_world_switches(world)->length_in_bytes = true;
  cr_expect_str_eq(apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"晨\"}"),
                   "ok");
  cr_expect_str_eq(apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"a\"}"),
                   "sign_name must have 2 to 60 bytes");
  cr_expect_str_eq(
      apply("create", SIGNET_SIGN, NULL,
            "{\"sign_name\":\"晨晨晨晨晨晨晨晨晨晨晨晨晨晨晨晨晨晨晨晨\"}"),
      "ok");
  cr_expect_str_eq(
      apply("create", SIGNET_SIGN, NULL,
            "{\"sign_name\":\"晨晨晨晨晨晨晨晨晨晨晨晨晨晨晨晨晨晨晨晨x\"}"),
      "sign_name must have 2 to 60 bytes");
  cr_expect_not_null(strstr(
      apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"】\"}"), "holds"));
  cr_expect_str_eq(field(SIGNET_SIGN, "100000001", "sign_name"), "晨");
}

Test(world_rules, switch_delete_used_sign)
{
  const char *sign = approved_sign("Company");
  apply("create", SIGNET_TEMPLATE, NULL,
        SIGNED("\"add_signature\":true,\"sign_id\":\"100000001\","
               "\"sign_position\":1"));
  signet_world_switches(world)->delete_used_sign = false;
  cr_expect_str_eq(apply("delete", SIGNET_SIGN, sign, NULL),
                   "there are templates using current sign, can not delete");
  signet_world_switches(world)->delete_used_sign = true;
  cr_expect_str_eq(apply("delete", SIGNET_SIGN, sign, NULL), "ok");
  cr_expect_str_eq(field(SIGNET_TEMPLATE, "100000002", "sign_id"), sign);
  cr_expect_str_eq(field(SIGNET_TEMPLATE, "100000002", "sign_name"), "");
  cr_expect_str_eq(apply("delete", SIGNET_TEMPLATE, "100000002", NULL), "ok");
}

Test(world_rules, switch_max_signs_counts_in_the_signs_dialect)
{
  signet_world_switches(world)->max_signs = 2;
  dialect = SIGNET_SIGNS;
  apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"One\"}");
  apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Two\"}");
  cr_expect_str_eq(
      apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Three\"}"),
      "the number of signs has reached its limit");
  dialect = SIGNET_CONFIGS;
  cr_expect_str_eq(
      apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Three\"}"), "ok");
}

Test(world_rules, the_signs_dialect_knows_no_review)
{
  dialect = SIGNET_SIGNS;
  cr_expect_str_eq(
      apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"shanshan\"}"), "ok");
  cr_expect_str_eq(answer(),
                   "{\"sign_id\":100000001,\"sign_name\":\"shanshan\","
                   "\"create_time\":\"2023-11-15T06:13:20+0800\","
                   "\"update_time\":\"2023-11-15T06:13:20+0800\"}\n");
  set_seconds(NOW_S + 1);
  cr_expect_str_eq(
      apply("update", SIGNET_SIGN, "100000001", "{\"sign_name\":\"ccc\"}"),
      "ok");
  cr_expect_str_eq(
      apply("update", SIGNET_SIGN, "100000001", "{\"sign_name\":\"ddd\"}"),
      "ok");
  cr_expect_str_eq(field(SIGNET_SIGN, "100000001", "status"), "2");
  cr_expect_str_eq(field(SIGNET_SIGN, "100000001", "updated_time"),
                   "1700000001");
  cr_expect_str_eq(apply("delete", SIGNET_SIGN, "100000001", NULL), "ok");
  cr_expect_str_eq(apply("delete", SIGNET_SIGN, "100000001", NULL),
                   "sign not exists");
  apply("list", SIGNET_TEMPLATE, NULL, NULL);
  cr_expect_eq(last_error.kind, SIGNET_ERROR_UNSUPPORTED);
}

Test(world_rules, the_signs_dialect_searches_fuzzily)
{
  approved_sign("Acme Logistics");
  approved_sign("晨光科技");
  approved_sign("The acme");
  dialect = SIGNET_SIGNS;
  apply("list", SIGNET_SIGN, NULL, "{\"sign_name\":\"ACME\"}");
  cr_expect_not_null(strstr(answer(), "Acme Logistics"));
  cr_expect_not_null(strstr(answer(), "The acme"));
  cr_expect_null(strstr(answer(), "晨光"));
  apply("list", SIGNET_SIGN, NULL, "{\"sign_name\":\"光科\"}");
  cr_expect_not_null(strstr(answer(), "晨光科技"));
  apply("list", SIGNET_SIGN, NULL, "{\"sign_name\":\"nobody\"}");
  cr_expect_str_empty(answer());
}

Test(world_rules, lists_are_in_the_order_of_creation)
{
  char all[200] = "";
  approved_sign("Bb");
  const char *second = approved_sign("Aa");
  approved_sign("Dd");
  apply("delete", SIGNET_SIGN, second, NULL);
  approved_sign("Cc");
  apply("list", SIGNET_SIGN, NULL, NULL);
  for (const char *at = answer(); (at = strstr(at, "sign_name\":\"")) != NULL;
       at += 14)
    strncat(all, at + 12, 2);
  cr_expect_str_eq(all, "BbDdCc");
}
