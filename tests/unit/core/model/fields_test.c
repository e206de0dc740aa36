/* SPDX-License-Identifier: MIT */
/* Fields, values, words, errors: the small things of the model. */
#include "model/error_fill.h"
#include "model/fields.h"
#include "model/text.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

TestSuite(fields);
TestSuite(error);
TestSuite(words);

Test(fields, set_get_and_order)
{
  signet_fields *fields = signet_fields_new();
  signet_value value;
  const char *name;
  cr_expect_eq(signet_fields_count(fields), 0);
  cr_expect_not(signet_fields_get(fields, "a", &value));
  for (int64_t i = 0; i < 100; i++) {
    char text[8];
    snprintf(text, sizeof text, "n%d", (int)i);
    cr_assert(signet_fields_set_integer(fields, text, i));
  }
  cr_expect(signet_fields_set_string(fields, "n50", "replaced"));
  cr_expect(signet_fields_set_boolean(fields, "n50", true));
  cr_expect(signet_fields_set_string(fields, "n50", "again"));
  cr_expect_eq(signet_fields_count(fields), 100);
  for (size_t i = 0; signet_fields_at(fields, i, &name, &value); i++) {
    char text[8];
    snprintf(text, sizeof text, "n%zu", i);
    cr_expect_str_eq(name, text);
    if (i == 50)
      cr_expect_str_eq(value.as.text.data, "again");
    else
      cr_expect_eq(value.as.integer, (int64_t)i);
  }
  cr_expect_not(signet_fields_at(fields, 100, &name, &value));
  signet_fields_free(fields);
}

Test(fields, none_at_all)
{
  signet_value value;
  const char *name;
  cr_expect_eq(signet_fields_count(NULL), 0);
  cr_expect_not(signet_fields_get(NULL, "a", &value));
  cr_expect_not(signet_fields_at(NULL, 0, &name, &value));
  signet_fields *copy = signet_fields_copy(NULL);
  cr_expect_not_null(copy);
  cr_expect_eq(signet_fields_count(copy), 0);
  signet_fields_free(copy);
  signet_fields_free(NULL);
}

Test(fields, text_is_copied_by_length)
{
  char text[] = "a\0b";
  signet_fields *fields = signet_fields_new();
  signet_value value = signet_value_text(text, 3);
  cr_assert(signet_fields_set(fields, "t", &value));
  text[0] = '!';
  cr_assert(signet_fields_get(fields, "t", &value));
  cr_expect_eq(value.as.text.length, 3);
  cr_expect_eq(memcmp(value.as.text.data, "a\0b", 4), 0);
  /* A field may be set to a part of itself. */
  value.as.text.data += 2;
  value.as.text.length = 1;
  cr_assert(signet_fields_set(fields, "t", &value));
  cr_assert(signet_fields_get(fields, "t", &value));
  cr_expect_str_eq(value.as.text.data, "b");
  signet_fields_free(fields);
}

Test(fields, a_copy_stands_alone)
{
  signet_fields *fields = signet_fields_new();
  signet_value value;
  signet_fields_set_string(fields, "s", "text");
  signet_fields_set_boolean(fields, "b", true);
  signet_fields_set_integer(fields, "i", INT64_MIN);
  signet_fields *copy = signet_fields_copy(fields);
  signet_fields_set_string(fields, "s", "other");
  signet_fields_free(fields);
  cr_expect_eq(signet_fields_count(copy), 3);
  cr_assert(signet_fields_get(copy, "s", &value));
  cr_expect_str_eq(value.as.text.data, "text");
  cr_assert(signet_fields_get(copy, "i", &value));
  cr_expect_eq(value.as.integer, INT64_MIN);
  signet_fields_free(copy);
}

Test(fields, equal_values)
{
  signet_value json = signet_value_text("x", 1);
  json.type = SIGNET_JSON;
  const signet_value values[] = {
      {.type = SIGNET_NULL},
      signet_value_boolean(false),
      signet_value_boolean(true),
      signet_value_integer(0),
      signet_value_integer(1),
      {.type = SIGNET_NUMBER, .as.number = 1.0},
      {.type = SIGNET_NUMBER, .as.number = 1.5},
      signet_value_text("", 0),
      signet_value_text("1", 1),
      signet_value_text("x", 1),
      signet_value_text("x\0y", 3),
      signet_value_text("x\0z", 3),
      json,
  };
  size_t count = sizeof values / sizeof values[0];
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < count; k++)
      cr_expect_eq(signet_value_equal(&values[i], &values[k]), i == k,
                   "%zu and %zu", i, k);
}

Test(words, statuses)
{
  cr_expect_str_eq(signet_status_name(1), "pending");
  cr_expect_str_eq(signet_status_name(2), "approved");
  cr_expect_str_eq(signet_status_name(3), "rejected");
  static const int64_t unnamed[] = {
      0, 4, -1, INT64_MIN, INT64_MAX, (INT64_C(1) << 32) + 2};
  for (size_t i = 0; i < sizeof unnamed / sizeof unnamed[0]; i++)
    cr_expect_null(signet_status_name(unnamed[i]));
  for (int status = 1; status <= 3; status++)
    cr_expect_eq(signet_status_number(signet_status_name(status)), status);
  cr_expect_eq(signet_status_number("Approved"), 0);
  cr_expect_eq(signet_status_number(""), 0);
}

/* A set of words: each value's name is read as that value, and no other. */
#define EXPECT_WORDS(prefix, type, count)                         \
  do {                                                            \
    for (int i_ = 0; i_ < (count); i_++)                          \
      cr_expect_eq(prefix##_number(prefix##_name((type)i_)), i_); \
    cr_expect_str_eq(prefix##_name((type)(count)), "unknown");    \
    cr_expect_str_eq(prefix##_name((type)-1), "unknown");         \
    cr_expect_eq(prefix##_number(""), -1);                        \
    cr_expect_eq(prefix##_number("Done"), -1);                    \
    cr_expect_eq(prefix##_number(NULL), -1);                      \
  } while (0)

Test(words, every_name_is_read_as_its_value)
{
  EXPECT_WORDS(signet_kind, signet_kind, 2);
  EXPECT_WORDS(signet_verb, signet_verb, 7);
  EXPECT_WORDS(signet_write_state, signet_write_state, 6);
  EXPECT_WORDS(signet_job_type, signet_job_type, 3);
  EXPECT_WORDS(signet_job_state, signet_job_state, 9);
  EXPECT_WORDS(signet_plan_result, signet_plan_result, 5);
  EXPECT_WORDS(signet_undo_mark, signet_undo_mark, 5);
}

/* Journals, plans and scripts of any version hold these. */
Test(words, names_never_change)
{
  cr_expect_str_eq(signet_verb_name(SIGNET_CREATE), "create");
  cr_expect_str_eq(signet_verb_name(SIGNET_UPDATE), "update");
  cr_expect_str_eq(signet_verb_name(SIGNET_DELETE), "delete");
  cr_expect_str_eq(signet_write_kind_name(SIGNET_DELETE, SIGNET_SIGN), "sign");
  cr_expect_str_eq(signet_write_kind_name(SIGNET_UPDATE, SIGNET_TEMPLATE),
                   "template");
  cr_expect_str_eq(signet_write_kind_name(SIGNET_REQUEST, SIGNET_TEMPLATE),
                   "request");
  cr_expect_str_eq(signet_write_state_name(SIGNET_WRITE_INTENT), "intent");
  cr_expect_str_eq(signet_write_state_name(SIGNET_WRITE_DONE), "done");
  cr_expect_str_eq(signet_write_state_name(SIGNET_WRITE_FAILED), "failed");
  cr_expect_str_eq(signet_write_state_name(SIGNET_WRITE_UNKNOWN), "unknown");
  cr_expect_str_eq(signet_write_state_name(SIGNET_WRITE_UNSENT), "unsent");
  cr_expect_str_eq(signet_write_state_name(SIGNET_WRITE_DRIFT), "drift");
  cr_expect_str_eq(signet_job_type_name(SIGNET_JOB_RUN), "run");
  cr_expect_str_eq(signet_job_type_name(SIGNET_JOB_APPLY), "apply");
  cr_expect_str_eq(signet_job_type_name(SIGNET_JOB_UNDO), "undo");
  cr_expect_str_eq(signet_job_state_name(SIGNET_JOB_RUNNING), "running");
  cr_expect_str_eq(signet_job_state_name(SIGNET_JOB_PARKED), "parked");
  cr_expect_str_eq(signet_kind_collection(SIGNET_SIGN), "signs");
  cr_expect_eq(signet_kind_of_collection("templates"), SIGNET_TEMPLATE);
  cr_expect_eq(signet_kind_of_collection("template"), -1);
  cr_expect_str_eq(signet_kind_word_of("sign"), "signature");
  cr_expect_str_eq(signet_kind_word_of("request"), "request");
}

Test(error, names_of_kinds_and_outcomes)
{
  static const char *const kinds[] = {"ok",
                                      "validation",
                                      "auth",
                                      "not_found",
                                      "conflict",
                                      "pending",
                                      "in_use",
                                      "not_approved",
                                      "rate_limited",
                                      "server",
                                      "network",
                                      "timeout",
                                      "unknown_outcome",
                                      "rejected",
                                      "refused",
                                      "cancelled",
                                      "unsupported",
                                      "configuration",
                                      "memory",
                                      "limit",
                                      "store",
                                      "locked",
                                      "script"};
  static const char *const outcomes[] = {"not_sent", "refused", "applied",
                                         "throttled", "unknown"};
  int count = sizeof kinds / sizeof kinds[0];
  for (int i = 0; i < count; i++)
    cr_expect_str_eq(signet_error_kind_name((signet_error_kind)i), kinds[i]);
  for (int i = 0; i < 5; i++)
    cr_expect_str_eq(signet_outcome_name((signet_outcome)i), outcomes[i]);
  cr_expect_str_eq(signet_error_kind_name((signet_error_kind)count), "unknown");
  cr_expect_str_eq(signet_error_kind_name((signet_error_kind)-1), "unknown");
  cr_expect_str_eq(signet_outcome_name((signet_outcome)5), "unknown");
}

Test(error, message_keeps_the_other_fields)
{
  signet_error error = SIGNET_ERROR_INIT;
  error.http_status = 400;
  cr_expect_not(
      signet_error_set(&error, SIGNET_ERROR_CONFLICT, "%s %d", "number", 5));
  cr_expect_str_eq(error.message, "number 5");
  cr_expect_eq(error.kind, SIGNET_ERROR_CONFLICT);
  cr_expect_eq(error.http_status, 400);
}

/* Characters of each size across the end of the message, at every offset. */
Test(error, a_long_message_is_cut_between_characters)
{
  static const char *const characters[] = {"a", "é", "中", "😀"};
  for (size_t i = 0; i < 4; i++) {
    for (size_t offset = 0; offset < 8; offset++) {
      signet_error error = SIGNET_ERROR_INIT;
      char text[1024];
      size_t size = strlen(characters[i]);
      memset(text, '.', offset);
      size_t length = offset;
      while (length + size < sizeof text) {
        memcpy(text + length, characters[i], size);
        length += size;
      }
      text[length] = '\0';
      signet_error_set(&error, SIGNET_ERROR_SERVER, "%s", text);
      size_t kept = strlen(error.message);
      cr_expect_eq(memcmp(error.message, text, kept), 0);
      cr_expect(signet_utf8_valid(error.message, kept), "%s at %zu",
                characters[i], offset);
      cr_expect_gt(kept + size, sizeof error.message - 1,
                   "%s at %zu: %zu bytes kept", characters[i], offset, kept);
      signet_error_quote(&error, text, length);
      kept = strlen(error.service_message);
      cr_expect(signet_utf8_valid(error.service_message, kept));
      cr_expect_gt(kept + size, sizeof error.service_message - 1);
    }
  }
}

Test(error, a_message_that_just_fits_is_whole)
{
  signet_error error = SIGNET_ERROR_INIT;
  char text[sizeof error.message];
  memset(text, 'x', sizeof text);
  memcpy(text + sizeof text - 4, "中", 4);
  signet_error_set(&error, SIGNET_ERROR_SERVER, "%s", text);
  cr_expect_str_eq(error.message, text);
}

Test(error, quotes_are_escaped)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_error_quote(&error, "bad\x1B[2J\xFF\nname", 13);
  cr_expect_str_eq(error.service_message, "bad\\x1B[2J\\xFF\\nname");
}
