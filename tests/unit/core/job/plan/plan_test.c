/* SPDX-License-Identifier: MIT */
/* Overlays, the plans that come of them, and reading plans back. */
#include "account_on_world.h"
#include "canary.h"

#include "job/plan/save.h"
#include "model/buffer.h"
#include "model/memory.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static signet_overlay *overlay;
static signet_account *dry; /* on.world, under the overlay */

static signet_account *open_dry(signet_loop *loop, signet_error *error)
{
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  options.world = on.world;
  options.overlay = overlay;
  return signet_account_open(loop, &options, error);
}

static void begin_review(signet_review review, unsigned percent)
{
  signet_overlay_options options = SIGNET_OVERLAY_OPTIONS_INIT;
  signet_error error;
  on_world_begin();
  options.review = review;
  options.reject_percent = percent;
  overlay = signet_overlay_new(&options, &error);
  cr_assert_not_null(overlay, "%s", error.message);
  dry = open_dry(on.loop, &error);
  cr_assert_not_null(dry, "%s", error.message);
}

static void begin(void)
{
  begin_review(SIGNET_REVIEW_APPROVE, 0);
}

static void end(void)
{
  signet_account_close(dry);
  signet_overlay_free(overlay);
  on_world_end();
}

TestSuite(overlay, .init = begin, .fini = end);
TestSuite(plan, .init = begin, .fini = end);

static void release(signet_call *call)
{
  signet_call_release(expect_done(call));
}

/* Creates a signature in the overlay; its id goes to `id`. */
static void create(const char *name, char *id)
{
  signet_fields *fields = text_field("sign_name", name);
  signet_call *call = expect_done(signet_sign_create(dry, fields, NULL, NULL));
  strcpy(id, signet_call_id(call));
  signet_call_release(call);
  signet_fields_free(fields);
}

static void rename_sign(const char *id, const char *name)
{
  signet_fields *fields = text_field("sign_name", name);
  release(signet_sign_update(dry, id, fields, NULL, NULL));
  signet_fields_free(fields);
}

static size_t count_live(void)
{
  signet_call *call =
      expect_done(signet_sign_list(on.account, NULL, NULL, NULL));
  size_t count = signet_list_count(signet_call_list(call));
  signet_call_release(call);
  return count;
}

static signet_plan *plan_of(void)
{
  signet_error error;
  signet_plan *plan =
      signet_overlay_plan(overlay, "job.lua", "[\"a\"]", &error);
  cr_assert_not_null(plan, "%s", error.message);
  return plan;
}

/* ---- the overlay ---- */

Test(overlay, keeps_writes_to_itself)
{
  char id[24];
  create("Brand New", id);
  cr_expect_str_eq(id, "9000000000000000001");
  cr_expect_eq(count_live(), 0);
  signet_call *call = expect_done(signet_sign_list(dry, NULL, NULL, NULL));
  cr_expect_eq(signet_list_count(signet_call_list(call)), 1);
  signet_call_release(call);
}

Test(overlay, reads_live_until_the_first_write)
{
  char id[24];
  char other[24];
  world_sign("First", SIGNET_STATUS_APPROVED, id);
  release(signet_sign_get(dry, id, NULL, NULL));
  world_sign("Second", SIGNET_STATUS_APPROVED, other);
  release(signet_sign_get(dry, other, NULL, NULL));
  rename_sign(id, "Renamed");
  world_sign("Third", SIGNET_STATUS_APPROVED, other);
  expect_error(signet_sign_get(dry, other, NULL, NULL), SIGNET_ERROR_NOT_FOUND,
               SIGNET_OUTCOME_REFUSED);
}

Test(overlay, refuses_raw_writes)
{
  expect_words(
      signet_request(dry, "POST", "/v1/sign-configs", "{}", 2, NULL, NULL),
      SIGNET_ERROR_REFUSED, SIGNET_OUTCOME_NOT_SENT, "nothing but GETs");
}

Test(overlay, unknown_and_empty_fields_are_kept_or_left_out)
{
  static const char state[] =
      "{\"version\":1,\"signs\":[{\"sign_id\":\"7\",\"sign_name\":\"Seven\","
      "\"colour\":{\"red\":1}}],\"templates\":[{\"template_id\":\"8\","
      "\"template_name\":\"Eight\",\"status\":9}]}";
  signet_error error;
  cr_assert(signet_world_load(on.world, state, sizeof state - 1, &error));
  rename_sign("7", "Seventh");
  signet_call *call = expect_done(signet_sign_get(dry, "7", NULL, NULL));
  signet_value value;
  cr_expect(signet_record_get(signet_call_record(call), "colour", &value));
  cr_expect_eq(value.type, SIGNET_JSON);
  signet_call_release(call);
  call = expect_done(signet_template_get(dry, "8", NULL, NULL));
  cr_expect_eq(signet_record_integer(signet_call_record(call), "status", 0), 9);
  signet_call_release(call);
}

static void keep_notice(signet_account *account, const char *text, void *user)
{
  (void)account;
  snprintf(user, 400, "%s", text);
}

Test(overlay, an_entry_with_a_provisional_id_is_left_out)
{
  static const char state[] =
      "{\"version\":1,\"signs\":[{\"sign_id\":\"9100000000000000000\","
      "\"sign_name\":\"Far\"},{\"sign_id\":\"7\",\"sign_name\":\"Seven\"}]}";
  signet_error error;
  char notice[400] = "";
  cr_assert(signet_world_load(on.world, state, sizeof state - 1, &error));
  signet_account_on_notice(dry, keep_notice, notice);
  release(signet_sign_get(dry, "9100000000000000000", NULL, NULL));
  rename_sign("7", "Seventh");
  cr_expect_not_null(strstr(notice, "signature 9100000000000000000: a dry run "
                                    "gives such ids to new entries"),
                     "%s", notice);
  expect_words(signet_sign_delete(dry, "9100000000000000000", NULL, NULL),
               SIGNET_ERROR_NOT_FOUND, SIGNET_OUTCOME_REFUSED, "not exist");
}

Test(overlay, handles_of_one_account_share_it)
{
  signet_error error;
  char id[24];
  create("Brand New", id);
  signet_account *second = open_dry(on.loop, &error);
  cr_assert_not_null(second);
  release(signet_sign_get(second, id, NULL, NULL));
  signet_account_close(second);
  release(signet_sign_get(dry, id, NULL, NULL));
}

Test(overlay, another_account_is_refused)
{
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  signet_error error;
  options.base_url = "http://127.0.0.1:1";
  options.key = CANARY_KEY;
  options.secret = CANARY_SECRET;
  options.overlay = overlay;
  cr_expect_null(signet_account_open(on.loop, &options, &error));
  cr_expect_eq(error.kind, SIGNET_ERROR_REFUSED);
}

Test(overlay, may_be_closed_while_it_copies)
{
  signet_call *call = signet_sign_delete(dry, "7", NULL, NULL);
  signet_account_close(dry);
  dry = NULL;
  expect_error(call, SIGNET_ERROR_CANCELLED, SIGNET_OUTCOME_NOT_SENT);
}

Test(overlay, calls_may_be_cancelled_while_it_copies)
{
  signet_call *first = signet_sign_delete(dry, "7", NULL, NULL);
  signet_call *second = signet_sign_delete(dry, "8", NULL, NULL);
  signet_call *third =
      signet_sign_wait(dry, "9", SIGNET_STATUS_APPROVED, -1, NULL, NULL);
  signet_call_cancel(first);
  signet_call_cancel(third);
  expect_error(first, SIGNET_ERROR_CANCELLED, SIGNET_OUTCOME_NOT_SENT);
  expect_error(third, SIGNET_ERROR_CANCELLED, SIGNET_OUTCOME_NOT_SENT);
  expect_error(second, SIGNET_ERROR_NOT_FOUND, SIGNET_OUTCOME_REFUSED);
}

Test(overlay, a_wait_is_answered_by_the_reviewer)
{
  char id[24];
  create("Brand New", id);
  signet_call *call = expect_done(
      signet_sign_wait(dry, id, SIGNET_STATUS_APPROVED, -1, NULL, NULL));
  cr_expect_eq(signet_record_integer(signet_call_record(call), "status", 0),
               SIGNET_STATUS_APPROVED);
  signet_call_release(call);
  expect_error(
      signet_sign_wait(dry, id, SIGNET_STATUS_REJECTED, -1, NULL, NULL),
      SIGNET_ERROR_TIMEOUT, SIGNET_OUTCOME_NOT_SENT);
}

Test(overlay, what_nobody_waits_for_stays_pending)
{
  char id[24];
  char old[24];
  world_sign("Old One", SIGNET_STATUS_PENDING, old);
  create("Brand New", id);
  release(signet_sign_wait(dry, id, SIGNET_STATUS_APPROVED, -1, NULL, NULL));
  signet_call *call = expect_done(signet_sign_get(dry, old, NULL, NULL));
  cr_expect_eq(signet_record_integer(signet_call_record(call), "status", 0),
               SIGNET_STATUS_PENDING);
  signet_call_release(call);
}

Test(overlay_options, rejects_a_share_evenly)
{
  size_t rejected = 0;
  begin_review(SIGNET_REVIEW_REJECT, 25);
  for (int i = 0; i < 8; i++) {
    char name[16];
    char id[24];
    snprintf(name, sizeof name, "Name %d", i);
    create(name, id);
    signet_call *call =
        signet_sign_wait(dry, id, SIGNET_STATUS_APPROVED, -1, NULL, NULL);
    const signet_error *error = signet_call_wait(call);
    rejected += error != NULL && error->kind == SIGNET_ERROR_REJECTED;
    signet_call_release(call);
  }
  cr_expect_eq(rejected, 2);
  end();
}

Test(overlay_options, out_of_range)
{
  signet_overlay_options options = SIGNET_OVERLAY_OPTIONS_INIT;
  signet_error error;
  options.reject_percent = 101;
  cr_expect_null(signet_overlay_new(&options, &error));
  cr_expect_eq(error.kind, SIGNET_ERROR_VALIDATION);
}

/* ---- the plan ---- */

Test(plan, is_empty_without_a_write)
{
  signet_plan *plan = plan_of();
  signet_plan_round round;
  cr_expect_eq(signet_plan_count(plan), 0);
  cr_expect_eq(signet_plan_rounds(plan), 0);
  cr_expect_null(signet_plan_at(plan, 0));
  cr_expect_not(signet_plan_round_at(plan, 0, &round));
  signet_plan_free(plan);
}

/* A rename that frees a name, one that takes it, a template that waits. */
static signet_plan *make_plan(void)
{
  char first[24];
  char second[24];
  char used[24];
  world_sign("First", SIGNET_STATUS_APPROVED, first);
  world_sign("Second", SIGNET_STATUS_APPROVED, second);
  world_template("Template", SIGNET_STATUS_APPROVED, first, 1, used);
  rename_sign(first, "Elsewhere");
  rename_sign(second, "First");
  release(
      signet_sign_wait(dry, second, SIGNET_STATUS_APPROVED, -1, NULL, NULL));
  signet_fields *fields = text_field("sign_id", second);
  signet_fields_set_integer(fields, "sign_position", 2);
  release(signet_template_update(dry, used, fields, NULL, NULL));
  signet_fields_free(fields);
  release(signet_sign_delete(dry, first, NULL, NULL));
  return plan_of();
}

Test(plan, tells_what_each_step_needs)
{
  signet_plan *plan = make_plan();
  signet_plan_round round;
  cr_assert_eq(signet_plan_count(plan), 4);
  const signet_plan_step *freed = signet_plan_at(plan, 0);
  const signet_plan_step *taken = signet_plan_at(plan, 1);
  const signet_plan_step *moved = signet_plan_at(plan, 2);
  const signet_plan_step *deleted = signet_plan_at(plan, 3);
  cr_expect_eq(freed->need_count, 0);
  cr_expect_eq(freed->outage_count, 1);
  cr_assert_eq(taken->need_count, 1);
  cr_expect_eq(taken->needs[0], 1);
  cr_expect_str_eq(taken->name, "Second");
  cr_assert_eq(moved->review_count, 1);
  cr_expect_eq(moved->reviews[0], 2);
  cr_expect_eq(moved->round, 2);
  cr_expect_eq(taken->expect, SIGNET_STATUS_APPROVED);
  cr_assert_eq(deleted->need_count, 1);
  cr_expect_eq(deleted->needs[0], 3);
  cr_assert_eq(deleted->review_count, 1);
  cr_expect_eq(deleted->reviews[0], 1);
  cr_expect_null(deleted->after);
  cr_assert_eq(signet_plan_rounds(plan), 2);
  cr_assert(signet_plan_round_at(plan, 0, &round));
  cr_expect_eq(round.reviews, 2);
  cr_expect_eq(round.outage_count, 1);
  signet_plan_free(plan);
}

Test(plan, is_read_back_as_it_was)
{
  size_t length;
  size_t again_length;
  signet_error error;
  signet_plan *plan = make_plan();
  const char *text = signet_plan_text(plan, &length);
  /* As what fread() leaves: no NUL stands behind it. */
  char *copy = signet_memory_zeroed(length + 3, 1);
  memcpy(copy, text, length);
  memcpy(copy + length, "]}", 2);
  signet_plan *again = signet_plan_load(copy, length, &error);
  signet_memory_free(copy);
  cr_assert_not_null(again, "%s", error.message);
  cr_expect_str_eq(signet_plan_digest(again), signet_plan_digest(plan));
  cr_assert(signet_plan_seal(again));
  cr_expect_str_eq(signet_plan_text(again, &again_length), text);
  cr_expect_eq(signet_plan_rounds(again), signet_plan_rounds(plan));
  signet_plan_free(again);
  signet_plan_free(plan);
}

/* A plan's text with one piece replaced, and a digest that fits. */
static char *changed_at(const char *text, const char *at, size_t size,
                        const char *to)
{
  char digest[SIGNET_PLAN_DIGEST_SIZE];
  size_t length;
  signet_buffer out;
  signet_buffer_init(&out, (size_t)1 << 20);
  signet_buffer_append(&out, text, (size_t)(at - text));
  signet_buffer_string(&out, to);
  signet_buffer_string(&out, at + size);
  char *result = signet_buffer_take(&out, &length);
  cr_assert_not_null(result);
  signet_plan_make_digest(result, digest);
  char *place = strstr(result, "\"digest\":\"");
  if (place != NULL)
    memcpy(place + 10, digest, sizeof digest - 1);
  return result;
}

static char *changed(const char *text, const char *from, const char *to)
{
  const char *at = strstr(text, from);
  cr_assert_not_null(at, "%s is not in the plan", from);
  return changed_at(text, at, strlen(from), to);
}

Test(plan, what_is_no_plan_is_refused_in_one_sentence)
{
  static const struct {
    const char *from, *to, *words;
  } cases[] = {
      {"\"format\":\"signet-plan\"", "\"format\":\"other\"", "no plan"},
      {"\"version\":1", "\"version\":0", "older format version 0"},
      {"\"version\":1", "\"version\":2", "newer format version 2"},
      {"\"version\":1", "\"version\":\"1\"", "version must be"},
      {"\"account\":\"", "\"account\":1,\"x\":\"", "x is nothing"},
      {"\"account\":", "\"acount\":", "acount is nothing"},
      {"\"arguments\":[\"a\"]", "\"arguments\":{}", "arguments must be"},
      {"\"created_ms\":", "\"created_ms\":\"\",\"steps\":", "created_ms must"},
      {"\"step\":1,", "\"step\":2,", "step 1: step must count"},
      {"\"verb\":\"update\"", "\"verb\":\"change\"", "verb is no word"},
      {"\"kind\":\"sign\"", "\"kind\":1", "kind must be a string"},
      {"\"id\":\"", "\"id\":\"../", "id must be an id"},
      {"\"before\":{", "\"before\":[],\"x\":{", "x is nothing"},
      {"\"after\":{\"sign_name\":\"Elsewhere\"}", "\"after\":null",
       "after must be an object"},
      {"\"needs\":[1]", "\"needs\":[2]", "needs must name steps before it"},
      {"\"needs\":[1]", "\"needs\":[0]", "needs must name steps before it"},
      {"\"needs\":[1]", "\"needs\":1", "needs must be an array"},
      {"\"reviews\":[2]", "\"reviews\":[\"2\"]", "reviews must name"},
      {"\"after_round\":0", "\"after_round\":-1", "after_round is out of"},
      {"\"round\":1", "\"round\":0", "round is not the one"},
      {"\"round\":1", "\"round\":99", "round is not the one"},
      {"\"after_round\":0", "\"after_round\":1", "after_round is a round"},
      {"\"review\":true", "\"review\":1", "review must be true"},
      {"\"expect\":2", "\"expect\":2.5", "expect must be a whole"},
      {"\"outage\":[\"", "\"outage\":[\"x", "outage must hold ids"},
      {"\"awaited\":true", "\"awaited\":true,\"mark\":\"odd\"",
       "mark is no word"},
      {"\"awaited\":true", "\"awaited\":true,\"old\":\"odd\"", "old must be"},
      {"\"awaited\":true", "\"awaited\":true,\"assumed\":1", "assumed must"},
      {"\"awaited\":true", "\"awaited\":true,\"extra\":1", "extra is nothing"},
      {"]}\n", "]", "no plan"},
  };
  size_t length;
  signet_plan *plan = make_plan();
  const char *text = signet_plan_text(plan, &length);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    signet_error error;
    char *other = changed(text, cases[i].from, cases[i].to);
    signet_plan *read = signet_plan_load(other, strlen(other), &error);
    cr_expect_null(read, "case %zu: %s", i, cases[i].to);
    cr_expect_eq(error.kind, SIGNET_ERROR_REFUSED, "case %zu", i);
    cr_expect_not_null(strstr(error.message, cases[i].words),
                       "case %zu: \"%s\" lacks \"%s\"", i, error.message,
                       cases[i].words);
    signet_plan_free(read);
    signet_memory_free(other);
  }
  signet_plan_free(plan);
}

/* ---- every member, of every type ---- */

static const char *after_string(const char *at)
{
  for (at++; *at != '"'; at++)
    at += *at == '\\';
  return at + 1;
}

/* What stands behind a JSON value. */
static const char *after_value(const char *at)
{
  size_t depth = 0;
  do {
    depth += *at == '{' || *at == '[';
    depth -= *at == '}' || *at == ']';
    at = *at == '"' ? after_string(at) : at + 1;
  } while (depth > 0 || strchr(",}]\n", *at) == NULL);
  return at;
}

/* The plan's text where the member's value, the first one behind `from`, is
 * another. @param value  NULL: the whole member is taken out */
static char *with_member(const char *text, const char *from, const char *name,
                         const char *value)
{
  char key[40];
  char *whole;
  const char *begin = strstr(text, from);
  snprintf(key, sizeof key, "\"%s\":", name);
  begin = begin != NULL ? strstr(begin, key) : NULL;
  cr_assert_not_null(begin, "%s is not in the plan", name);
  const char *end = after_value(begin + strlen(key));
  if (value == NULL && *end == ',')
    end++;
  else if (value == NULL) /* the last one goes with the comma before it */
    while (*--begin != ',')
      ;
  cr_assert_neq(asprintf(&whole, "%s%s", value != NULL ? key : "",
                         value != NULL ? value : ""),
                -1);
  char *result = changed_at(text, begin, (size_t)(end - begin), whole);
  free(whole);
  return result;
}

/* Refused in one sentence that names the place. */
static void expect_refused(char *text, const char *place, const char *name,
                           const char *value)
{
  signet_error error;
  signet_plan *read = signet_plan_load(text, strlen(text), &error);
  cr_expect_null(read, "%s: %s was taken", name, value);
  cr_expect_eq(error.kind, SIGNET_ERROR_REFUSED, "%s: %s", name, value);
  cr_expect(strstr(error.message, place) != NULL &&
                strstr(error.message, name) != NULL,
            "%s: %s: %s", name, value, error.message);
  signet_plan_free(read);
  signet_memory_free(text);
}

static const struct {
  char type;
  const char *value;
} values[] = {{'n', "null"},       {'b', "true"}, {'i', "1"},    {'i', "-1"},
              {'i', "9999999999"}, {'d', "1.5"},  {'s', "\"\""}, {'s', "\"x\""},
              {'a', "[]"},         {'o', "{}"}};

/* @param types  those that the member may have */
static void try_values(const char *text, const char *from, const char *place,
                       const char *name, const char *types)
{
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
    if (strchr(types, values[i].type) == NULL)
      expect_refused(with_member(text, from, name, values[i].value), place,
                     name, values[i].value);
}

Test(plan, each_member_has_its_type)
{
  static const struct {
    const char *name, *types;
  } head[] = {{"version", "i"},    {"account", "s"}, {"signet", "s"},
              {"created_ms", "i"}, {"script", "s"},  {"arguments", "a"},
              {"steps", "a"}},
    step[] = {{"step", "i"},   {"verb", ""},     {"kind", ""},
              {"id", ""},      {"before", "o"},  {"after", "o"},
              {"needs", "a"},  {"reviews", "a"}, {"after_round", "i"},
              {"round", "i"},  {"review", "b"},  {"awaited", "b"},
              {"expect", "i"}, {"outage", "a"}};
  size_t length;
  signet_plan *plan = make_plan();
  const char *text = signet_plan_text(plan, &length);
  for (size_t i = 0; i < sizeof head / sizeof head[0]; i++) {
    try_values(text, "{", "the plan can't be read: ", head[i].name,
               head[i].types);
    expect_refused(with_member(text, "{", head[i].name, NULL),
                   "the plan can't be read: ", head[i].name, "left out");
  }
  for (size_t i = 0; i < sizeof step / sizeof step[0]; i++) {
    try_values(text, "{\"step\":2", "step 2: ", step[i].name, step[i].types);
    expect_refused(with_member(text, "{\"step\":2", step[i].name, NULL),
                   "step 2: ", step[i].name, "left out");
  }
  signet_plan_free(plan);
}

Test(plan, each_member_has_its_range)
{
  static const struct {
    const char *step, *name, *value;
  } cases[] = {
      {"1", "step", "2"},
      {"1", "step", "-1"},
      {"1", "step", "9999999999"},
      {"1", "verb", "\"request\""},
      {"1", "kind", "\"Sign\""},
      {"1", "id", "\"1x\""},
      {"1", "id", "\"12345678901234567890123456\""},
      {"1", "needs", "[1]"},
      {"2", "needs", "[1,2]"},
      {"2", "needs", "[-1]"},
      {"2", "needs", "[9223372036854775807]"},
      {"2", "needs", "[null]"},
      {"3", "reviews", "[3]"},
      {"4", "needs", "[3,4]"},
      {"1", "after_round", "1"},
      {"1", "after_round", "2147483648"},
      {"3", "round", "1"},
      {"3", "round", "3"},
      {"3", "expect", "-1"},
      {"1", "outage", "[1]"},
      {"1", "outage", "[null]"},
      {"1", "outage", "[\"7\",\"\"]"},
      {"4", "after", "{}"},
  };
  size_t length;
  signet_plan *plan = make_plan();
  const char *text = signet_plan_text(plan, &length);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char from[16], place[16];
    snprintf(from, sizeof from, "{\"step\":%s", cases[i].step);
    snprintf(place, sizeof place, "step %s: ", cases[i].step);
    expect_refused(with_member(text, from, cases[i].name, cases[i].value),
                   place, cases[i].name, cases[i].value);
  }
  signet_plan_free(plan);
}

/* A review that is none would be waited for without end. */
Test(plan, only_a_review_is_waited_for)
{
  size_t length;
  signet_plan *plan = make_plan();
  const char *text = signet_plan_text(plan, &length);
  char *other = with_member(text, "{\"step\":2", "review", "false");
  expect_refused(other, "step 3: ", "reviews", "of no review");
  signet_plan_free(plan);
}

Test(plan, each_step_is_an_object)
{
  size_t length;
  signet_plan *plan = make_plan();
  const char *text = signet_plan_text(plan, &length);
  expect_refused(with_member(text, "{", "steps", "[[]]"),
                 "step 1: ", "must be an object", "[[]]");
  expect_refused(with_member(text, "{", "steps", "[null]"),
                 "step 1: ", "must be an object", "[null]");
  char *none = with_member(text, "{", "steps", "[]");
  signet_error error;
  signet_plan *empty = signet_plan_load(none, strlen(none), &error);
  cr_assert_not_null(empty, "%s", error.message);
  cr_expect_eq(signet_plan_count(empty), 0);
  signet_plan_free(empty);
  signet_memory_free(none);
  signet_plan_free(plan);
}

Test(plan, every_cut_and_every_changed_byte_is_refused)
{
  size_t length;
  signet_error error;
  signet_plan *plan = make_plan();
  const char *saved = signet_plan_text(plan, &length);
  char *text = signet_memory_text(saved, length);
  cr_assert_not_null(text);
  for (size_t i = 0; i + 2 < length; i++) {
    signet_plan *cut = signet_plan_load(text, i, &error);
    cr_expect_null(cut, "cut at %zu", i);
    char kept = text[i];
    text[i] = kept == 'x' ? 'y' : 'x';
    signet_plan *read = signet_plan_load(text, length, &error);
    cr_expect_null(read, "changed at %zu", i);
    text[i] = kept;
    signet_plan_free(cut);
    signet_plan_free(read);
  }
  signet_memory_free(text);
  signet_plan_free(plan);
}
