/* SPDX-License-Identifier: MIT */
/* JSON to the model and back: exact, or refused with a sentence. */
#include "wire/json_write.h"

#include "model/fields.h"
#include "model/list.h"
#include "model/memory.h"

#include <criterion/criterion.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

TestSuite(json);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TEXT(bytes) bytes, sizeof(bytes) - 1

/* Object → record → text. The caller frees. */
static char *round_trip(const char *text, size_t length)
{
  const char *problem;
  json_object *object = signet_json_parse(text, length, &problem);
  cr_assert_not_null(object, "%s: %s", text, problem);
  signet_list *list = signet_list_new(SIGNET_SIGN);
  const signet_record *record = signet_json_record(object, list);
  json_object_put(object);
  cr_assert_not_null(record);
  signet_buffer out;
  signet_buffer_init(&out, 100000);
  signet_json_write_record(&out, record);
  signet_list_release(list);
  char *written = signet_buffer_take(&out, &length);
  cr_assert_not_null(written);
  return written;
}

static char *round_trip_fields(const char *text, size_t length)
{
  const char *problem;
  json_object *object = signet_json_parse(text, length, &problem);
  signet_fields *fields = signet_fields_new();
  cr_assert(signet_json_fields(object, fields, &problem), "%s", problem);
  json_object_put(object);
  signet_buffer out;
  signet_buffer_init(&out, 100000);
  signet_json_write_fields(&out, fields);
  signet_fields_free(fields);
  return signet_buffer_take(&out, &length);
}

Test(json, what_comes_goes_back_as_it_was)
{
  static const char *const texts[] = {
      "{}",
      "{\"sign_id\":\"987654321\",\"status\":2}",
      "{\"z\":1,\"a\":2,\"m\":3}",
      "{\"status\":99,\"new_field\":[1,{\"deep\":[true,null]}],\"o\":{}}",
      "{\"low\":-9223372036854775808,\"high\":9223372036854775807}",
      "{\"beyond\":9223372036854775808,\"most\":18446744073709551615}",
      "{\"t\":true,\"f\":false,\"n\":null}",
      "{\"half\":0.5,\"whole\":1.0,\"small\":1e-300}",
      "{\"text\":\"中文 😀 \\\" \\\\ / \\b\\f\\n\\r\\t\\u0001\"}",
      "{\"nul\":\"a\\u0000b\"}",
      "{\"\":\"empty name\",\"empty\":\"\"}",
      "{\"中文\":\"name\"}",
      "{\"digits\":\"99999999999999999999999 \\\" -99999999999999999999\"}",
      "{\"slash\":{\"url\":\"https://host/path\"}}",
  };
  for (size_t i = 0; i < COUNT(texts); i++) {
    char *written = round_trip(texts[i], strlen(texts[i]));
    if (strstr(texts[i], "1e-300") == NULL)
      cr_expect_str_eq(written, texts[i]);
    char *again = round_trip(written, strlen(written));
    cr_expect_str_eq(again, written);
    char *fields = round_trip_fields(texts[i], strlen(texts[i]));
    cr_expect_str_eq(fields, written);
    signet_memory_free(written);
    signet_memory_free(again);
    signet_memory_free(fields);
  }
}

Test(json, escapes_are_understood)
{
  static const char text[] =
      " { \"a\" : \"\\u4e2d\\ud83d\\ude00\\/\\u0041\" } \r\n\t";
  char *written = round_trip(TEXT(text));
  cr_expect_str_eq(written, "{\"a\":\"中😀/A\"}");
  signet_memory_free(written);
}

Test(json, numbers_keep_their_type)
{
  static const struct {
    const char *text;
    signet_value_type type;
  } cases[] = {
      {"0", SIGNET_INTEGER},
      {"-1", SIGNET_INTEGER},
      {"9223372036854775807", SIGNET_INTEGER},
      {"-9223372036854775808", SIGNET_INTEGER},
      {"9223372036854775808", SIGNET_JSON},
      {"18446744073709551615", SIGNET_JSON},
      {"1.0", SIGNET_NUMBER},
      {"1e3", SIGNET_NUMBER},
      {"-0.0", SIGNET_NUMBER},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    const char *problem;
    json_object *object =
        signet_json_parse(cases[i].text, strlen(cases[i].text), &problem);
    cr_assert_not_null(object, "%s: %s", cases[i].text, problem);
    cr_expect_null(problem);
    signet_value value = signet_json_value(object);
    cr_expect_eq(value.type, cases[i].type, "%s", cases[i].text);
    signet_buffer out;
    signet_buffer_init(&out, 100);
    signet_json_write_value(&out, &value);
    if (value.type != SIGNET_NUMBER)
      cr_expect_str_eq(out.data, cases[i].text);
    else
      cr_expect_not_null(strpbrk(out.data, ".e"), "%s became %s", cases[i].text,
                         out.data);
    signet_buffer_free(&out);
    json_object_put(object);
  }
}

Test(json, a_fraction_may_have_any_digits)
{
  static const char *const texts[] = {
      "99999999999999999999999.5", "-99999999999999999999e2",
      "1.99999999999999999999999E+3", "5e-99999999999999999999999"};
  for (size_t i = 0; i < COUNT(texts); i++) {
    const char *problem;
    json_object *object =
        signet_json_parse(texts[i], strlen(texts[i]), &problem);
    cr_expect_null(problem, "%s: %s", texts[i], problem);
    cr_expect_eq(signet_json_value(object).type, SIGNET_NUMBER);
    json_object_put(object);
  }
}

/* json-c would make infinity of it, for which JSON has no word. */
Test(json, a_number_beyond_doubles_keeps_its_text)
{
  static const char *const texts[] = {"{\"a\":1E400}", "{\"a\":-2e999}",
                                      "{\"a\":1e400,\"b\":1}"};
  for (size_t i = 0; i < COUNT(texts); i++) {
    char *written = round_trip(texts[i], strlen(texts[i]));
    cr_expect_str_eq(written, texts[i]);
    signet_memory_free(written);
  }
}

Test(json, a_nul_in_a_value_is_no_nul_in_a_name)
{
  char *written = round_trip(TEXT("{\"a\":\"x\\u0000:\",\"b\":\"\\\\u0000\"}"));
  cr_expect_str_eq(written, "{\"a\":\"x\\u0000:\",\"b\":\"\\\\u0000\"}");
  signet_memory_free(written);
  written = round_trip(TEXT("{\"a\\\\u0000\":1}"));
  cr_expect_str_eq(written, "{\"a\\\\u0000\":1}");
  signet_memory_free(written);
}

Test(json, null_is_a_value)
{
  const char *problem = "unset";
  cr_expect_null(signet_json_parse(TEXT("null"), &problem));
  cr_expect_null(problem);
  cr_expect_null(signet_json_parse(TEXT(" null "), &problem));
  cr_expect_null(problem);
  cr_expect_eq(signet_json_value(NULL).type, SIGNET_NULL);
}

static const struct {
  const char *text;
  size_t length;
} malformed[] = {
    {TEXT("")},
    {TEXT("   ")},
    {TEXT("{")},
    {TEXT("}")},
    {TEXT("{\"a\"}")},
    {TEXT("{\"a\":}")},
    {TEXT("{\"a\":1,}")},
    {TEXT("{,}")},
    {TEXT("{a:1}")},
    {TEXT("{'a':1}")},
    {TEXT("[1,]")},
    {TEXT("[1 2]")},
    {TEXT("{\"a\":1}}")},
    {TEXT("{\"a\":1} x")},
    {TEXT("{\"a\":1}{}")},
    {TEXT("{}\0")},
    {TEXT("{}\0garbage")},
    {TEXT("\0{}")},
    {TEXT("{\"a\"\0:1}")},
    {TEXT("{\"a\":1\0}")},
    {TEXT("\xEF\xBB\xBF{}")},
    {TEXT("\"open")},
    {TEXT("\"\xFF\"")},
    {TEXT("\"\xED\xA0\x80\"")},
    {TEXT("{\"a\":\"\xC0\xAF\"}")},
    {TEXT("\"\\x41\"")},
    {TEXT("\"\\u12\"")},
    {TEXT("18446744073709551616")},
    {TEXT("-9223372036854775809")},
    {TEXT("{\"id\":99999999999999999999999}")},
    {TEXT("[1,-9223372036854775809,1]")},
    {TEXT("{\"a\":\"\\\"\",\"b\":18446744073709551616}")},
    {TEXT("{\"a\":\"x\\\\\",\"b\":18446744073709551616}")},
    {TEXT("{'a\"':18446744073709551616}")},
    {TEXT("01")},
    {TEXT("00")},
    {TEXT("-01")},
    {TEXT("[1,007]")},
    {TEXT("{\"a\":-.0}")},
    {TEXT("{\"a\":5.}")},
    {TEXT("{\"a\":1.e5}")},
    {TEXT("{\"a\":.5}")},
    {TEXT("{\"a\":1e+}")},
    {TEXT("{\"code\\u0000x\":0}")},
    {TEXT("{\"code\\u0000\" \n:0}")},
    {TEXT("{\"\\\\\\u0000\":0}")},
    {TEXT("+1")},
    {TEXT("1.2.3")},
    {TEXT("-")},
    {TEXT("1e")},
    {TEXT("0x10")},
    {TEXT("True")},
    {TEXT("nul")},
    {TEXT("NULL")},
    {TEXT("undefined")},
    {TEXT("NaN")},
    {TEXT("{\"a\":-Infinity}")},
    {TEXT("[infinity]")},
    {TEXT("// comment\n{}")},
    {TEXT("/* comment */{}")},
    {TEXT("<html>502 Bad Gateway</html>")},
};

Test(json, malformed_text_is_refused_with_a_sentence)
{
  for (size_t i = 0; i < COUNT(malformed); i++) {
    const char *problem = NULL;
    json_object *object =
        signet_json_parse(malformed[i].text, malformed[i].length, &problem);
    cr_expect_null(object, "\"%s\" is taken", malformed[i].text);
    cr_expect_not_null(problem, "\"%s\" has no problem", malformed[i].text);
    json_object_put(object);
  }
}

/* What is wrong in it as JSON is nothing to say of a page. */
Test(json, what_is_no_json_at_all_is_told_as_such)
{
  static const struct {
    const char *text;
    const char *problem;
  } texts[] = {{"Internal Server Error", "no JSON begins like this"},
               {" Not Found", "no JSON begins like this"},
               {"<html>NaN", "no JSON begins like this"},
               {"'", "no JSON begins like this"},
               {"not found", "no JSON begins like this"},
               {"trouble", "no JSON begins like this"},
               {"\xef\xbb\xbf[]", "no JSON begins like this"},
               {"tr", "boolean expected"},
               {"[NaN]", "a number is not finite"},
               {" \n", "the JSON text ends too early"},
               {"", "the JSON text ends too early"}};
  for (size_t i = 0; i < COUNT(texts); i++) {
    const char *problem;
    cr_expect_null(
        signet_json_parse(texts[i].text, strlen(texts[i].text), &problem));
    cr_expect_str_eq(problem, texts[i].problem, "%s: %s", texts[i].text,
                     problem);
  }
}

/* A sloppy server must not make a whole account unreadable; what is written
 * again is right. */
Test(json, raw_controls_in_strings_are_taken)
{
  char *written = round_trip(TEXT("{\"a\":\"tab\there\nline\"}"));
  cr_expect_str_eq(written, "{\"a\":\"tab\\there\\nline\"}");
  signet_memory_free(written);
}

Test(json, a_text_cut_anywhere_is_refused)
{
  static const char text[] =
      "{\"id\":\"1\",\"n\":-12.5e3,\"list\":[true,false,null,{}],"
      "\"text\":\"\\u4e2d文\\n\",\"big\":9223372036854775807}";
  const char *problem;
  for (size_t length = 0; length < sizeof text - 1; length++) {
    json_object *object = signet_json_parse(text, length, &problem);
    cr_expect_null(object, "cut at %zu", length);
    cr_expect_not_null(problem, "cut at %zu", length);
    json_object_put(object);
  }
  json_object *object = signet_json_parse(TEXT(text), &problem);
  cr_expect_not_null(object);
  json_object_put(object);
}

static json_object *parse_nested(size_t depth, const char *open,
                                 const char *inside, char close,
                                 const char **problem)
{
  char text[400] = "";
  for (size_t i = 1; i < depth; i++)
    strcat(text, open);
  strcat(text, inside);
  size_t length = strlen(text);
  memset(text + length, close, depth - 1);
  return signet_json_parse(text, length + depth - 1, problem);
}

/* Whatever is in the innermost one. */
Test(json, nesting_ends_at_32_levels)
{
  static const struct {
    const char *open;
    const char *inside;
    char close;
  } texts[] = {{"[", "[]", ']'},
               {"[", "[1]", ']'},
               {"{\"a\":", "{}", '}'},
               {"{\"a\":", "{\"b\":\"[[\"}", '}'},
               {"[[],", "{}", ']'}};
  for (size_t i = 0; i < COUNT(texts); i++) {
    const char *problem;
    json_object *object = parse_nested(32, texts[i].open, texts[i].inside,
                                       texts[i].close, &problem);
    cr_expect_not_null(object, "%zu: %s", i, problem);
    cr_expect_not(signet_json_is_too_deep(problem));
    json_object_put(object);
    object = parse_nested(33, texts[i].open, texts[i].inside, texts[i].close,
                          &problem);
    cr_expect_null(object, "%zu", i);
    cr_expect(signet_json_is_too_deep(problem), "%zu: %s", i, problem);
  }
}

Test(json, of_a_doubled_name_the_last_counts)
{
  char *written = round_trip(TEXT("{\"a\":1,\"b\":2,\"a\":3}"));
  cr_expect_str_eq(written, "{\"a\":3,\"b\":2}");
  signet_memory_free(written);
}

Test(json, fields_want_an_object)
{
  static const char *const texts[] = {"[]", "1", "\"a\"", "null", "true"};
  for (size_t i = 0; i < COUNT(texts); i++) {
    const char *problem = NULL;
    signet_fields *fields = signet_fields_new();
    json_object *object =
        signet_json_parse(texts[i], strlen(texts[i]), &problem);
    cr_expect_not(signet_json_fields(object, fields, &problem));
    cr_expect_not_null(problem);
    json_object_put(object);
    signet_fields_free(fields);
  }
}

Test(json, every_control_character_is_escaped)
{
  for (int byte = 0; byte < 256; byte++) {
    char text = (char)byte;
    signet_buffer out;
    signet_buffer_init(&out, 100);
    signet_json_write_string(&out, &text, 1);
    for (size_t i = 0; i < out.length; i++)
      cr_expect_geq((unsigned char)out.data[i], 0x20);
    if (byte < 0x80) {
      const char *problem;
      json_object *object = signet_json_parse(out.data, out.length, &problem);
      cr_expect_eq(json_object_get_string_len(object), 1);
      cr_expect_eq(json_object_get_string(object)[0], text);
      json_object_put(object);
    }
    signet_buffer_free(&out);
  }
}

/* Text is looked at in pieces of eight bytes. */
Test(json, every_byte_is_seen_wherever_it_stands)
{
  for (int byte = 0; byte < 0x80; byte++) {
    for (size_t at = 0; at < 20; at++) {
      char text[20];
      memset(text, 'x', sizeof text);
      text[at] = (char)byte;
      signet_buffer out;
      signet_buffer_init(&out, 100);
      signet_json_write_string(&out, text, sizeof text);
      bool plain = byte >= 0x20 && byte != '"' && byte != '\\';
      cr_expect_eq(out.length == sizeof text + 2, plain, "%02X at %zu", byte,
                   at);
      const char *problem;
      json_object *object = signet_json_parse(out.data, out.length, &problem);
      cr_assert_eq(json_object_get_string_len(object), sizeof text);
      cr_expect_arr_eq(json_object_get_string(object), text, sizeof text);
      json_object_put(object);
      signet_buffer_free(&out);
    }
  }
}

Test(json, numbers_that_json_has_no_word_for)
{
  signet_value value = {.type = SIGNET_NUMBER};
  const double numbers[] = {__builtin_inf(), -__builtin_inf(),
                            __builtin_nan("")};
  for (size_t i = 0; i < 3; i++) {
    signet_buffer out;
    signet_buffer_init(&out, 100);
    value.as.number = numbers[i];
    signet_json_write_value(&out, &value);
    cr_expect_str_eq(out.data, "null");
    signet_buffer_free(&out);
  }
}

Test(json, doubles_are_exact)
{
  const double numbers[] = {0.1, 1.0 / 3, 1e300, 5e-324, 9007199254740993.0};
  for (size_t i = 0; i < COUNT(numbers); i++) {
    signet_value value = {.type = SIGNET_NUMBER, .as.number = numbers[i]};
    signet_buffer out;
    const char *problem;
    signet_buffer_init(&out, 100);
    signet_json_write_value(&out, &value);
    json_object *object = signet_json_parse(out.data, out.length, &problem);
    signet_value again = signet_json_value(object);
    cr_expect(signet_value_equal(&value, &again), "%s", out.data);
    json_object_put(object);
    signet_buffer_free(&out);
  }
}

/* A buffer that is too small must not look like a shorter text. */
Test(json, writing_into_a_full_buffer_fails)
{
  static const char text[] = "{\"name\":\"a text\",\"n\":12,\"d\":0.5}";
  const char *problem;
  json_object *object = signet_json_parse(TEXT(text), &problem);
  signet_fields *fields = signet_fields_new();
  signet_json_fields(object, fields, &problem);
  for (size_t maximum = 0; maximum <= sizeof text; maximum++) {
    signet_buffer out;
    signet_buffer_init(&out, maximum);
    signet_json_write_fields(&out, fields);
    cr_expect_eq(out.failed, maximum < sizeof text - 1, "%zu", maximum);
    signet_buffer_free(&out);
  }
  signet_fields_free(fields);
  json_object_put(object);
}
