/* SPDX-License-Identifier: MIT */
/* A template's update says what changes: nothing else may. */
#include "account/template.h"
#include "account_on_world.h"
#include "model/fields.h"
#include "model/list.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

TestSuite(account_template, .init = on_world_begin, .fini = on_world_end,
          .timeout = 240);

static char sign_a[SIGNET_ID_SIZE];
static char sign_b[SIGNET_ID_SIZE];

static const char *const texts[][3] = {
    {"template_name", "Order", "Changed name"},
    {"template_type", "utility", "marketing"},
    {"template_content", "Content", "Changed content"},
    {"country_codes", "CN", "CN,US"},
};

/* One case: where the signature is now, and what the update brings. */
typedef struct update {
  int64_t position;       /* now; 0: no signature */
  bool gives_sign;        /* sign_b */
  int64_t gives_position; /* 0: not given */
  int add;                /* add_signature: -1 not given, else its value */
  unsigned texts;         /* a bit for each text field that is given */
} update;

/* What must come of it, by API.md's words and not by the code's. */
typedef struct expectation {
  signet_error_kind kind;
  const char *sign; /* NULL: none */
  int64_t position;
} expectation;

static expectation expect_of(const update *given)
{
  bool now = given->position > 0;
  bool shown = given->add >= 0 ? given->add == 1 : given->gives_sign || now;
  expectation none = {SIGNET_OK, NULL, 0};
  if (!shown) {
    if (given->add < 0 && given->gives_position > 0)
      none.kind = SIGNET_ERROR_REFUSED; /* a position of no signature */
    return none;
  }
  expectation some = {SIGNET_OK, given->gives_sign ? sign_b : sign_a,
                      given->gives_position > 0 ? given->gives_position
                                                : given->position};
  if ((!given->gives_sign && !now) || some.position == 0)
    some.kind = SIGNET_ERROR_VALIDATION;
  return some;
}

static signet_fields *make_fields(const update *given)
{
  signet_fields *fields = signet_fields_new();
  for (size_t i = 0; i < 4; i++)
    if (given->texts & 1u << i)
      signet_fields_set_string(fields, texts[i][0], texts[i][2]);
  if (given->gives_sign)
    signet_fields_set_string(fields, "sign_id", sign_b);
  if (given->gives_position > 0)
    signet_fields_set_integer(fields, "sign_position", given->gives_position);
  if (given->add >= 0)
    signet_fields_set_boolean(fields, "add_signature", given->add == 1);
  return fields;
}

static void check_record(const char *id, const update *given,
                         const expectation *expected, const char *what)
{
  signet_call *call =
      expect_done(signet_template_get(on.account, id, NULL, NULL));
  const signet_record *record = signet_call_record(call);
  bool changed = expected->kind == SIGNET_OK;
  for (size_t i = 0; i < 4; i++) {
    bool new = changed && given->texts & 1u << i;
    cr_expect_str_eq(signet_record_string(record, texts[i][0]),
                     texts[i][new ? 2 : 1], "%s", what);
  }
  int64_t position = changed ? expected->position : given->position;
  const char *sign = signet_record_string(record, "sign_id");
  const char *wanted =
      changed ? expected->sign : (given->position > 0 ? sign_a : NULL);
  cr_expect_eq(signet_record_integer(record, "sign_position", 0), position,
               "%s", what);
  if (wanted == NULL)
    cr_expect_null(sign, "%s: a signature came", what);
  else
    cr_expect(sign != NULL && strcmp(sign, wanted) == 0, "%s: %s", what,
              sign != NULL ? sign : "the signature is gone");
  signet_call_release(call);
}

static void check_update(const update *given)
{
  char id[SIGNET_ID_SIZE];
  char what[120];
  expectation expected = expect_of(given);
  snprintf(what, sizeof what,
           "now %d, given sign %d, position %d, add %d, texts %u",
           (int)given->position, given->gives_sign, (int)given->gives_position,
           given->add, given->texts);
  world_template("Order", SIGNET_STATUS_APPROVED,
                 given->position > 0 ? sign_a : NULL, given->position, id);
  signet_fields *fields = make_fields(given);
  signet_call *call =
      signet_template_update(on.account, id, fields, NULL, NULL);
  const signet_error *error = signet_call_wait(call);
  signet_error_kind kind = error != NULL ? error->kind : SIGNET_OK;
  cr_expect_eq(kind, expected.kind, "%s: %s, not %s (%s)", what,
               signet_error_kind_name(kind),
               signet_error_kind_name(expected.kind),
               error != NULL ? error->message : "");
  if (error != NULL)
    cr_expect_eq(error->outcome, SIGNET_OUTCOME_NOT_SENT, "%s", what);
  else
    cr_expect_eq(signet_call_outcome(call), SIGNET_OUTCOME_APPLIED);
  signet_call_release(call);
  signet_fields_free(fields);
  check_record(id, given, &expected, what);
  signet_call_release(
      expect_done(signet_template_delete(on.account, id, NULL, NULL)));
}

Test(account_template, every_update_of_every_signature)
{
  world_sign("Company A", SIGNET_STATUS_APPROVED, sign_a);
  world_sign("Company B", SIGNET_STATUS_APPROVED, sign_b);
  for (int64_t now = 0; now <= 2; now++)
    for (int sign = 0; sign <= 1; sign++)
      for (int64_t position = 0; position <= 2; position++)
        for (int add = -1; add <= 1; add++)
          for (unsigned mask = 0; mask < 16; mask++) {
            update given = {now, sign == 1, position, add, mask};
            if (sign == 1 || position > 0 || add >= 0 || mask > 0)
              check_update(&given);
          }
}

Test(account_template, a_whole_update_reads_nothing)
{
  char id[SIGNET_ID_SIZE];
  world_sign("Company A", SIGNET_STATUS_APPROVED, sign_a);
  world_template("Order", SIGNET_STATUS_APPROVED, sign_a, 1, id);
  signet_fields *fields = template_fields("New");
  signet_fields_set_boolean(fields, "add_signature", false);
  signet_call_release(
      expect_done(signet_template_update(on.account, id, fields, NULL, NULL)));
  cr_expect_eq(signet_account_requests(on.account), 1);
  cr_assert(signet_world_review(on.world, SIGNET_TEMPLATE, id,
                                SIGNET_STATUS_APPROVED, NULL));
  signet_fields_set_boolean(fields, "add_signature", true);
  signet_fields_set_integer(fields, "sign_position", 1);
  signet_fields_set_string(fields, "sign_id", sign_a);
  signet_call_release(
      expect_done(signet_template_update(on.account, id, fields, NULL, NULL)));
  cr_expect_eq(signet_account_requests(on.account), 2);
  signet_fields_free(fields);
}

Test(account_template, integers_are_taken_as_ids)
{
  char id[SIGNET_ID_SIZE];
  world_sign("Company A", SIGNET_STATUS_APPROVED, sign_a);
  world_template("Order", SIGNET_STATUS_APPROVED, NULL, 0, id);
  signet_fields *fields = signet_fields_new();
  signet_fields_set_integer(fields, "sign_id", strtoll(sign_a, NULL, 10));
  signet_fields_set_integer(fields, "sign_position", 2);
  signet_call_release(
      expect_done(signet_template_update(on.account, id, fields, NULL, NULL)));
  signet_call *call =
      expect_done(signet_template_get(on.account, id, NULL, NULL));
  cr_expect_str_eq(signet_record_string(signet_call_record(call), "sign_id"),
                   sign_a);
  signet_call_release(call);
  signet_fields_set_integer(fields, "sign_id", -1);
  expect_error(signet_template_update(on.account, id, fields, NULL, NULL),
               SIGNET_ERROR_VALIDATION, SIGNET_OUTCOME_NOT_SENT);
  signet_fields_free(fields);
}

Test(account_template, what_can_not_be_updated)
{
  char id[SIGNET_ID_SIZE];
  signet_fields *fields = text_field("template_name", "New");
  world_template("Order", SIGNET_STATUS_PENDING, NULL, 0, id);
  expect_words(signet_template_update(on.account, id, fields, NULL, NULL),
               SIGNET_ERROR_PENDING, SIGNET_OUTCOME_NOT_SENT, "review");
  world_template("Order", SIGNET_STATUS_APPROVED, NULL, 0, id);
  signet_world_lock(on.world, SIGNET_TEMPLATE, id, true);
  expect_words(signet_template_update(on.account, id, fields, NULL, NULL),
               SIGNET_ERROR_IN_USE, SIGNET_OUTCOME_REFUSED, "running plans");
  expect_words(signet_template_update(on.account, "5", fields, NULL, NULL),
               SIGNET_ERROR_NOT_FOUND, SIGNET_OUTCOME_NOT_SENT, "not exist");
  signet_world_lock(on.world, SIGNET_TEMPLATE, id, false);
  world_sign("Company A", SIGNET_STATUS_PENDING, sign_a);
  signet_fields_set_string(fields, "sign_id", sign_a);
  signet_fields_set_integer(fields, "sign_position", 1);
  expect_words(signet_template_update(on.account, id, fields, NULL, NULL),
               SIGNET_ERROR_NOT_APPROVED, SIGNET_OUTCOME_REFUSED,
               "not approved");
  signet_fields_free(fields);
}

/* ---- records that a world never shows ---- */

static signet_list *list;

static const signet_record *record_with(const signet_value *sign_id,
                                        const signet_value *position)
{
  list = signet_list_new(SIGNET_TEMPLATE);
  signet_list_begin(list);
  for (size_t i = 0; i < 4; i++) {
    signet_value value = signet_value_text(texts[i][1], strlen(texts[i][1]));
    signet_list_add(list, texts[i][0], strlen(texts[i][0]), &value);
  }
  if (sign_id != NULL)
    signet_list_add(list, "sign_id", 7, sign_id);
  if (position != NULL)
    signet_list_add(list, "sign_position", 13, position);
  return signet_list_end(list);
}

Test(account_template, a_record_that_leaves_the_signature_open_is_refused)
{
  const signet_value five = signet_value_text("5", 1);
  const signet_value number = signet_value_integer(5);
  const signet_value empty = signet_value_text("", 0);
  const signet_value zero_text = signet_value_text("0", 1);
  const signet_value null = {.type = SIGNET_NULL};
  const signet_value positions[] = {signet_value_integer(0),
                                    signet_value_integer(1),
                                    signet_value_integer(7)};
  const struct {
    const signet_value *sign_id;
    const signet_value *position;
    int shown; /* 1, 0, -1: refused */
  } cases[] = {
      {NULL, NULL, 0},
      {NULL, &positions[0], 0},
      {NULL, &positions[1], -1},
      {&null, NULL, 0},
      {&empty, &positions[0], 0},
      {&empty, &positions[1], -1},
      {&zero_text, &positions[0], 0},
      {&five, NULL, -1},
      {&five, &null, -1},
      {&five, &positions[0], -1}, /* which names one, and says none */
      {&five, &positions[1], 1},
      {&five, &positions[2], 1}, /* a position yet to come is kept */
      {&number, &positions[1], 1},
      {&number, NULL, -1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const signet_record *record =
        record_with(cases[i].sign_id, cases[i].position);
    signet_fields *fields = text_field("template_name", "New");
    const char *problem = NULL;
    bool done = signet_template_complete(fields, record, &problem);
    cr_expect_eq(done, cases[i].shown >= 0, "case %zu", i);
    signet_value value;
    if (done) {
      cr_assert(signet_fields_get(fields, "add_signature", &value));
      cr_expect_eq(value.as.boolean, cases[i].shown == 1, "case %zu", i);
      cr_expect_eq(signet_fields_get(fields, "sign_id", &value),
                   cases[i].shown == 1);
    } else {
      cr_expect_not_null(problem);
    }
    signet_fields_free(fields);
    signet_list_release(list);
  }
}

Test(account_template, a_record_that_lacks_a_field_can_not_complete)
{
  signet_fields *fields = text_field("template_name", "New");
  const char *problem = NULL;
  list = signet_list_new(SIGNET_TEMPLATE);
  signet_list_begin(list);
  const signet_record *record = signet_list_end(list);
  cr_expect_not(signet_template_complete(fields, record, &problem));
  cr_expect_not_null(strstr(problem, "lacks a field"));
  signet_fields_free(fields);
  signet_list_release(list);
}
