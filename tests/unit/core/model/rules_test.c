/* SPDX-License-Identifier: MIT */
/* Every rule of the pages, at its edges. */
#include "model/fields.h"
#include "model/text.h"
#include "signet/rules.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

static signet_fields *fields;
static signet_violation violation;

static void begin(void)
{
  fields = signet_fields_new();
  violation = (signet_violation){.rule = SIGNET_RULE_NONE};
}

static void end(void)
{
  signet_fields_free(fields);
}

TestSuite(rules, .init = begin, .fini = end);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The text, so many times over. */
static void set_repeated(const char *name, const char *text, size_t count)
{
  static char whole[4096];
  size_t length = strlen(text);
  cr_assert_lt(length * count, sizeof whole);
  for (size_t i = 0; i < count; i++)
    memcpy(whole + i * length, text, length);
  signet_value value = signet_value_text(whole, length * count);
  cr_assert(signet_fields_set(fields, name, &value));
}

static void set_bytes(const char *name, const char *text, size_t length)
{
  signet_value value = signet_value_text(text, length);
  cr_assert(signet_fields_set(fields, name, &value));
}

static void set_template(void)
{
  signet_fields_set_string(fields, "template_name", "Order notice");
  signet_fields_set_string(fields, "template_type", "utility");
  signet_fields_set_string(fields, "template_content", "Your order left.");
  signet_fields_set_string(fields, "country_codes", "CN,US");
}

/* Both checks find the rule, name the field and write a printable sentence. */
static void expect_broken(signet_kind kind, signet_rule rule, const char *field,
                          const char *what)
{
  cr_expect_not(signet_rule_check_entry(kind, fields, &violation), "%s", what);
  cr_expect_eq(violation.rule, rule, "%s breaks %s, not %s", what,
               signet_rule_name(violation.rule), signet_rule_name(rule));
  cr_expect_str_eq(violation.field, field);
  cr_expect_gt(strlen(violation.text), 10);
  cr_expect(signet_utf8_valid(violation.text, strlen(violation.text)));
}

static void expect_right(signet_kind kind, const char *what)
{
  cr_expect(signet_rule_check_entry(kind, fields, &violation), "%s: %s", what,
            violation.text);
  cr_expect(signet_rule_check_partial(kind, fields, &violation), "%s: %s", what,
            violation.text);
}

Test(rules, characters)
{
  static const struct {
    const char *text;
    size_t characters;
  } cases[] = {{"", 0},
               {"abc", 3},
               {"é", 1},
               {"中文", 2},
               {"😀", 1},
               {"e\xCC\x81", 2},
               {"👨‍👩‍👧", 5},
               {"\xF0\x9F\x87\xA8\xF0\x9F\x87\xB3", 2}};
  for (size_t i = 0; i < COUNT(cases); i++)
    cr_expect_eq(signet_rule_characters(cases[i].text, strlen(cases[i].text)),
                 cases[i].characters, "%s", cases[i].text);
}

Test(rules, lengths_count_characters)
{
  static const char *const characters[] = {"a", "é", "中", "😀", "\xCC\x81"};
  static const struct {
    const char *field;
    size_t count;
    signet_rule rule;
  } cases[] = {
      {"sign_name", 0, SIGNET_RULE_SIGN_NAME_LENGTH},
      {"sign_name", 1, SIGNET_RULE_SIGN_NAME_LENGTH},
      {"sign_name", 2, SIGNET_RULE_NONE},
      {"sign_name", 60, SIGNET_RULE_NONE},
      {"sign_name", 61, SIGNET_RULE_SIGN_NAME_LENGTH},
      {"template_name", 0, SIGNET_RULE_TEMPLATE_NAME_REQUIRED},
      {"template_name", 1, SIGNET_RULE_NONE},
      {"template_name", 255, SIGNET_RULE_NONE},
      {"template_name", 256, SIGNET_RULE_TEMPLATE_NAME_LENGTH},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    for (size_t k = 0; k < COUNT(characters); k++) {
      bool sign = cases[i].field[0] == 's';
      signet_kind kind = sign ? SIGNET_SIGN : SIGNET_TEMPLATE;
      char what[64];
      snprintf(what, sizeof what, "%zu times %s", cases[i].count,
               characters[k]);
      signet_fields_free(fields);
      fields = signet_fields_new();
      if (!sign)
        set_template();
      set_repeated(cases[i].field, characters[k], cases[i].count);
      if (cases[i].rule == SIGNET_RULE_NONE)
        expect_right(kind, what);
      else
        expect_broken(kind, cases[i].rule, cases[i].field, what);
    }
  }
}

Test(rules, forbidden_text)
{
  static const struct {
    const char *text;
    bool sign_name;      /* allowed in a signature's name */
    signet_rule content; /* of a template */
  } cases[] = {
      {"plain words", true, SIGNET_RULE_NONE},
      {"【brand", false, SIGNET_RULE_TEMPLATE_CONTENT_TEXT},
      {"brand】", false, SIGNET_RULE_TEMPLATE_CONTENT_TEXT},
      {"a[b", false, SIGNET_RULE_TEMPLATE_CONTENT_TEXT},
      {"a]", false, SIGNET_RULE_TEMPLATE_CONTENT_TEXT},
      {"甲、乙", true, SIGNET_RULE_TEMPLATE_CONTENT_TEXT},
      {"这是测试", true, SIGNET_RULE_TEMPLATE_CONTENT_TEXT},
      {"测，试", true, SIGNET_RULE_NONE},
      {"a test of", true, SIGNET_RULE_TEMPLATE_CONTENT_TEST},
      {"test", true, SIGNET_RULE_TEMPLATE_CONTENT_TEST},
      {"(test)", true, SIGNET_RULE_TEMPLATE_CONTENT_TEST},
      {"pre-test", true, SIGNET_RULE_TEMPLATE_CONTENT_TEST},
      {"latest test", true, SIGNET_RULE_TEMPLATE_CONTENT_TEST},
      {"latest", true, SIGNET_RULE_NONE},
      {"tests", true, SIGNET_RULE_NONE},
      {"Test", true, SIGNET_RULE_NONE},
      {"TEST it", true, SIGNET_RULE_NONE},
      {"test_1", true, SIGNET_RULE_NONE},
      {"tes", true, SIGNET_RULE_NONE},
      {"(brackets) {{code}} <b> 「」", true, SIGNET_RULE_NONE},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    signet_fields_free(fields);
    fields = signet_fields_new();
    signet_fields_set_string(fields, "sign_name", cases[i].text);
    if (cases[i].sign_name)
      expect_right(SIGNET_SIGN, cases[i].text);
    else
      expect_broken(SIGNET_SIGN, SIGNET_RULE_SIGN_NAME_TEXT, "sign_name",
                    cases[i].text);
    signet_fields_free(fields);
    fields = signet_fields_new();
    set_template();
    signet_fields_set_string(fields, "template_content", cases[i].text);
    if (cases[i].content == SIGNET_RULE_NONE)
      expect_right(SIGNET_TEMPLATE, cases[i].text);
    else
      expect_broken(SIGNET_TEMPLATE, cases[i].content, "template_content",
                    cases[i].text);
  }
}

Test(rules, a_template_name_may_hold_anything)
{
  set_template();
  signet_fields_set_string(fields, "template_name", "【test】[测试]、");
  expect_right(SIGNET_TEMPLATE, "name");
}

Test(rules, doubt_is_no_refusal)
{
  static const struct {
    const char *content;
    bool doubt;
  } cases[] = {{"the latest news", true},
               {"TESTS", true},
               {"Test it", true},
               {"contested", true},
               {"no such word", false},
               {"te st", false},
               {"tes", false},
               {"t", false}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    set_template();
    signet_fields_set_string(fields, "template_content", cases[i].content);
    expect_right(SIGNET_TEMPLATE, cases[i].content);
    cr_expect_eq(signet_rule_doubt(SIGNET_TEMPLATE, fields, &violation),
                 cases[i].doubt, "%s", cases[i].content);
    if (cases[i].doubt)
      cr_expect_eq(violation.rule, SIGNET_RULE_TEMPLATE_CONTENT_TEST);
  }
}

Test(rules, doubt_about_an_unknown_position)
{
  set_template();
  signet_fields_set_boolean(fields, "add_signature", true);
  signet_fields_set_string(fields, "sign_id", "1");
  for (int64_t position = 1; position <= 4; position++) {
    signet_fields_set_integer(fields, "sign_position", position);
    expect_right(SIGNET_TEMPLATE, "position");
    cr_expect_eq(signet_rule_doubt(SIGNET_TEMPLATE, fields, &violation),
                 position > 2);
  }
}

Test(rules, signatures_raise_no_doubt)
{
  signet_fields_set_string(fields, "sign_name", "latest test");
  cr_expect_not(signet_rule_doubt(SIGNET_SIGN, fields, &violation));
}

Test(rules, ids)
{
  static const struct {
    const char *id;
    size_t length;
    bool right;
  } cases[] = {
      {"1", 1, true},
      {"0", 1, true},
      {"987654321", 9, true},
      {"9223372036854775807", 19, true},
      {"9999999999999999999", 19, true},
      {"12345678901234567890", 20, false},
      {"", 0, false},
      {"1/2", 3, false},
      {"/", 1, false},
      {"..", 2, false},
      {"../1", 4, false},
      {"1\0", 2, false},
      {"\0", 1, false},
      {"1\0/2", 4, false},
      {" 1", 2, false},
      {"1 ", 2, false},
      {"1\n", 2, false},
      {"-1", 2, false},
      {"+1", 2, false},
      {"1.0", 3, false},
      {"1e3", 3, false},
      {"0x1", 3, false},
      {"%31", 3, false},
      {"１", 3, false}, /* a full-width digit */
      {"1?a", 3, false},
      {"12", 1, true}, /* only the first byte counts */
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    cr_expect_eq(signet_rule_check_id(cases[i].id, cases[i].length, &violation),
                 cases[i].right, "%s", cases[i].id);
    if (!cases[i].right)
      cr_expect_eq(violation.rule, SIGNET_RULE_ID);
  }
}

Test(rules, a_wrong_id_is_quoted_escaped_and_short)
{
  char id[5000];
  memset(id, '\x1B', sizeof id);
  cr_expect_not(signet_rule_check_id(id, sizeof id, &violation));
  cr_expect_null(strchr(violation.text, '\x1B'));
  cr_expect_not_null(strstr(violation.text, "\\x1B"));
  cr_expect_not_null(strstr(violation.text, "19 digits"),
                     "the rule is cut off: %s", violation.text);
}

Test(rules, every_field_is_needed)
{
  static const struct {
    const char *field;
    signet_rule missing;
    signet_rule empty;
  } cases[] = {
      {"template_name", SIGNET_RULE_TEMPLATE_NAME_REQUIRED,
       SIGNET_RULE_TEMPLATE_NAME_REQUIRED},
      {"template_type", SIGNET_RULE_TEMPLATE_TYPE, SIGNET_RULE_TEMPLATE_TYPE},
      {"template_content", SIGNET_RULE_TEMPLATE_CONTENT_REQUIRED,
       SIGNET_RULE_TEMPLATE_CONTENT_REQUIRED},
      {"country_codes", SIGNET_RULE_COUNTRY_CODES, SIGNET_RULE_COUNTRY_CODES},
  };
  expect_broken(SIGNET_SIGN, SIGNET_RULE_SIGN_NAME_REQUIRED, "sign_name",
                "nothing");
  cr_expect(signet_rule_check_partial(SIGNET_SIGN, fields, &violation));
  cr_expect(signet_rule_check_partial(SIGNET_TEMPLATE, fields, &violation));
  for (size_t i = 0; i < COUNT(cases); i++) {
    signet_fields_free(fields);
    fields = signet_fields_new();
    for (size_t k = 0; k < COUNT(cases); k++)
      if (k != i)
        signet_fields_set_string(fields, cases[k].field, "words");
    expect_broken(SIGNET_TEMPLATE, cases[i].missing, cases[i].field,
                  "a missing field");
    cr_expect(signet_rule_check_partial(SIGNET_TEMPLATE, fields, &violation));
    signet_fields_set_string(fields, cases[i].field, "");
    expect_broken(SIGNET_TEMPLATE, cases[i].empty, cases[i].field,
                  "an empty field");
    cr_expect_not(
        signet_rule_check_partial(SIGNET_TEMPLATE, fields, &violation));
  }
}

Test(rules, a_shown_signature_is_said_in_full)
{
  set_template();
  signet_fields_set_boolean(fields, "add_signature", true);
  expect_broken(SIGNET_TEMPLATE, SIGNET_RULE_SIGN_ID_REQUIRED, "sign_id",
                "no id");
  signet_fields_set_string(fields, "sign_id", "7");
  expect_broken(SIGNET_TEMPLATE, SIGNET_RULE_SIGN_POSITION, "sign_position",
                "no position");
  static const int64_t wrong[] = {0, -1, INT64_MIN};
  for (size_t i = 0; i < COUNT(wrong); i++) {
    signet_fields_set_integer(fields, "sign_position", wrong[i]);
    expect_broken(SIGNET_TEMPLATE, SIGNET_RULE_SIGN_POSITION, "sign_position",
                  "a wrong position");
  }
  signet_fields_set_integer(fields, "sign_position", 2);
  expect_right(SIGNET_TEMPLATE, "position 2");
  signet_fields_set_integer(fields, "sign_position", 0);
  signet_fields_set_boolean(fields, "add_signature", false);
  expect_right(SIGNET_TEMPLATE, "no signature");
}

Test(rules, types_of_fields)
{
  static const struct {
    signet_kind kind;
    const char *field;
    signet_value_type type;
  } cases[] = {
      {SIGNET_SIGN, "sign_name", SIGNET_STRING},
      {SIGNET_TEMPLATE, "template_name", SIGNET_STRING},
      {SIGNET_TEMPLATE, "template_type", SIGNET_STRING},
      {SIGNET_TEMPLATE, "template_content", SIGNET_STRING},
      {SIGNET_TEMPLATE, "country_codes", SIGNET_STRING},
      {SIGNET_TEMPLATE, "add_signature", SIGNET_BOOLEAN},
      {SIGNET_TEMPLATE, "sign_id", SIGNET_STRING},
      {SIGNET_TEMPLATE, "sign_position", SIGNET_INTEGER},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    for (int type = SIGNET_NULL; type <= SIGNET_JSON; type++) {
      signet_value value = {.type = (signet_value_type)type};
      if (type == SIGNET_STRING || type == SIGNET_JSON)
        value = signet_value_text("12", 2);
      if (type == SIGNET_INTEGER)
        value = signet_value_integer(1);
      value.type = (signet_value_type)type;
      signet_fields_free(fields);
      fields = signet_fields_new();
      signet_fields_set(fields, cases[i].field, &value);
      bool right = signet_rule_check_partial(cases[i].kind, fields, &violation);
      cr_expect_eq(right, value.type == cases[i].type, "%s of type %d",
                   cases[i].field, type);
      if (!right)
        cr_expect_eq(violation.rule, SIGNET_RULE_FIELD_TYPE);
    }
  }
}

Test(rules, unknown_fields)
{
  static const struct {
    signet_kind kind;
    const char *field;
  } cases[] = {
      {SIGNET_SIGN, "template_name"}, {SIGNET_SIGN, "status"},
      {SIGNET_SIGN, "Sign_Name"},     {SIGNET_TEMPLATE, "sign_name"},
      {SIGNET_TEMPLATE, ""},          {SIGNET_TEMPLATE, "audit_remark"}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    signet_fields_free(fields);
    fields = signet_fields_new();
    signet_fields_set_string(fields, cases[i].field, "words");
    cr_expect_not(signet_rule_check_partial(cases[i].kind, fields, &violation));
    cr_expect_eq(violation.rule, SIGNET_RULE_FIELD_UNKNOWN);
    cr_expect_not_null(strstr(violation.text, cases[i].field));
  }
  signet_fields_free(fields);
  fields = signet_fields_new();
  signet_fields_set_string(fields, "\x1B[2Jname", "words");
  cr_expect_not(signet_rule_check_partial(SIGNET_SIGN, fields, &violation));
  cr_expect_null(strchr(violation.text, '\x1B'));
}

Test(rules, text_is_utf8_without_nul)
{
  static const struct {
    const char *text;
    size_t length;
  } cases[] = {{"a\0b", 3},
               {"ab\0", 3},
               {"a\xFF", 2},
               {"ab\xE4\xB8", 4},
               {"\xED\xA0\x80x", 4}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    set_bytes("sign_name", cases[i].text, cases[i].length);
    expect_broken(SIGNET_SIGN, SIGNET_RULE_UTF8, "sign_name", "bytes");
  }
  signet_fields_free(fields);
  fields = signet_fields_new();
  set_template();
  set_bytes("country_codes", "CN\0", 3);
  expect_broken(SIGNET_TEMPLATE, SIGNET_RULE_UTF8, "country_codes", "NUL");
  set_template();
  set_bytes("sign_id", "1\0", 2);
  cr_expect_not(signet_rule_check_partial(SIGNET_TEMPLATE, fields, &violation));
}

Test(rules, names_and_pages)
{
  for (int rule = 0; rule <= SIGNET_RULE_NAME_INVISIBLE; rule++) {
    const char *name = signet_rule_name((signet_rule)rule);
    cr_expect_gt(strlen(name), 1, "rule %d", rule);
    cr_expect_str_neq(name, "unknown");
    cr_expect_not_null(signet_rule_page((signet_rule)rule));
    for (int other = 0; other < rule; other++)
      cr_expect_str_neq(name, signet_rule_name((signet_rule)other));
  }
  cr_expect_str_eq(signet_rule_name((signet_rule)18), "unknown");
  cr_expect_str_eq(signet_rule_page((signet_rule)18), "");
  cr_expect_str_eq(signet_rule_page(SIGNET_RULE_SIGN_NAME_LENGTH),
                   "Create Signature Configuration");
}

Test(rules, names_that_can_not_be_seen)
{
  signet_fields_set_string(fields, "sign_name", "\xE3\x80\x80\xE3\x80\x80");
  expect_broken(SIGNET_SIGN, SIGNET_RULE_NAME_INVISIBLE, "sign_name",
                "ideographic spaces");
  signet_fields_set_string(fields, "sign_name", "\xE2\x80\x8B\xE2\x80\x8D");
  expect_broken(SIGNET_SIGN, SIGNET_RULE_NAME_INVISIBLE, "sign_name",
                "characters without a width");
  end();
  begin();
  set_template();
  signet_fields_set_string(fields, "template_name", " ");
  expect_broken(SIGNET_TEMPLATE, SIGNET_RULE_NAME_INVISIBLE, "template_name",
                "a space");
}
