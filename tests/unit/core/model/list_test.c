/* SPDX-License-Identifier: MIT */
/* Records in lists: exact values, shared shapes, and how little memory. */
#include "model/fields.h"
#include "model/list.h"

#include <criterion/criterion.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static signet_list *list;

static void begin(void)
{
  list = signet_list_new(SIGNET_TEMPLATE);
  cr_assert_not_null(list);
}

static void end(void)
{
  signet_list_release(list);
}

TestSuite(list, .init = begin, .fini = end);

static void add(const char *name, signet_value value)
{
  signet_list_add(list, name, strlen(name), &value);
}

static void add_text(const char *name, const char *text)
{
  add(name, signet_value_text(text, strlen(text)));
}

static signet_value field(const signet_record *record, size_t index,
                          const char *name)
{
  signet_value value = {.type = SIGNET_NULL};
  const char *found = "";
  cr_assert(signet_record_at(record, index, &found, &value));
  cr_expect_str_eq(found, name);
  return value;
}

Test(list, empty)
{
  cr_expect_eq(signet_list_count(list), 0);
  cr_expect_null(signet_list_at(list, 0));
  cr_expect_null(signet_list_at(list, SIZE_MAX));
  signet_list_release(NULL);
}

Test(list, keeps_every_type_in_the_order_of_arrival)
{
  signet_value number = {.type = SIGNET_NUMBER, .as.number = 0.1};
  signet_value json = signet_value_text("{\"a\":[1]}", 9);
  signet_value null = {.type = SIGNET_NULL};
  json.type = SIGNET_JSON;
  signet_list_begin(list);
  add("zebra", signet_value_integer(7));
  add("apple", number);
  add("", json);
  add("null", null);
  add("yes", signet_value_boolean(true));
  add("no", signet_value_boolean(false));
  add("未知", signet_value_text("值", 3));
  const signet_record *record = signet_list_end(list);
  cr_assert_not_null(record);
  cr_expect_eq(signet_record_kind(record), SIGNET_TEMPLATE);
  cr_expect_eq(signet_record_count(record), 7);
  cr_expect_eq(field(record, 0, "zebra").as.integer, 7);
  cr_expect(field(record, 1, "apple").as.number == 0.1);
  signet_value value = field(record, 2, "");
  cr_expect_eq(value.type, SIGNET_JSON);
  cr_expect_eq(value.as.text.length, 9);
  cr_expect_eq(field(record, 3, "null").type, SIGNET_NULL);
  value = field(record, 4, "yes");
  cr_expect(value.type == SIGNET_BOOLEAN && value.as.boolean);
  value = field(record, 5, "no");
  cr_expect(value.type == SIGNET_BOOLEAN && !value.as.boolean);
  cr_expect_str_eq(field(record, 6, "未知").as.text.data, "值");
  const char *name;
  cr_expect_not(signet_record_at(record, 7, &name, &value));
  cr_expect_not(signet_record_at(record, SIZE_MAX, &name, &value));
}

Test(list, integers_are_exact)
{
  static const int64_t integers[] = {
      INT64_MIN,     INT64_MIN + 1, -1, 0, 1, (INT64_C(1) << 53) + 1,
      INT64_MAX - 1, INT64_MAX};
  for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++) {
    signet_list_begin(list);
    add("n", signet_value_integer(integers[i]));
    const signet_record *record = signet_list_end(list);
    cr_expect_eq(signet_record_integer(record, "n", 5), integers[i]);
  }
}

Test(list, text_may_hold_nul_and_ends_with_one)
{
  signet_list_begin(list);
  add("t", signet_value_text("a\0b", 3));
  add("empty", signet_value_text("", 0));
  add("null", signet_value_text(NULL, 0));
  const signet_record *record = signet_list_end(list);
  signet_value value;
  cr_assert(signet_record_get(record, "t", &value));
  cr_expect_eq(value.as.text.length, 3);
  cr_expect_eq(memcmp(value.as.text.data, "a\0b", 4), 0);
  cr_expect_str_eq(signet_record_string(record, "empty"), "");
  cr_expect_str_eq(signet_record_string(record, "null"), "");
}

/* "a" and "a\0b" begin alike: only the length tells them apart. */
Test(list, shared_text_is_compared_by_its_whole_length)
{
  signet_list_begin(list);
  add("x", signet_value_text("a", 1));
  add("y", signet_value_text("a\0b", 3));
  add("z", signet_value_text("a\0c", 3));
  const signet_record *record = signet_list_end(list);
  cr_expect_eq(field(record, 0, "x").as.text.length, 1);
  cr_expect_eq(field(record, 1, "y").as.text.data[2], 'b');
  cr_expect_eq(field(record, 2, "z").as.text.data[2], 'c');
}

Test(list, accessors_on_absent_and_other_types)
{
  signet_value value = signet_value_integer(99);
  signet_list_begin(list);
  add("n", signet_value_integer(1));
  add_text("t", "text");
  const signet_record *record = signet_list_end(list);
  cr_expect_null(signet_record_string(record, "n"));
  cr_expect_null(signet_record_string(record, "absent"));
  cr_expect_eq(signet_record_integer(record, "t", -5), -5);
  cr_expect_eq(signet_record_integer(record, "absent", -5), -5);
  cr_expect_not(signet_record_get(record, "absent", &value));
  cr_expect_not(signet_record_get(record, "", &value));
  cr_expect_eq(value.as.integer, 99);
  cr_expect(signet_record_find(record, "text", 1, &value));
  cr_expect_eq(value.type, SIGNET_STRING);
  cr_expect_not(signet_record_find(record, "t\0", 2, &value));
}

Test(list, id_as_digits)
{
  static const struct {
    signet_value value;
    const char *id;
  } cases[] = {
      {{SIGNET_STRING, {.text = {"987654321", 9}}}, "987654321"},
      {{SIGNET_STRING, {.text = {"9223372036854775807", 19}}},
       "9223372036854775807"},
      {{SIGNET_INTEGER, {.integer = 10}}, "10"},
      {{SIGNET_INTEGER, {.integer = INT64_MAX}}, "9223372036854775807"},
      {{SIGNET_INTEGER, {.integer = -1}}, ""},
      {{SIGNET_STRING, {.text = {"", 0}}}, ""},
      {{SIGNET_STRING, {.text = {"../1", 4}}}, ""},
      {{SIGNET_STRING, {.text = {"12a", 3}}}, ""},
      {{SIGNET_STRING,
        {.text = {"1\0"
                  "2",
                  3}}},
       ""},
      {{SIGNET_STRING, {.text = {"12345678901234567890", 20}}}, ""},
      {{SIGNET_STRING, {.text = {"123456789012345678901234", 24}}}, ""},
      {{SIGNET_NUMBER, {.number = 1.0}}, ""},
      {{SIGNET_NULL, {.integer = 0}}, ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char id[24] = "unset";
    signet_list_begin(list);
    add("template_id", cases[i].value);
    const signet_record *record = signet_list_end(list);
    cr_expect_str_eq(signet_record_id(record, id, sizeof id), cases[i].id);
  }
  char id[24] = "unset";
  signet_list_begin(list);
  add_text("sign_id", "5"); /* the other kind's */
  cr_expect_str_eq(signet_record_id(signet_list_end(list), id, sizeof id), "");
}

/* Values change, order and types change: more shapes than are remembered. */
Test(list, many_shapes_side_by_side)
{
  enum { RECORDS = 500, SHAPES = 40 };
  for (int i = 0; i < RECORDS; i++) {
    int shape = i * 7 % SHAPES;
    signet_list_begin(list);
    for (int k = 0; k <= shape; k++) {
      char name[16];
      snprintf(name, sizeof name, "f%d", (k + shape) % 50);
      if ((k + shape) % 2 == 0)
        add(name, signet_value_integer(i + k));
      else
        add_text(name, name);
    }
    cr_assert_not_null(signet_list_end(list));
  }
  cr_assert_eq(signet_list_count(list), RECORDS);
  for (int i = 0; i < RECORDS; i++) {
    int shape = i * 7 % SHAPES;
    const signet_record *record = signet_list_at(list, (size_t)i);
    cr_assert_eq(signet_record_count(record), (size_t)shape + 1);
    for (int k = 0; k <= shape; k++) {
      char name[16];
      snprintf(name, sizeof name, "f%d", (k + shape) % 50);
      signet_value value = field(record, (size_t)k, name);
      if ((k + shape) % 2 == 0)
        cr_assert_eq(value.as.integer, i + k);
      else
        cr_assert_str_eq(value.as.text.data, name);
    }
  }
}

static void add_fields(size_t count)
{
  for (size_t i = 0; i < count; i++) {
    char name[16];
    snprintf(name, sizeof name, "f%zu", i);
    add(name, signet_value_integer((int64_t)i));
  }
}

Test(list, up_to_256_fields)
{
  signet_list_begin(list);
  add_fields(256);
  const signet_record *record = signet_list_end(list);
  cr_assert_not_null(record);
  cr_expect_eq(signet_record_integer(record, "f255", -1), 255);
  size_t memory = signet_list_memory(list);
  signet_list_begin(list);
  add_fields(257);
  cr_expect_null(signet_list_end(list));
  cr_expect_eq(signet_list_count(list), 1);
  cr_expect_leq(signet_list_memory(list), memory + 8);
  signet_list_begin(list);
  add("ok", signet_value_integer(1));
  cr_expect_not_null(signet_list_end(list));
  cr_expect_eq(signet_record_integer(record, "f0", -1), 0);
}

Test(list, no_fields_are_a_record_too)
{
  signet_list_begin(list);
  const signet_record *record = signet_list_end(list);
  cr_assert_not_null(record);
  cr_expect_eq(signet_record_count(record), 0);
}

Test(list, dropped_records_leave_nothing)
{
  signet_list_begin(list);
  add_text("name", "kept");
  cr_assert_not_null(signet_list_end(list));
  size_t memory = signet_list_memory(list);
  for (int i = 0; i < 1000; i++) {
    signet_list_begin(list);
    add_text("dropped", "a text that is long enough to need some memory");
    if (i % 2 == 0)
      signet_list_drop(list); /* else the next begin drops it */
  }
  signet_list_drop(list);
  cr_expect_eq(signet_list_memory(list), memory);
  signet_list_begin(list);
  add_text("dropped", "a text that is long enough to need some memory");
  add_text("name", "kept");
  const signet_record *record = signet_list_end(list);
  cr_expect_eq(signet_list_count(list), 2);
  cr_expect_str_eq(signet_record_string(record, "name"), "kept");
  cr_expect_str_eq(signet_record_string(signet_list_at(list, 0), "name"),
                   "kept");
}

Test(list, seal_ends_building_until_it_begins_again)
{
  signet_list_begin(list);
  add_text("name", "one");
  signet_list_end(list);
  signet_list_begin(list);
  add_text("name", "half");
  signet_list_seal(list);
  cr_expect_eq(signet_list_count(list), 1);
  add_text("name", "nowhere");
  cr_expect_null(signet_list_end(list));
  signet_list_drop(list);
  signet_list_begin(list);
  add_text("name", "two");
  cr_expect_not_null(signet_list_end(list));
  cr_expect_eq(signet_list_count(list), 2);
  cr_expect_str_eq(signet_record_string(signet_list_at(list, 1), "name"),
                   "two");
}

Test(list, equal_short_texts_share_memory)
{
  const char *first = NULL;
  for (int i = 0; i < 100; i++) {
    signet_list_begin(list);
    add_text("template_type", "marketing");
    const char *text =
        signet_record_string(signet_list_end(list), "template_type");
    if (first == NULL)
      first = text;
    cr_expect_eq(text, first, "record %d has a copy of its own", i);
  }
}

Test(list, lives_until_the_last_reference_is_gone)
{
  signet_list_begin(list);
  add_text("name", "text");
  const signet_record *record = signet_list_end(list);
  cr_expect_eq(signet_list_retain(list), list);
  cr_expect_eq(signet_list_retain(list), list);
  signet_list_release(list);
  signet_list_release(list);
  cr_expect_str_eq(signet_record_string(record, "name"), "text");
}

/* ---- 100 000 templates as an account has them, 440 bytes of JSON each ---- */

static void add_template(int i)
{
  char text[400];
  signet_list_begin(list);
  snprintf(text, sizeof text, "%d", 100000000 + i);
  add_text("template_id", text);
  snprintf(text, sizeof text, "Order notice %06d", i);
  add_text("template_name", text);
  add_text("template_type", i % 3 == 0 ? "marketing" : "utility");
  snprintf(text, sizeof text,
           "Dear {{name}}, your order %d has left our warehouse and comes to "
           "you within three working days. Reply STOP to end these messages, "
           "or call us.",
           i);
  add_text("template_content", text);
  add_text("country_codes", i % 5 == 0 ? "CN,US" : "CN");
  add("status", signet_value_integer(i % 3 + 1));
  snprintf(text, sizeof text, "%d", 500 + i % 300);
  add_text("sign_id", text);
  snprintf(text, sizeof text, "Company %d", i % 300);
  add_text("sign_name", text);
  add("sign_position", signet_value_integer(1 + i % 2));
  add("sign_status", signet_value_integer(2));
  add_text("audit_remark", i % 3 == 2 ? "the content is unclear" : "");
  add("created_time", signet_value_integer(1700000000 + i));
  add("updated_time", signet_value_integer(1700000000 + 2 * i));
  cr_assert_not_null(signet_list_end(list));
}

static long resident_bytes(void)
{
  long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  cr_assert_not_null(file);
  cr_assert_eq(fscanf(file, "%*d %ld", &pages), 1);
  fclose(file);
  return pages * sysconf(_SC_PAGESIZE);
}

/* Under a checker the process holds the checker's memory too. */
static bool is_checked(void)
{
#if defined(__SANITIZE_ADDRESS__)
  return true;
#else
  const char *preload = getenv("LD_PRELOAD");
  return preload != NULL && strstr(preload, "vgpreload") != NULL;
#endif
}

Test(list, a_hundred_thousand_templates_fit_into_60_megabytes)
{
  enum { TEMPLATES = 100000, LIMIT = 60 * 1000 * 1000 };
  long before = resident_bytes();
  for (int i = 0; i < TEMPLATES; i++)
    add_template(i);
  signet_list_seal(list);
  cr_expect_eq(signet_list_count(list), TEMPLATES);
  cr_expect_lt(signet_list_memory(list), LIMIT, "%zu bytes",
               signet_list_memory(list));
  if (!is_checked())
    cr_expect_lt(resident_bytes() - before, LIMIT, "%ld bytes resident",
                 resident_bytes() - before);
  cr_expect_gt(signet_list_memory(list), 20 * 1000 * 1000,
               "the measure misses something");
  const signet_record *last = signet_list_at(list, TEMPLATES - 1);
  cr_expect_str_eq(signet_record_string(last, "template_id"), "100099999");
  cr_expect_str_eq(signet_record_string(last, "sign_name"), "Company 99");
}
