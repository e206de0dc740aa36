/* SPDX-License-Identifier: MIT */
/* Lists that come in pieces. */
#include "wire/json_write.h"
#include "wire/list_reader.h"

#include "model/fields.h"
#include "model/list.h"
#include "model/memory.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

TestSuite(list_reader);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TEXT(bytes) bytes, sizeof(bytes) - 1

typedef struct result {
  bool good;
  size_t count;
  uint64_t read;
  char problem[128];
  char text[4096]; /* the records as JSON, one a line */
} result;

static void write_records(const signet_list *list, result *out)
{
  signet_buffer buffer;
  signet_buffer_init(&buffer, sizeof out->text - 1);
  for (size_t i = 0; i < signet_list_count(list); i++) {
    signet_json_write_record(&buffer, signet_list_at(list, i));
    signet_buffer_string(&buffer, "\n");
  }
  cr_assert_not(buffer.failed);
  if (buffer.length > 0)
    memcpy(out->text, buffer.data, buffer.length + 1);
  signet_buffer_free(&buffer);
}

/* Feeds `first` bytes, then pieces of `piece` bytes. */
static result read_list(const char *text, size_t length, size_t first,
                        size_t piece, const signet_fields *filter)
{
  result out = {.good = true};
  signet_list *list = signet_list_new(SIGNET_SIGN);
  signet_list_reader reader;
  cr_assert(signet_list_reader_init(&reader, list, filter));
  for (size_t at = 0; at < length && out.good;) {
    size_t size = at == 0 && first > 0 ? first : piece;
    if (size > length - at)
      size = length - at;
    out.good = signet_list_reader_feed(&reader, text + at, size);
    at += size;
  }
  if (!out.good) { /* what failed stays failed */
    cr_expect_not(signet_list_reader_feed(&reader, "[]", 2));
    cr_expect_not(signet_list_reader_finish(&reader));
  }
  out.good = out.good && signet_list_reader_finish(&reader);
  out.count = signet_list_count(list);
  out.read = reader.read;
  memcpy(out.problem, reader.problem, sizeof out.problem);
  write_records(list, &out);
  signet_list_reader_free(&reader);
  signet_list_release(list);
  return out;
}

static result read_whole(const char *text, size_t length)
{
  return read_list(text, length, 0, length > 0 ? length : 1, NULL);
}

static const struct {
  const char *text;
  size_t count;
} lists[] = {
    {"[]", 0},
    {" \r\n\t[ \n ] \t\r\n", 0},
    {"[{}]", 1},
    {"[{},{}]", 2},
    {" [ {\"a\":1} , \n {\"a\":2}\t,{\"a\":3} ] ", 3},
    {"[{\"sign_id\":\"1\",\"sign_name\":\"中文 😀\",\"status\":2,"
     "\"audit_remark\":\"\\u4e2d\\\"]},{\\n\",\"n\":[1,[2,{\"x\":[]}]],"
     "\"f\":-1.5e-3,\"t\":true,\"z\":null},"
     "{\"sign_id\":9223372036854775807,\"big\":18446744073709551615}]",
     2},
};

Test(list_reader, the_same_wherever_it_is_cut)
{
  for (size_t i = 0; i < COUNT(lists); i++) {
    const char *text = lists[i].text;
    size_t length = strlen(text);
    result whole = read_whole(text, length);
    cr_assert(whole.good, "%s: %s", text, whole.problem);
    cr_expect_eq(whole.count, lists[i].count);
    cr_expect_eq(whole.read, lists[i].count);
    for (size_t cut = 0; cut <= length; cut++) {
      result split = read_list(text, length, cut, length, NULL);
      cr_expect(split.good, "list %zu cut at %zu: %s", i, cut, split.problem);
      cr_expect_str_eq(split.text, whole.text, "list %zu cut at %zu", i, cut);
    }
    for (size_t piece = 1; piece <= 5; piece++) {
      result pieces = read_list(text, length, 0, piece, NULL);
      cr_expect(pieces.good, "list %zu in %zus: %s", i, piece, pieces.problem);
      cr_expect_str_eq(pieces.text, whole.text);
    }
  }
}

Test(list_reader, values_are_exact)
{
  result whole = read_whole(TEXT(
      "[{\"a\":-9223372036854775808,\"b\":18446744073709551615,\"c\":1.50}]"));
  cr_assert(whole.good, "%s", whole.problem);
  cr_expect_str_eq(whole.text, "{\"a\":-9223372036854775808,"
                               "\"b\":18446744073709551615,\"c\":1.5}\n");
}

Test(list_reader, cut_short_is_never_a_list)
{
  for (size_t i = 0; i < COUNT(lists); i++) {
    const char *end = strrchr(lists[i].text, ']');
    size_t length = (size_t)(end - lists[i].text);
    for (size_t cut = 0; cut <= length; cut++) {
      result whole = read_whole(lists[i].text, cut);
      result bytes = read_list(lists[i].text, cut, 0, 1, NULL);
      cr_expect_not(whole.good, "list %zu cut at %zu", i, cut);
      cr_expect_not(bytes.good, "list %zu cut at %zu", i, cut);
      cr_expect_gt(strlen(whole.problem), 10);
    }
  }
}

static const struct {
  const char *text;
  size_t length;
} malformed[] = {
    {TEXT("{}")},
    {TEXT("{\"code\":0}")},
    {TEXT("null")},
    {TEXT("\"text\"")},
    {TEXT("1")},
    {TEXT("]")},
    {TEXT(",")},
    {TEXT("<html>")},
    {TEXT("\xEF\xBB\xBF[]")},
    {TEXT("[,]")},
    {TEXT("[{},]")},
    {TEXT("[{}, ]")},
    {TEXT("[{},,{}]")},
    {TEXT("[,{}]")},
    {TEXT("[{}{}]")},
    {TEXT("[{} {}]")},
    {TEXT("[{}}]")},
    {TEXT("[{}:{}]")},
    {TEXT("[{}]]")},
    {TEXT("[{}]x")},
    {TEXT("[{}] [{}]")},
    {TEXT("[{}],")},
    {TEXT("[]\0")},
    {TEXT("[\0]")},
    {TEXT("[{}\0]")},
    {TEXT("[{\0}]")},
    {TEXT("[{\"a\":1\0}]")},
    {TEXT("\0[]")},
    {TEXT("[1]")},
    {TEXT("[null]")},
    {TEXT("[{},null]")},
    {TEXT("[{},1]")},
    {TEXT("[{},\"x\"]")},
    {TEXT("[{},[]]")},
    {TEXT("[[]]")},
    {TEXT("[[{}]]")},
    {TEXT("[true]")},
    {TEXT("[{\"a\"}]")},
    {TEXT("[{\"a\":}]")},
    {TEXT("[{\"a\":1,}]")},
    {TEXT("[{a:1}]")},
    {TEXT("[{'a':1}]")},
    {TEXT("[{\"a\":01}]")},
    {TEXT("[{\"a\":00}]")},
    {TEXT("[{\"a\":-01}]")},
    {TEXT("[{\"a\":nul}]")},
    {TEXT("[{\"a\":18446744073709551616}]")},
    {TEXT("[{\"a\":-9223372036854775809}]")},
    {TEXT("[{\"a\":\"\xFF\"}]")},
    {TEXT("[{\"a\":\"\xED\xA0\x80\"}]")},
    {TEXT("[{\"a\":\"\xE4\xB8\"}]")},
    {TEXT("[/* comment */{}]")},
    {TEXT("[{}/**/]")},
};

Test(list_reader, malformed_lists_fail_whole_and_byte_by_byte)
{
  for (size_t i = 0; i < COUNT(malformed); i++) {
    result whole = read_whole(malformed[i].text, malformed[i].length);
    result bytes =
        read_list(malformed[i].text, malformed[i].length, 0, 1, NULL);
    cr_expect_not(whole.good, "\"%s\" is taken", malformed[i].text);
    cr_expect_not(bytes.good, "\"%s\" is taken by bytes", malformed[i].text);
    cr_expect_gt(strlen(whole.problem), 10, "\"%s\"", malformed[i].text);
    cr_expect_gt(strlen(bytes.problem), 10, "\"%s\"", malformed[i].text);
  }
}

/* What a value is must not depend on who reads it. */
static const struct {
  const char *text;
  size_t length;
} values[] = {
    {TEXT("null")},
    {TEXT("true")},
    {TEXT("false")},
    {TEXT("tru")},
    {TEXT("truth")},
    {TEXT("falsey")},
    {TEXT("nulll")},
    {TEXT("True")},
    {TEXT("NaN")},
    {TEXT("-Infinity")},
    {TEXT("0")},
    {TEXT("-0")},
    {TEXT("-1")},
    {TEXT("+1")},
    {TEXT("-")},
    {TEXT("--1")},
    {TEXT("1-")},
    {TEXT("1+1")},
    {TEXT("0x10")},
    {TEXT(".5")},
    {TEXT("9223372036854775807")},
    {TEXT("9223372036854775808")},
    {TEXT("18446744073709551615")},
    {TEXT("18446744073709551616")},
    {TEXT("99999999999999999999999")},
    {TEXT("-9223372036854775808")},
    {TEXT("-9223372036854775809")},
    {TEXT("0.5")},
    {TEXT("-1.5e-3")},
    {TEXT("1E+3")},
    {TEXT("1.2.3")},
    {TEXT("1e")},
    {TEXT("1e5e5")},
    {TEXT("1.5+3")},
    {TEXT("99999999999999999999999.5")},
    {TEXT("\"\"")},
    {TEXT("\"a\"")},
    {TEXT("\"12345678\"")},
    {TEXT("\"123456789012345\\\"\"")},
    {TEXT("\"\\\\\"")},
    {TEXT("\"\\\\\\\"\"")},
    {TEXT("\"\\\"")},
    {TEXT("\"\\b\\f\\n\\r\\t\\/\"")},
    {TEXT("\"\\x41\"")},
    {TEXT("\"\\")},
    {TEXT("\"\\\xE4\xB8\xAD\"")},
    {TEXT("\"\\u0041\\u00e9\\u4e2d\\uD83D\\uDE00\"")},
    {TEXT("\"\\u0000\"")},
    {TEXT("\"\\u12\"")},
    {TEXT("\"\\u12g4\"")},
    {TEXT("\"\\U0041\"")},
    {TEXT("\"\\ud83d\"")},
    {TEXT("\"\\ud83d!\"")},
    {TEXT("\"\\ud83d\\n\"")},
    {TEXT("\"\\ud83d\\u0041\"")},
    {TEXT("\"\\ud83d\\ud83d\\ude00\"")},
    {TEXT("\"\\ude00\"")},
    {TEXT("\"\\ude00\\ud83d\"")},
    {TEXT("\"tab\there\nand line\"")},
    {TEXT("\"\x01\x7F\"")},
    {TEXT("\"a\0b\"")},
    {TEXT("\"\xE4\xB8\xAD\xE6\x96\x87 \xF0\x9F\x98\x80\"")},
    {TEXT("\"\xC0\xAF\"")},
    {TEXT("\"\xED\xA0\x80\"")},
    {TEXT("\"\xF4\x90\x80\x80\"")},
    {TEXT("\"\xE4\xB8\"")},
    {TEXT("\"abcdefg\xFF\"")},
    {TEXT("'a'")},
    {TEXT("\"open")},
    {TEXT("[]")},
    {TEXT("{}")},
    {TEXT("[1,[2,{\"x\":[]}] ]")},
    {TEXT("{\"]\":\"}\\\"]\"}")},
    {TEXT("[1,]")},
    {TEXT("[1 2]")},
    {TEXT("[}")},
    {TEXT("{]")},
    {TEXT("[\"\xFF\"]")},
    {TEXT("[\"\\x\"]")},
    {TEXT("[18446744073709551616]")},
    {TEXT("[\0]")},
    {TEXT("{\"a\":1,\"a\":2}")},
    {TEXT("1,\"b\":2,\"a\":3")},
    {TEXT("1,\"\\u0061\":3")},
    {TEXT("1,\"c\\n\":3")},
    {TEXT("1,\"c\xFF\":3")},
    {TEXT("1,\"\":3")},
    {TEXT("1,")},
    {TEXT("1,,\"b\":2")},
    {TEXT("1 \"b\":2")},
    {TEXT("1,\"b\"")},
    {TEXT("1,\"b\" : \t2 ")},
    {TEXT("1,b:2")},
    {TEXT("")},
    {TEXT(" 1 ")},
    {TEXT("/**/1")},
};

/* The record of {"a":VALUE} by json-c, as JSON; "": it is refused. */
static void read_by_json_c(const char *object, size_t length, char *out,
                           size_t size)
{
  const char *problem;
  json_object *parsed = signet_json_parse(object, length, &problem);
  signet_list *list = signet_list_new(SIGNET_SIGN);
  out[0] = '\0';
  if (parsed != NULL) {
    signet_buffer text;
    signet_buffer_init(&text, size - 2);
    signet_json_write_record(&text, signet_json_record(parsed, list));
    snprintf(out, size, "%s\n", text.data);
    signet_buffer_free(&text);
  }
  json_object_put(parsed);
  signet_list_release(list);
}

Test(list_reader, values_are_those_that_json_c_reads)
{
  for (size_t i = 0; i < COUNT(values); i++) {
    char text[256] = "[{\"a\":";
    char expected[4096];
    size_t length = strlen(text);
    memcpy(text + length, values[i].text, values[i].length);
    length += values[i].length;
    memcpy(text + length, "}]", 3);
    length += 2;
    read_by_json_c(text + 1, length - 2, expected, sizeof expected);
    result whole = read_whole(text, length);
    result bytes = read_list(text, length, 0, 1, NULL);
    cr_expect_eq(whole.good, expected[0] != '\0', "%s: %s", text,
                 whole.problem);
    cr_expect_eq(bytes.good, whole.good, "%s: %s", text, bytes.problem);
    if (whole.good) {
      cr_expect_str_eq(whole.text, expected, "%s", text);
      cr_expect_str_eq(bytes.text, expected, "%s", text);
    }
  }
}

Test(list_reader, a_name_that_holds_nul_is_refused)
{
  result whole = read_whole(TEXT("[{\"a\\u0000b\":1}]"));
  cr_expect_not(whole.good);
  cr_expect_not_null(strstr(whole.problem, "NUL"), "%s", whole.problem);
}

Test(list_reader, an_entry_too_large_is_refused_and_a_large_one_is_not)
{
  enum { LARGE = 15 << 20, HUGE_SIZE = 18 << 20 };
  char *text = signet_memory_resize(NULL, HUGE_SIZE + 16, 1);
  cr_assert_not_null(text);
  memcpy(text, "[{\"a\":\"", 7);
  memset(text + 7, 'x', HUGE_SIZE);
  signet_list *list = signet_list_new(SIGNET_SIGN);
  signet_list_reader reader;
  cr_assert(signet_list_reader_init(&reader, list, NULL));
  cr_expect_not(signet_list_reader_feed(&reader, text, HUGE_SIZE));
  cr_expect_not_null(strstr(reader.problem, "16 MiB"), "%s", reader.problem);
  cr_expect_not(reader.memory);
  signet_list_reader_free(&reader);
  memcpy(text + LARGE, "\"},{}]", 6);
  cr_assert(signet_list_reader_init(&reader, list, NULL));
  for (size_t at = 0; at < LARGE + 6; at += 16384) {
    size_t size = at + 16384 < LARGE + 6 ? 16384 : LARGE + 6 - at;
    cr_assert(signet_list_reader_feed(&reader, text + at, size), "%s",
              reader.problem);
  }
  cr_expect(signet_list_reader_finish(&reader), "%s", reader.problem);
  cr_expect_eq(signet_list_count(list), 2);
  signet_list_reader_free(&reader);
  signet_list_release(list);
  signet_memory_free(text);
}

static result read_nested(size_t depth)
{
  char text[512] = "[{\"a\":";
  size_t length = strlen(text);
  memset(text + length, '[', depth);
  memset(text + length + depth, ']', depth);
  memcpy(text + length + 2 * depth, "}]", 3);
  return read_whole(text, length + 2 * depth + 2);
}

/* The list and the entry are two levels. */
Test(list_reader, nesting_ends_at_32_levels)
{
  result whole = read_nested(30);
  cr_expect(whole.good, "%s", whole.problem);
  whole = read_nested(31);
  cr_expect_not(whole.good);
  cr_expect_not_null(strstr(whole.problem, "than 32 levels, near byte"), "%s",
                     whole.problem);
}

/* Ids count as digits; what has none is nobody's double. */
Test(list_reader, an_entry_that_is_shown_twice_is_kept_once)
{
  static const char text[] =
      "[{\"sign_id\":\"12\",\"sign_name\":\"A\"},{\"sign_id\":13},"
      "{\"sign_id\":12,\"sign_name\":\"B\"},{\"sign_id\":\"13\"},"
      "{\"sign_name\":\"C\"},{\"sign_name\":\"C\"},"
      "{\"sign_id\":\"\"},{\"sign_id\":\"\"}]";
  signet_list *list = signet_list_new(SIGNET_SIGN);
  signet_list_reader reader;
  cr_assert(signet_list_reader_init(&reader, list, NULL));
  cr_assert(signet_list_reader_feed(&reader, text, sizeof text - 1));
  cr_assert(signet_list_reader_finish(&reader));
  cr_expect_eq(reader.read, 8);
  cr_expect_eq(reader.duplicates, 2);
  cr_expect_str_eq(reader.duplicate, "12");
  cr_expect_eq(signet_list_count(list), 6);
  cr_expect_str_eq(signet_record_string(signet_list_at(list, 0), "sign_name"),
                   "A");
  signet_list_reader_free(&reader);
  signet_list_release(list);
}

/* The table of ids grows. */
Test(list_reader, many_entries_and_all_of_them_twice)
{
  enum { MANY = 1000 };
  signet_list *list = signet_list_new(SIGNET_SIGN);
  signet_list_reader reader;
  cr_assert(signet_list_reader_init(&reader, list, NULL));
  cr_assert(signet_list_reader_feed(&reader, "[", 1));
  for (int i = 0; i < 2 * MANY; i++) {
    char text[40];
    int length = snprintf(text, sizeof text, "%s{\"sign_id\":\"%d\"}",
                          i > 0 ? "," : "", 1 + i % MANY);
    cr_assert(signet_list_reader_feed(&reader, text, (size_t)length));
  }
  cr_assert(signet_list_reader_feed(&reader, "]", 1));
  cr_assert(signet_list_reader_finish(&reader));
  cr_expect_eq(reader.duplicates, MANY);
  cr_expect_eq(signet_list_count(list), MANY);
  signet_list_reader_free(&reader);
  signet_list_release(list);
}

Test(list_reader, of_a_doubled_name_the_last_counts)
{
  result whole = read_whole(TEXT("[{\"a\":1,\"a\":2}]"));
  cr_expect(whole.good);
  cr_expect_str_eq(whole.text, "{\"a\":2}\n");
}

static result read_wide(size_t fields)
{
  static char text[8192];
  size_t length = 0;
  text[length++] = '[';
  for (size_t i = 0; i < fields; i++)
    length += (size_t)snprintf(text + length, sizeof text - length,
                               "%s\"f%zu\":%zu", i == 0 ? "{" : ",", i, i);
  memcpy(text + length, "}]", 3);
  return read_whole(text, length + 2);
}

Test(list_reader, an_entry_of_too_many_fields_is_no_lack_of_memory)
{
  result most = read_wide(256);
  cr_expect(most.good, "%s", most.problem);
  result more = read_wide(257);
  cr_expect_not(more.good);
  cr_expect_null(strstr(more.problem, "memory"), "%s", more.problem);
  cr_expect_not_null(strstr(more.problem, "256"), "%s", more.problem);
}

Test(list_reader, every_byte_replaced_by_every_other_never_crashes)
{
  static const char text[] = "[{\"a\":\"x\",\"n\":1},{\"b\":[2]}]";
  char copy[sizeof text];
  size_t taken = 0;
  for (size_t at = 0; at < sizeof text - 1; at++) {
    for (int byte = 0; byte < 256; byte++) {
      memcpy(copy, text, sizeof text);
      copy[at] = (char)byte;
      result whole = read_whole(copy, sizeof text - 1);
      result bytes = read_list(copy, sizeof text - 1, 0, 1, NULL);
      cr_assert_eq(whole.good, bytes.good, "byte %zu is %02X", at, byte);
      if (whole.good) /* else a failure may show earlier in a larger piece */
        cr_assert_str_eq(whole.text, bytes.text);
      taken += whole.good;
    }
  }
  cr_expect_gt(taken, sizeof text);
}

/* ---- filters ---- */

static const char entries[] =
    "[{\"id\":\"1\",\"status\":1,\"on\":true,\"x\":null},"
    "{\"id\":2,\"status\":3,\"on\":false},"
    "{\"id\":\"3\",\"status\":3},"
    "{\"id\":\"03\",\"status\":\"3\",\"on\":1},"
    "{\"id\":9223372036854775808,\"status\":-3,\"f\":0.5}]";

static signet_value json_text(const char *text)
{
  signet_value value = signet_value_text(text, strlen(text));
  value.type = SIGNET_JSON;
  return value;
}

Test(list_reader, filters)
{
  const struct {
    const char *name;
    signet_value value;
    const char *kept; /* the places of the entries */
  } cases[] = {
      {"id", signet_value_text("1", 1), "1"},
      {"id", signet_value_integer(1), "1"},
      {"id", signet_value_text("2", 1), "2"},
      {"id", signet_value_integer(2), "2"},
      {"id", signet_value_integer(3), "3"},
      {"id", signet_value_text("03", 2), "4"},
      {"id", signet_value_text("3\0", 2), ""},
      {"id", signet_value_integer(INT64_MAX), ""},
      {"id", json_text("9223372036854775808"), "5"},
      {"status", signet_value_integer(3), "234"},
      {"status", signet_value_text("3", 1), "234"},
      {"status", signet_value_integer(-3), "5"},
      {"status", signet_value_text("-3", 2), "5"},
      {"on", signet_value_boolean(true), "1"},
      {"on", signet_value_boolean(false), "2"},
      {"on", signet_value_integer(1), "4"},
      {"x", {.type = SIGNET_NULL}, "1"},
      {"f", {.type = SIGNET_NUMBER, .as.number = 0.5}, "5"},
      {"absent", {.type = SIGNET_NULL}, ""},
      {"absent", signet_value_integer(0), ""},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    signet_fields *filter = signet_fields_new();
    signet_fields_set(filter, cases[i].name, &cases[i].value);
    result found = read_list(TEXT(entries), 0, 7, filter);
    cr_expect(found.good, "%s", found.problem);
    cr_expect_eq(found.read, 5);
    cr_expect_eq(found.count, strlen(cases[i].kept), "case %zu (%s) keeps:\n%s",
                 i, cases[i].name, found.text);
    signet_fields_free(filter);
  }
}

Test(list_reader, every_field_of_a_filter_must_match)
{
  signet_fields *filter = signet_fields_new();
  signet_fields_set_integer(filter, "status", 3);
  signet_fields_set_boolean(filter, "on", false);
  result found = read_list(TEXT(entries), 0, 50, filter);
  cr_expect_eq(found.count, 1);
  cr_expect_str_eq(found.text, "{\"id\":2,\"status\":3,\"on\":false}\n");
  signet_fields_free(filter);
}

Test(list_reader, what_a_filter_drops_is_checked_too)
{
  signet_fields *filter = signet_fields_new();
  signet_fields_set_integer(filter, "status", 3);
  cr_expect_not(read_list(TEXT("[{\"status\":3},7]"), 0, 50, filter).good);
  cr_expect_not(read_list(TEXT("[{\"status\":1}"), 0, 50, filter).good);
  signet_fields_free(filter);
}

Test(list_reader, names_the_byte_at_which_it_failed)
{
  result whole = read_whole(TEXT("[{},{},{} {}]"));
  cr_expect_not_null(strstr(whole.problem, "byte 10"), "%s", whole.problem);
}
