/* SPDX-License-Identifier: MIT */
/* Values in other types than the pages show: those of the pages come of them,
 * on both ways into a list. */
#include "model/list.h"
#include "wire/json_write.h"
#include "wire/list_reader.h"
#include "wire/types.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

TestSuite(types);

static void write_first(signet_list *list, char *out, size_t size)
{
  signet_buffer text;
  signet_buffer_init(&text, 4096);
  cr_assert_eq(signet_list_count(list), 1);
  signet_json_write_record(&text, signet_list_at(list, 0));
  snprintf(out, size, "%.*s", (int)text.length, text.data);
  signet_buffer_free(&text);
  signet_list_release(list);
}

static void read_as_list(signet_kind kind, const char *text,
                         const signet_fields *filter, char *out, size_t size)
{
  signet_list_reader reader;
  signet_list *list = signet_list_new(kind);
  cr_assert(signet_list_reader_init(&reader, list, filter));
  cr_assert(signet_list_reader_feed(&reader, text, strlen(text)));
  cr_assert(signet_list_reader_finish(&reader));
  signet_list_reader_free(&reader);
  signet_list_seal(list);
  write_first(list, out, size);
}

static void read_as_record(signet_kind kind, const char *text, char *out,
                           size_t size)
{
  const char *problem;
  json_object *object = signet_json_parse(text, strlen(text), &problem);
  signet_list *list = signet_list_new(kind);
  cr_assert_not_null(signet_json_configs_record(object, list));
  json_object_put(object);
  signet_list_seal(list);
  write_first(list, out, size);
}

static void expect(signet_kind kind, const char *shown, const char *typed)
{
  char text[600], out[600];
  read_as_record(kind, shown, out, sizeof out);
  cr_expect_str_eq(out, typed, "%s gives %s", shown, out);
  snprintf(text, sizeof text, "[%s]", shown);
  read_as_list(kind, text, NULL, out, sizeof out);
  cr_expect_str_eq(out, typed, "%s in a list gives %s", shown, out);
}

Test(types, ids_are_text)
{
  expect(SIGNET_SIGN, "{\"sign_id\":1001}", "{\"sign_id\":\"1001\"}");
  expect(SIGNET_SIGN, "{\"sign_id\":\"1001\"}", "{\"sign_id\":\"1001\"}");
  expect(SIGNET_SIGN, "{\"sign_id\":0}", "{\"sign_id\":\"0\"}");
  expect(SIGNET_TEMPLATE, "{\"template_id\":7,\"sign_id\":1001}",
         "{\"template_id\":\"7\",\"sign_id\":\"1001\"}");
}

/* Exact, or as it is: never another number. */
Test(types, ids_beyond_int64_keep_their_digits)
{
  expect(SIGNET_SIGN, "{\"sign_id\":9223372036854775807}",
         "{\"sign_id\":\"9223372036854775807\"}");
  expect(SIGNET_SIGN, "{\"sign_id\":18446744073709551615}",
         "{\"sign_id\":\"18446744073709551615\"}");
  expect(SIGNET_TEMPLATE, "{\"sign_id\":18446744073709551615}",
         "{\"sign_id\":\"18446744073709551615\"}");
  expect(SIGNET_SIGN, "{\"other\":18446744073709551615}",
         "{\"other\":18446744073709551615}");
}

Test(types, what_is_no_id_stays)
{
  expect(SIGNET_SIGN, "{\"sign_id\":-1}", "{\"sign_id\":-1}");
  expect(SIGNET_SIGN, "{\"sign_id\":1.5}", "{\"sign_id\":1.5}");
  expect(SIGNET_SIGN, "{\"sign_id\":null}", "{\"sign_id\":null}");
  expect(SIGNET_SIGN, "{\"sign_id\":true}", "{\"sign_id\":true}");
  expect(SIGNET_SIGN, "{\"sign_id\":[1]}", "{\"sign_id\":[1]}");
}

Test(types, what_is_neither_text_nor_number_is_none)
{
  expect(SIGNET_SIGN, "{\"sign_name\":[\"a\"]}", "{\"sign_name\":null}");
  expect(SIGNET_SIGN, "{\"sign_name\":false}", "{\"sign_name\":null}");
  expect(SIGNET_SIGN, "{\"status\":{}}", "{\"status\":null}");
  expect(SIGNET_SIGN, "{\"related_template_count\":[1]}",
         "{\"related_template_count\":null}");
  expect(SIGNET_TEMPLATE, "{\"country_codes\":[\"CN\"]}",
         "{\"country_codes\":null}");
  expect(SIGNET_TEMPLATE, "{\"updated_time\":{\"at\":1}}",
         "{\"updated_time\":null}");
  expect(SIGNET_TEMPLATE, "{\"other\":[1]}", "{\"other\":[1]}");
}

Test(types, a_template_without_a_signature_has_no_sign_id)
{
  expect(SIGNET_TEMPLATE, "{\"sign_id\":0}", "{\"sign_id\":\"\"}");
  expect(SIGNET_TEMPLATE, "{\"sign_id\":\"0\"}", "{\"sign_id\":\"\"}");
  expect(SIGNET_TEMPLATE, "{\"sign_id\":\"\"}", "{\"sign_id\":\"\"}");
}

Test(types, statuses_are_integers)
{
  expect(SIGNET_SIGN, "{\"status\":\"2\"}", "{\"status\":2}");
  expect(SIGNET_SIGN, "{\"status\":2.0}", "{\"status\":2}");
  expect(SIGNET_SIGN, "{\"status\":\"approved\"}", "{\"status\":2}");
  expect(SIGNET_SIGN, "{\"status\":\"REJECTED\"}", "{\"status\":3}");
  expect(SIGNET_TEMPLATE, "{\"status\":\"1\",\"sign_status\":\"2\"}",
         "{\"status\":1,\"sign_status\":2}");
  expect(SIGNET_SIGN, "{\"status\":\"99\"}", "{\"status\":99}");
}

/* An unknown status must never be read as one that it isn't. */
Test(types, what_is_no_status_stays)
{
  static const char *const values[] = {
      "\"\"", "\"2 \"", "\"2x\"",     "\"approve\"",
      "2.5",  "null",   "\"frozen\"", "true",
      "[2]",  "\"-\"",  "1e300",      "\"99999999999999999999\""};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    char out[600], text[100];
    snprintf(text, sizeof text, "{\"status\":%s}", values[i]);
    read_as_record(SIGNET_SIGN, text, out, sizeof out);
    cr_expect_null(strstr(out, "\"status\":2}"), "%s", out);
    cr_expect_null(strstr(out, "\"status\":3}"), "%s", out);
  }
}

Test(types, counts_times_and_positions_are_integers)
{
  expect(SIGNET_SIGN,
         "{\"related_template_count\":\"5\",\"created_time\":\"1699000000\","
         "\"updated_time\":1.699e9}",
         "{\"related_template_count\":5,\"created_time\":1699000000,"
         "\"updated_time\":1699000000}");
  expect(SIGNET_TEMPLATE, "{\"sign_position\":\"1\"}", "{\"sign_position\":1}");
  expect(SIGNET_SIGN, "{\"created_time\":\"-9223372036854775808\"}",
         "{\"created_time\":-9223372036854775808}");
  expect(SIGNET_SIGN, "{\"created_time\":\"9223372036854775808\"}",
         "{\"created_time\":\"9223372036854775808\"}");
}

Test(types, names_are_text)
{
  expect(SIGNET_SIGN, "{\"sign_name\":4711,\"audit_remark\":-1}",
         "{\"sign_name\":\"4711\",\"audit_remark\":\"-1\"}");
  expect(SIGNET_TEMPLATE, "{\"template_name\":1,\"template_content\":2}",
         "{\"template_name\":\"1\",\"template_content\":\"2\"}");
  expect(SIGNET_SIGN, "{\"sign_name\":null}", "{\"sign_name\":null}");
}

Test(types, fields_that_no_page_names_stay)
{
  const char *text = "{\"statuses\":\"2\",\"id\":7,\"sign_ids\":7,\"\":\"1\","
                     "\"a_name_that_is_longer_than_any\":\"1\",\"sign_no\":8}";
  expect(SIGNET_SIGN, text, text);
}

Test(types, filters_see_the_types)
{
  char out[600];
  signet_fields *filter = signet_fields_new();
  cr_assert(signet_fields_set_integer(filter, "status", 3));
  cr_assert(signet_fields_set_string(filter, "sign_id", "8"));
  read_as_list(SIGNET_SIGN,
               "[{\"sign_id\":7,\"status\":\"rejected\"},"
               "{\"sign_id\":8,\"status\":\"approved\"},"
               "{\"sign_id\":8,\"status\":\"rejected\"}]",
               filter, out, sizeof out);
  cr_expect_str_eq(out, "{\"sign_id\":\"8\",\"status\":3}");
  signet_fields_free(filter);
}
