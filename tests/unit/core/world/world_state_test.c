/* SPDX-License-Identifier: MIT */
/* The world as text, the scripted reviewer, seeding, and large worlds. */
#include "world_support.h"

#include "model/list.h"
#include "wire/json.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

TestSuite(world_state, .init = world_begin, .fini = world_end);

static const signet_world_reviewer approve_all = {
    true, SIGNET_SIGN, NULL, 1000, SIGNET_STATUS_APPROVED, NULL};

Test(world_state, the_reviewer_decides_in_time)
{
  cr_expect(signet_world_set_reviewers(world, &approve_all, 1));
  apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Company\"}");
  cr_expect_eq(signet_world_tick(world), (NOW_S + 1) * INT64_C(1000));
  signet_world_set_time(world, NOW_S * INT64_C(1000) + 999);
  signet_world_tick(world);
  cr_expect_str_eq(field(SIGNET_SIGN, "100000001", "status"), "1");
  set_seconds(NOW_S + 1);
  cr_expect_eq(signet_world_tick(world), -1);
  cr_expect_str_eq(field(SIGNET_SIGN, "100000001", "status"), "2");
  cr_expect_str_eq(field(SIGNET_SIGN, "100000001", "updated_time"),
                   "1700000001");
}

Test(world_state, the_first_rule_that_matches_decides)
{
  static const signet_world_reviewer rules[] = {
      {false, SIGNET_TEMPLATE, NULL, 10, SIGNET_STATUS_REJECTED, "template"},
      {true, SIGNET_SIGN, "Bad*", 20, SIGNET_STATUS_REJECTED, "bad name"},
      {false, SIGNET_SIGN, "B*", 30, SIGNET_STATUS_APPROVED, NULL},
  };
  signet_world_set_reviewers(world, rules, 3);
  apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Bad name\"}");
  apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Better name\"}");
  apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Other name\"}");
  apply("create", SIGNET_TEMPLATE, NULL,
        "{\"template_name\":\"Bad\",\"template_type\":\"utility\","
        "\"template_content\":\"Hi\",\"country_codes\":\"CN\"}");
  set_seconds(NOW_S + 1);
  cr_expect_eq(signet_world_tick(world), -1);
  cr_expect_str_eq(field(SIGNET_SIGN, "100000001", "audit_remark"), "bad name");
  cr_expect_str_eq(field(SIGNET_SIGN, "100000002", "status"), "2");
  cr_expect_str_eq(field(SIGNET_SIGN, "100000003", "status"), "1");
  cr_expect_str_eq(field(SIGNET_TEMPLATE, "100000004", "audit_remark"),
                   "template");
}

Test(world_state, new_rules_judge_what_waits_already)
{
  apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Company\"}");
  cr_expect_eq(signet_world_tick(world), -1);
  set_seconds(NOW_S + 60);
  signet_world_set_reviewers(world, &approve_all, 1);
  signet_world_tick(world);
  cr_expect_str_eq(field(SIGNET_SIGN, "100000001", "status"), "2");
  apply("update", SIGNET_SIGN, "100000001", "{\"sign_name\":\"Other\"}");
  signet_world_set_reviewers(world, NULL, 0);
  set_seconds(NOW_S + 600);
  cr_expect_eq(signet_world_tick(world), -1);
  cr_expect_str_eq(field(SIGNET_SIGN, "100000001", "status"), "1");
}

Test(world_state, what_is_deleted_or_decided_leaves_the_queue)
{
  signet_world_set_reviewers(world, &approve_all, 1);
  for (int i = 0; i < 40; i++) {
    char body[64];
    signet_world_set_time(world, (NOW_S + (i * 7) % 40) * INT64_C(1000));
    snprintf(body, sizeof body, "{\"sign_name\":\"Company %d\"}", i);
    apply("create", SIGNET_SIGN, NULL, body);
  }
  for (int i = 1; i <= 40; i += 3) {
    char id[24];
    snprintf(id, sizeof id, "%d", 100000000 + i);
    if (i % 2 == 0)
      apply("delete", SIGNET_SIGN, id, NULL);
    else
      signet_world_review(world, SIGNET_SIGN, id, 3, "by hand");
  }
  int64_t last = 0;
  for (int64_t due; (due = signet_world_tick(world)) >= 0; last = due) {
    cr_expect_gt(due, last);
    signet_world_set_time(world, due);
  }
  apply("list", SIGNET_SIGN, NULL, NULL);
  cr_expect_null(strstr(answer(), "\"status\":1"));
  cr_expect_str_eq(field(SIGNET_SIGN, "100000001", "audit_remark"), "by hand");
}

Test(world_state, what_is_saved_is_loaded)
{
  signet_world_seed(world, 40, 200, 7);
  signet_world_set_reviewers(world, &approve_all, 1);
  signet_world_switches(world)->test_rule = SIGNET_WORLD_TEST_EXACT;
  signet_world_switches(world)->free_name_on_submit = false;
  signet_world_lock(world, SIGNET_SIGN, "100000001", true);
  const char *sign = approved_sign("Old \\\" 名");
  cr_expect_str_eq(
      apply("update", SIGNET_SIGN, sign, "{\"sign_name\":\"New\"}"), "ok");
  char *first = strdup(saved());
  signet_world *other = signet_world_new(NULL);
  signet_world *before = world;
  world = other;
  cr_expect_str_eq(load(first), "ok");
  cr_expect_str_eq(saved(), first);
  cr_expect_str_eq(
      apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Old \\\" 名\"}"),
      "sign_name already exist");
  cr_expect_str_eq(apply("delete", SIGNET_SIGN, "100000001", NULL),
                   "there are pending or running plans using current sign, "
                   "can not delete");
  cr_expect_geq(signet_world_tick(world), 0, "the reviewer goes on");
  signet_world_free(before);
  free(first);
}

Test(world_state, the_service_s_own_list_can_be_loaded)
{
  cr_expect_str_eq(
      load("{\"version\":1,\"signs\":[{\"sign_id\":\"9223372036854775807\","
           "\"sign_name\":\"Company\",\"status\":2,"
           "\"related_template_count\":77,\"audit_remark\":\"\","
           "\"created_time\":1,\"updated_time\":2}],"
           "\"templates\":[{\"template_id\":\"123456789\","
           "\"template_name\":\"Order\",\"template_type\":\"utility\","
           "\"template_content\":\"Hi\",\"country_codes\":\"CN\",\"status\":9,"
           "\"sign_id\":\"9223372036854775807\",\"sign_name\":\"stale\","
           "\"sign_position\":2,\"sign_status\":3,\"colour\":{\"a\":[1]}}]}"),
      "ok");
  cr_expect_str_eq(
      field(SIGNET_SIGN, "9223372036854775807", "related_template_count"), "1");
  cr_expect_str_eq(field(SIGNET_TEMPLATE, "123456789", "sign_name"), "Company");
  cr_expect_str_eq(field(SIGNET_TEMPLATE, "123456789", "sign_status"), "2");
  cr_expect_str_eq(field(SIGNET_TEMPLATE, "123456789", "status"), "9");
  apply("get", SIGNET_TEMPLATE, "123456789", NULL);
  cr_expect_not_null(strstr(answer(), "\"colour\":{\"a\":[1]}}"));
  cr_expect_not_null(strstr(saved(), "\"colour\":{\"a\":[1]}}"));
  apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Another\"}");
  cr_expect_not_null(strstr(answer(), "\"sign_id\":\"123456790\""));
}

Test(world_state, little_is_enough_for_a_state)
{
  cr_expect_str_eq(load("{\"version\":1,\"signs\":[{\"sign_id\":10,"
                        "\"sign_name\":\"shanshan\"}]}"),
                   "ok");
  cr_expect_str_eq(field(SIGNET_SIGN, "10", "status"), "2");
  cr_expect_str_eq(field(SIGNET_SIGN, "10", "created_time"), "1700000000");
}

#define SIGN(members) "{\"version\":1,\"signs\":[{\"sign_id\":1," members "}]}"
#define TEMPLATE(members)                                               \
  "{\"version\":1,\"templates\":[{\"template_id\":3,\"template_name\":" \
  "\"a\"," members "}]}"

struct broken {
  char text[200];
  char message[120];
};

ParameterizedTestParameters(world_state, broken_states)
{
  static struct broken cases[] = {
      {"", "no JSON: the JSON text ends too early"},
      {"{", "no JSON: the JSON text ends too early"},
      {"[]", "the state must be an object"},
      {"null", "the state must be an object"},
      {"{}", "version is missing"},
      {"{\"version\":2}", "version must be 1"},
      {"{\"version\":1,\"sign\":[]}", "sign is no member of a state"},
      {"{\"version\":1,\"signs\":{}}", "signs must be an array"},
      {"{\"version\":1,\"signs\":[7]}", "signs[0] must be an object"},
      {"{\"version\":1,\"signs\":[{\"sign_name\":\"ab\"}]}",
       "signs[0].sign_id is missing"},
      {"{\"version\":1,\"signs\":[{\"sign_id\":\"x\",\"sign_name\":\"ab\"}]}",
       "signs[0].sign_id is no id: 1 to 19 digits are expected"},
      {"{\"version\":1,\"signs\":[{\"sign_id\":0,\"sign_name\":\"ab\"}]}",
       "signs[0].sign_id must be above 0"},
      {"{\"version\":1,\"signs\":[{\"sign_id\":\"1\"}]}",
       "signs[0].sign_name is missing or empty"},
      {"{\"version\":1,\"signs\":[{\"sign_id\":\"1\",\"sign_name\":1}]}",
       "signs[0].sign_name must be a string"},
      {"{\"version\":1,\"signs\":[{\"sign_id\":1,\"sign_name\":\"a\"},"
       "{\"sign_id\":1,\"sign_name\":\"b\"}]}",
       "signs[1].sign_id stands twice in the state"},
      {"{\"version\":1,\"signs\":[{\"sign_id\":1,\"sign_name\":\"a\"},"
       "{\"sign_id\":2,\"sign_name\":\"a\"}]}",
       "signs[1].sign_name stands twice in the state"},
      {"{\"version\":1,\"signs\":[{\"sign_id\":1,\"sign_name\":\"a\","
       "\"status\":\"approved\"}]}",
       "signs[0].status must be an integer"},
      {"{\"version\":1,\"signs\":[{\"sign_id\":1,\"sign_name\":\"a\","
       "\"created_time\":9223372036854775807}]}",
       "signs[0].created_time is out of range"},
      {"{\"version\":1,\"signs\":[{\"sign_id\":1,\"sign_name\":\"a\","
       "\"locked\":1}]}",
       "signs[0].locked must be true or false"},
      {"{\"version\":1,\"templates\":[{\"template_name\":\"a\"}]}",
       "templates[0].template_id is missing"},
      {"{\"version\":1,\"options\":{\"tset_rule\":\"word\"}}",
       "tset_rule is no option"},
      {"{\"version\":1,\"options\":{\"test_rule\":\"maybe\"}}",
       "test_rule must be \"word\", \"anywhere\" or \"exact\""},
      {"{\"version\":1,\"options\":{\"max_signs\":-1}}",
       "max_signs must be an integer of 0 to 4294967295"},
      {"{\"version\":1,\"options\":{\"delete_pending\":1}}",
       "delete_pending must be true or false"},
      {"{\"version\":1,\"next_id\":7}",
       "next_id must be an id, digits in a string"},
      {"{\"version\":1,\"reviewers\":[{\"after\":1}]}",
       "reviewers[0].after is no field of a reviewer's rule"},
      {"{\"version\":1,\"reviewers\":[{\"after_ms\":-1}]}",
       "reviewers[0].after_ms must be an integer of 0 or more"},
      {"{\"version\":1,\"reviewers\":[{\"status\":\"pending\"}]}",
       "reviewers[0].status must be \"approved\", \"rejected\" or a number "
       "other than 1"},
      {"{\"version\":\"1\"}", "version must be 1"},
      {"{\"version\":1,\"\\u001b[2J\":1}", "\\x1B[2J is no member of a state"},
      {"{\"version\":1,\"options\":[]}", "options must be an object"},
      {"{\"version\":1,\"options\":{\"test_rule\":1}}",
       "test_rule must be \"word\", \"anywhere\" or \"exact\""},
      {"{\"version\":1,\"options\":{\"max_signs\":4294967296}}",
       "max_signs must be an integer of 0 to 4294967295"},
      {"{\"version\":1,\"options\":{\"max_signs\":\"7\"}}",
       "max_signs must be an integer of 0 to 4294967295"},
      {"{\"version\":1,\"next_id\":\"0\"}",
       "next_id must be an id, digits in a string"},
      {"{\"version\":1,\"next_id\":\"1x\"}",
       "next_id must be an id, digits in a string"},
      {"{\"version\":1,\"next_id\":\"9223372036854775807\"}",
       "next_id must be an id, digits in a string"},
      {"{\"version\":1,\"reviewers\":{}}", "reviewers must be an array"},
      {"{\"version\":1,\"reviewers\":[{},7]}",
       "reviewers[1] must be an object"},
      {"{\"version\":1,\"reviewers\":[{},{\"kind\":7}]}",
       "reviewers[1].kind must be \"sign\", \"template\" or \"any\""},
      {"{\"version\":1,\"reviewers\":[{\"kind\":\"both\"}]}",
       "reviewers[0].kind must be \"sign\", \"template\" or \"any\""},
      {"{\"version\":1,\"reviewers\":[{\"name\":null}]}",
       "reviewers[0].name must be a shell pattern"},
      {"{\"version\":1,\"reviewers\":[{\"remark\":[]}]}",
       "reviewers[0].remark must be a string"},
      {"{\"version\":1,\"reviewers\":[{\"after_ms\":\"1\"}]}",
       "reviewers[0].after_ms must be an integer of 0 or more"},
      {"{\"version\":1,\"reviewers\":[{\"status\":1.5}]}",
       "reviewers[0].status must be \"approved\", \"rejected\" or a number "
       "other than 1"},
      {"{\"version\":1,\"reviewers\":[{\"status\":-1}]}",
       "reviewers[0].status must be \"approved\", \"rejected\" or a number "
       "other than 1"},
      {"{\"version\":1,\"reviewers\":[{\"status\":2147483648}]}",
       "reviewers[0].status must be \"approved\", \"rejected\" or a number "
       "other than 1"},
      {SIGN("\"sign_name\":\"a\\u0000b\""),
       "signs[0].sign_name holds a NUL character"},
      {SIGN("\"sign_name\":\"\""), "signs[0].sign_name is missing or empty"},
      {SIGN("\"sign_name\":\"a\",\"held_name\":7"),
       "signs[0].held_name must be a string"},
      {SIGN("\"sign_name\":\"a\",\"held_name\":\"a\""),
       "signs[0].held_name stands twice in the state"},
      {SIGN("\"sign_name\":\"a\",\"held_name\":\"b\"},"
            "{\"sign_id\":2,\"sign_name\":\"c\",\"held_name\":\"b\""),
       "signs[1].held_name stands twice in the state"},
      {SIGN("\"sign_name\":\"a\",\"held_name\":\"b\"},"
            "{\"sign_id\":2,\"sign_name\":\"b\""),
       "signs[1].sign_name stands twice in the state"},
      {SIGN("\"sign_name\":\"a\",\"audit_remark\":1"),
       "signs[0].audit_remark must be a string"},
      {SIGN("\"sign_name\":\"a\",\"created_time\":\"now\""),
       "signs[0].created_time must be an integer"},
      {SIGN("\"sign_name\":\"a\",\"updated_time\":-9223372036854775807"),
       "signs[0].updated_time is out of range"},
      {SIGN("\"sign_name\":\"a\",\"submitted_ms\":1.5"),
       "signs[0].submitted_ms must be an integer"},
      {"{\"version\":1,\"signs\":[{\"sign_id\":[],\"sign_name\":\"a\"}]}",
       "signs[0].sign_id is no id: 1 to 19 digits are expected"},
      {"{\"version\":1,\"signs\":[{\"sign_id\":\"9223372036854775808\","
       "\"sign_name\":\"a\"}]}",
       "signs[0].sign_id is no id: 1 to 19 digits are expected"},
      {"{\"version\":1,\"templates\":7}", "templates must be an array"},
      {TEMPLATE("\"template_id\":\"\""),
       "templates[0].template_id is no id: 1 to 19 digits are expected"},
      {TEMPLATE("\"template_name\":false"),
       "templates[0].template_name must be a string"},
      {TEMPLATE("\"template_type\":1"),
       "templates[0].template_type must be a string"},
      {TEMPLATE("\"template_content\":1"),
       "templates[0].template_content must be a string"},
      {TEMPLATE("\"country_codes\":[\"CN\"]"),
       "templates[0].country_codes must be a string"},
      {TEMPLATE("\"sign_id\":\"none\""),
       "templates[0].sign_id is no id: 1 to 19 digits are expected"},
      {TEMPLATE("\"sign_position\":\"1\""),
       "templates[0].sign_position must be an integer"},
      {TEMPLATE("\"locked\":\"yes\""),
       "templates[0].locked must be true or false"},
      {TEMPLATE("\"a\":1},{\"template_id\":3,\"template_name\":\"b\""),
       "templates[1].template_id stands twice in the state"},
  };
  return cr_make_param_array(struct broken, cases,
                             sizeof cases / sizeof *cases);
}

ParameterizedTest(struct broken *one, world_state, broken_states)
{
  approved_sign("Company");
  cr_expect_str_eq(load(one->text), one->message, "%s: %s", one->text,
                   last_error.message);
  cr_expect_eq(last_error.kind, SIGNET_ERROR_VALIDATION);
  cr_expect_str_eq(field(SIGNET_SIGN, "100000001", "sign_name"), "Company");
}

/* It may have been deleted while a template still named it. */
Test(world_state, a_template_may_name_a_signature_that_is_gone)
{
  cr_expect_str_eq(load(TEMPLATE("\"sign_id\":\"77\",\"sign_position\":1")),
                   "ok");
  apply("get", SIGNET_TEMPLATE, "3", NULL);
  cr_expect_not_null(strstr(answer(), "\"sign_id\":\"77\",\"sign_position\":1,"
                                      "\"audit_remark\""));
  cr_expect_str_eq(load(saved()), "ok");
  cr_expect_str_eq(apply("delete", SIGNET_TEMPLATE, "3", NULL), "ok");
}

Test(world_state, a_thousand_reviewers_are_enough)
{
  char text[8192] = "{\"version\":1,\"reviewers\":[{}";
  for (int i = 1; i < 1000; i++)
    strcat(text, ",{}");
  strcat(text, "]}");
  cr_expect_str_eq(load(text), "ok");
  strcpy(text + strlen(text) - 2, ",{}]}");
  cr_expect_str_eq(load(text), "reviewers are more than 1000");
}

Test(world_state, a_review_that_is_never_due_overflows_nothing)
{
  static const signet_world_reviewer never = {
      true, SIGNET_SIGN, NULL, INT64_MAX, SIGNET_STATUS_APPROVED, NULL};
  cr_expect(signet_world_set_reviewers(world, &never, 1));
  apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Company\"}");
  cr_expect_eq(signet_world_tick(world), INT64_MAX);
  cr_expect_str_eq(field(SIGNET_SIGN, "100000001", "status"), "1");
}

/* The signs dialect renames what waits: the reviewer goes by the new name. */
Test(world_state, a_new_name_is_reviewed_by_its_own_rule)
{
  static const signet_world_reviewer rules[] = {
      {true, SIGNET_SIGN, "Bad*", 10, SIGNET_STATUS_REJECTED, "bad"},
      {true, SIGNET_SIGN, "Good*", 20, SIGNET_STATUS_APPROVED, "good"},
  };
  signet_world_set_reviewers(world, rules, 2);
  apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Bad name\"}");
  apply("create", SIGNET_SIGN, NULL, "{\"sign_name\":\"Bad too\"}");
  dialect = SIGNET_SIGNS;
  cr_expect_str_eq(apply("update", SIGNET_SIGN, "100000001",
                         "{\"sign_name\":\"Good name\"}"),
                   "ok");
  cr_expect_str_eq(
      apply("update", SIGNET_SIGN, "100000002", "{\"sign_name\":\"Another\"}"),
      "ok");
  signet_world_set_time(world, NOW_S * INT64_C(1000) + 15);
  cr_expect_eq(signet_world_tick(world), NOW_S * INT64_C(1000) + 20);
  set_seconds(NOW_S + 60);
  cr_expect_eq(signet_world_tick(world), -1);
  cr_expect_str_eq(field(SIGNET_SIGN, "100000001", "audit_remark"), "good");
  cr_expect_str_eq(field(SIGNET_SIGN, "100000002", "status"), "1");
}

/* ---- records that an account listed ---- */

static const char *import(signet_kind kind, const char *body)
{
  const char *problem = NULL;
  signet_list *list = signet_list_new(kind);
  json_object *object = signet_json_parse(body, strlen(body), &problem);
  cr_assert_null(problem, "%s: %s", body, problem);
  signet_json_record(object, list);
  json_object_put(object);
  bool done = signet_world_import(world, list, &last_error);
  signet_list_release(list);
  return done ? "ok" : last_error.message;
}

Test(world_state, both_dialects_records_are_taken_in)
{
  cr_expect_str_eq(import(SIGNET_SIGN,
                          "{\"sign_id\":8,\"sign_name\":\"Company\","
                          "\"create_time\":\"2023-11-03T16:26:40+0800\","
                          "\"update_time\":\"2023-11-03T10:26:41+0200\","
                          "\"colour\":null,\"audit_remark\":null}"),
                   "ok");
  cr_expect_str_eq(field(SIGNET_SIGN, "8", "created_time"), "1699000000");
  cr_expect_str_eq(field(SIGNET_SIGN, "8", "updated_time"), "1699000001");
  cr_expect_null(strstr(saved(), "colour"));
}

Test(world_state, a_time_in_another_form_is_kept_as_it_is)
{
  cr_expect_str_eq(import(SIGNET_SIGN,
                          "{\"sign_id\":8,\"sign_name\":\"Company\","
                          "\"create_time\":\"yesterday\",\"update_time\":7}"),
                   "ok");
  cr_expect_not_null(
      strstr(saved(), ",\"create_time\":\"yesterday\",\"update_time\":7}"));
  cr_expect_str_eq(field(SIGNET_SIGN, "8", "created_time"), "1700000000");
}

Test(world_state, a_template_without_a_signature_is_shown_in_several_ways)
{
  static const char *const ids[] = {"\"\"", "\"0\"", "0", "null"};
  for (unsigned i = 0; i < 4; i++) {
    char body[200];
    char id[8];
    snprintf(id, sizeof id, "%u", i + 1);
    snprintf(body, sizeof body,
             "{\"template_id\":%s,\"template_name\":\"T\",\"sign_id\":%s}", id,
             ids[i]);
    cr_expect_str_eq(import(SIGNET_TEMPLATE, body), "ok", "%s", ids[i]);
    cr_expect_str_eq(field(SIGNET_TEMPLATE, id, "sign_id"), "");
  }
  cr_expect_str_eq(import(SIGNET_TEMPLATE,
                          "{\"template_id\":9,\"template_name\":\"T\","
                          "\"sign_id\":\"12\"}"),
                   "ok");
  cr_expect_str_eq(field(SIGNET_TEMPLATE, "9", "sign_id"), "12");
  cr_expect_str_eq(
      import(SIGNET_TEMPLATE, "{\"template_id\":10,\"template_name\":\"T\","
                              "\"sign_id\":[]}"),
      "templates[0].sign_id is no id: 1 to 19 digits are expected");
}

Test(world_state, a_record_that_is_no_entry_is_told)
{
  cr_expect_str_eq(import(SIGNET_SIGN, "{\"sign_name\":\"Name\"}"),
                   "signs[0].sign_id is missing");
  cr_expect_eq(last_error.kind, SIGNET_ERROR_VALIDATION);
}

Test(world_state, records_whose_names_are_not_shown_are_taken_in)
{
  cr_expect_str_eq(import(SIGNET_SIGN, "{\"sign_id\":\"1\"}"), "ok");
  cr_expect_str_eq(import(SIGNET_SIGN, "{\"sign_id\":2,\"sign_name\":null}"),
                   "ok");
  cr_expect_str_eq(import(SIGNET_TEMPLATE, "{\"template_id\":\"1\"}"), "ok");
  cr_expect_str_eq(field(SIGNET_SIGN, "2", "sign_name"), "");
}

Test(world_state, every_cut_of_a_state_is_refused)
{
  signet_world_seed(world, 6, 6, 1);
  char *text = strdup(saved());
  size_t length = strlen(text);
  for (size_t cut = 0; cut + 2 < length; cut++)
    cr_assert_not(signet_world_load(world, text, cut, &last_error), "%zu", cut);
  cr_expect(signet_world_load(world, text, length, &last_error));
  free(text);
}

Test(world_state, seeding_is_plausible_and_repeatable)
{
  cr_expect(signet_world_seed(world, 120, 400, 1));
  char *first = strdup(saved());
  signet_world_free(world);
  world = signet_world_new(NULL);
  set_seconds(NOW_S);
  signet_world_seed(world, 120, 400, 1);
  cr_expect_str_eq(saved(), first);
  static const char *const wanted[] = {"\"status\":1",
                                       "\"status\":2",
                                       "\"status\":3",
                                       "\"sign_position\":0",
                                       "\"sign_position\":1",
                                       "\"sign_position\":2",
                                       "晨光科技",
                                       "Café Montréal",
                                       "\"template_type\":\"mark"};
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
    cr_expect_not_null(strstr(first, wanted[i]), "%s", wanted[i]);
  signet_world_free(world);
  world = signet_world_new(NULL);
  set_seconds(NOW_S);
  signet_world_seed(world, 120, 400, 2);
  cr_expect_str_neq(saved(), first);
  free(first);
}

Test(world_state, what_is_seeded_keeps_the_rules)
{
  signet_world_seed(world, 2000, 300, 3);
  for (int i = 0; i < 2000; i++) {
    char id[24];
    char body[300];
    snprintf(id, sizeof id, "%d", 100000001 + i);
    if (strcmp(field(SIGNET_SIGN, id, "status"), "1") == 0)
      continue;
    snprintf(body, sizeof body, "{\"sign_name\":\"%s\"}",
             field(SIGNET_SIGN, id, "sign_name"));
    cr_assert_str_eq(apply("update", SIGNET_SIGN, id, body), "ok");
  }
}

static double seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Quadratic work on 100 000 entries would take minutes. */
Test(world_state, a_large_world_is_no_trouble)
{
  double begin = seconds();
  cr_expect(signet_world_set_reviewers(world, &approve_all, 1));
  cr_expect(signet_world_seed(world, 50000, 100000, 1));
  apply("list", SIGNET_TEMPLATE, NULL, NULL);
  set_seconds(NOW_S + 100);
  cr_expect_eq(signet_world_tick(world), -1);
  for (int i = 0; i < 50000; i++) {
    char id[24];
    snprintf(id, sizeof id, "%d", 100000001 + (i * 7919) % 50000);
    cr_assert_str_eq(apply("delete", SIGNET_SIGN, id, NULL), "ok");
  }
  cr_expect_lt(seconds() - begin, 20.0);
}

Test(world_state, random_operations_keep_the_counts)
{
  unsigned dice = 12345;
  signet_world_set_reviewers(world, &approve_all, 1);
  for (int step = 0; step < 20000; step++) {
    char id[24];
    char body[300];
    dice = dice * 1664525 + 1013904223;
    unsigned roll = dice >> 8;
    snprintf(id, sizeof id, "%u", 100000001 + roll % 400);
    if (roll % 11 < 3)
      snprintf(body, sizeof body, "{\"sign_name\":\"Name %u\"}", roll % 97);
    else
      snprintf(body, sizeof body,
               "{\"template_name\":\"T\",\"template_type\":\"utility\","
               "\"template_content\":\"Hi\",\"country_codes\":\"CN\","
               "\"add_signature\":true,\"sign_id\":\"%u\","
               "\"sign_position\":1}",
               100000001 + (roll >> 7) % 200);
    signet_kind kind = roll % 11 < 3 ? SIGNET_SIGN : SIGNET_TEMPLATE;
    static const char *const what[] = {"create", "update", "update", "delete"};
    apply(what[(roll >> 3) % 4], kind, id, body);
    signet_world_set_time(world, (NOW_S + step) * INT64_C(1000));
    signet_world_tick(world);
  }
  /* Counts are kept step by step, and counted anew by loading. */
  apply("list", SIGNET_SIGN, NULL, NULL);
  char *kept = strdup(answer());
  char *text = strdup(saved());
  cr_expect_gt(strlen(kept), 1000);
  cr_expect_str_eq(load(text), "ok");
  apply("list", SIGNET_SIGN, NULL, NULL);
  cr_expect_str_eq(answer(), kept);
  cr_expect_not_null(strstr(kept, "\"related_template_count\":1"));
  free(kept);
  free(text);
}
