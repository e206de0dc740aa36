/* SPDX-License-Identifier: MIT */
/* Entries compared with what was written, and with each other. */
#include "account/same.h"
#include "model/list.h"
#include "wire/json.h"

#include <criterion/criterion.h>

#include <string.h>

TestSuite(same);

static signet_list *list;
static signet_fields *fields;

static const signet_record *record_of(signet_kind kind, const char *text)
{
  const char *problem;
  json_object *object = signet_json_parse(text, strlen(text), &problem);
  signet_list_release(list);
  list = signet_list_new(kind);
  const signet_record *record = signet_json_record(object, list);
  cr_assert_not_null(record, "%s", text);
  json_object_put(object);
  return record;
}

static const signet_fields *fields_of(const char *text)
{
  const char *problem;
  json_object *object = signet_json_parse(text, strlen(text), &problem);
  signet_fields_free(fields);
  fields = signet_fields_new();
  cr_assert(signet_json_fields(object, fields, &problem), "%s", text);
  json_object_put(object);
  return fields;
}

static void forget(void)
{
  signet_list_release(list);
  signet_fields_free(fields);
  list = NULL;
  fields = NULL;
}

static void compare(signet_kind kind, const char *written, const char *shown,
                    signet_likeness likeness, const char *field)
{
  const char *first = NULL;
  const signet_record *record = record_of(kind, shown);
  cr_expect_eq(signet_entry_compare(kind, fields_of(written), record, &first),
               likeness, "%s and %s", written, shown);
  if (field != NULL)
    cr_expect_str_eq(first, field);
  else
    cr_expect_null(first);
  forget();
}

Test(same, a_signature)
{
  compare(SIGNET_SIGN, "{\"sign_name\":\"Acme \"}", "{\"sign_name\":\"Acme\"}",
          SIGNET_SAME, NULL);
  compare(SIGNET_SIGN, "{\"sign_name\":\"Acme\"}", "{\"sign_name\":\"acme\"}",
          SIGNET_DIFFERENT, "sign_name");
  compare(SIGNET_SIGN, "{\"sign_name\":\"Acme\"}", "{\"sign_id\":\"7\"}",
          SIGNET_UNSEEN, "sign_name");
}

#define TEXTS "\"template_name\":\"N\",\"template_type\":\"otp\","
#define CONTENT "\"template_content\":\"Hello\","

Test(same, a_template)
{
  const char *written = "{" TEXTS CONTENT "\"country_codes\":\"CN,US\","
                        "\"add_signature\":true,\"sign_id\":\"7\","
                        "\"sign_position\":1}";
  compare(SIGNET_TEMPLATE, written,
          "{\"template_name\":\"N\",\"template_type\":\"authentication\","
          "\"template_content\":\" Hello\",\"country_codes\":\"US, cn\","
          "\"sign_id\":7,\"sign_position\":1}",
          SIGNET_SAME, NULL);
  compare(SIGNET_TEMPLATE, written,
          "{" TEXTS "\"country_codes\":\"CN,US\",\"sign_id\":\"7\","
          "\"sign_position\":1}",
          SIGNET_UNSEEN, "template_content");
  compare(SIGNET_TEMPLATE, written,
          "{" TEXTS "\"country_codes\":\"CN\",\"sign_id\":\"7\","
          "\"sign_position\":1}",
          SIGNET_DIFFERENT, "country_codes");
  compare(SIGNET_TEMPLATE, written,
          "{" TEXTS CONTENT "\"country_codes\":\"CN,US\"}", SIGNET_DIFFERENT,
          "sign_id");
}

Test(same, a_template_without_a_signature)
{
  const char *written = "{" TEXTS CONTENT "\"country_codes\":\"CN\","
                        "\"add_signature\":false}";
  compare(SIGNET_TEMPLATE, written,
          "{" TEXTS CONTENT "\"country_codes\":\"CN\"}", SIGNET_SAME, NULL);
  compare(SIGNET_TEMPLATE, written,
          "{" TEXTS CONTENT "\"country_codes\":\"CN\",\"sign_id\":\"0\","
          "\"sign_position\":0}",
          SIGNET_SAME, NULL);
  compare(SIGNET_TEMPLATE, written,
          "{" TEXTS CONTENT "\"country_codes\":\"CN\",\"sign_id\":\"7\","
          "\"sign_position\":2}",
          SIGNET_DIFFERENT, "sign_id");
}

Test(same, forms)
{
  const signet_record *record = record_of(
      SIGNET_TEMPLATE, "{" TEXTS CONTENT "\"country_codes\":\"US, CN\"}");
  cr_expect_eq(
      signet_entry_forms(
          SIGNET_TEMPLATE,
          fields_of("{\"template_name\":\" N\",\"template_type\":\"otp\","
                    "\"template_content\":\"Hello\","
                    "\"country_codes\":\"CN,US\",\"add_signature\":false}"),
          record),
      SIGNET_FORM_TRIMMED | SIGNET_FORM_COUNTRIES);
  forget();
}

/* What one of two records doesn't show is no difference between them. */
Test(same, two_records)
{
  signet_list *other = NULL;
  static const struct {
    const char *a;
    const char *b;
    const char *field;
  } pairs[] = {
      {"{" TEXTS "\"country_codes\":\"CN\"}",
       "{" TEXTS CONTENT "\"country_codes\":\"CN \",\"sign_id\":\"\"}", NULL},
      {"{" TEXTS CONTENT "\"country_codes\":\"CN\"}",
       "{" TEXTS "\"template_content\":\"Bye\",\"country_codes\":\"CN\"}",
       "template_content"},
      {"{" TEXTS CONTENT "\"country_codes\":\"CN\"}",
       "{" TEXTS CONTENT "\"country_codes\":\"CN\",\"sign_id\":\"7\","
       "\"sign_position\":1}",
       "sign_id"},
  };
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    const signet_record *a = record_of(SIGNET_TEMPLATE, pairs[i].a);
    other = signet_list_retain(list);
    const signet_record *b = record_of(SIGNET_TEMPLATE, pairs[i].b);
    const char *field = signet_entry_difference(SIGNET_TEMPLATE, a, b);
    if (pairs[i].field == NULL)
      cr_expect_null(field, "%s: %s", pairs[i].b, field);
    else
      cr_expect_str_eq(field, pairs[i].field);
    cr_expect_eq(signet_entry_same_content(SIGNET_TEMPLATE, a, b),
                 pairs[i].field == NULL);
    signet_list_release(other);
  }
  cr_expect_not(signet_entry_is_whole(SIGNET_TEMPLATE,
                                      record_of(SIGNET_TEMPLATE, pairs[0].a)));
  cr_expect(signet_entry_is_whole(SIGNET_TEMPLATE,
                                  record_of(SIGNET_TEMPLATE, pairs[0].b)));
  forget();
}
