/* SPDX-License-Identifier: MIT */
#include "signet/rules.h"

#include "model/form.h"
#include "model/memory.h"
#include "model/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
  ID_DIGITS = 19,
  SIGN_NAME_SHORTEST = 2,
  SIGN_NAME_LONGEST = 60,
  TEMPLATE_NAME_LONGEST = 255
};

#define PAGE_ALL "Template&Sender ID"
#define PAGE_SIGN "Create Signature Configuration"

static const struct {
  const char *name;
  const char *page;
} rules[] = {
    [SIGNET_RULE_NONE] = {"none", ""},
    [SIGNET_RULE_ID] = {"id", PAGE_ALL},
    [SIGNET_RULE_UTF8] = {"utf8", ""},
    [SIGNET_RULE_SIGN_NAME_REQUIRED] = {"sign_name_required", PAGE_SIGN},
    [SIGNET_RULE_SIGN_NAME_LENGTH] = {"sign_name_length", PAGE_SIGN},
    [SIGNET_RULE_SIGN_NAME_TEXT] = {"sign_name_text", PAGE_SIGN},
    [SIGNET_RULE_TEMPLATE_NAME_REQUIRED] = {"template_name_required", PAGE_ALL},
    [SIGNET_RULE_TEMPLATE_NAME_LENGTH] = {"template_name_length", PAGE_ALL},
    [SIGNET_RULE_TEMPLATE_TYPE] = {"template_type", PAGE_ALL},
    [SIGNET_RULE_TEMPLATE_CONTENT_REQUIRED] = {"template_content_required",
                                               PAGE_ALL},
    [SIGNET_RULE_TEMPLATE_CONTENT_TEXT] = {"template_content_text", PAGE_ALL},
    [SIGNET_RULE_TEMPLATE_CONTENT_TEST] = {"template_content_test", PAGE_ALL},
    [SIGNET_RULE_COUNTRY_CODES] = {"country_codes", PAGE_ALL},
    [SIGNET_RULE_SIGN_ID_REQUIRED] = {"sign_id_required", PAGE_ALL},
    [SIGNET_RULE_SIGN_POSITION] = {"sign_position", PAGE_ALL},
    [SIGNET_RULE_FIELD_TYPE] = {"field_type", PAGE_ALL},
    [SIGNET_RULE_FIELD_UNKNOWN] = {"field_unknown", PAGE_ALL},
    [SIGNET_RULE_NAME_INVISIBLE] = {"name_invisible", ""},
};
enum { RULE_COUNT = sizeof rules / sizeof rules[0] };

/* The fields that a call may write. */
static const struct writable {
  const char *name;
  signet_kind kind;
  signet_value_type type;
} writables[] = {
    {"sign_name", SIGNET_SIGN, SIGNET_STRING},
    {"template_name", SIGNET_TEMPLATE, SIGNET_STRING},
    {"template_type", SIGNET_TEMPLATE, SIGNET_STRING},
    {"template_content", SIGNET_TEMPLATE, SIGNET_STRING},
    {"country_codes", SIGNET_TEMPLATE, SIGNET_STRING},
    {"add_signature", SIGNET_TEMPLATE, SIGNET_BOOLEAN},
    {"sign_id", SIGNET_TEMPLATE, SIGNET_STRING},
    {"sign_position", SIGNET_TEMPLATE, SIGNET_INTEGER},
};
enum { WRITABLE_COUNT = sizeof writables / sizeof writables[0] };

const char *signet_rule_name(signet_rule rule)
{
  return (size_t)rule < RULE_COUNT ? rules[rule].name : "unknown";
}

const char *signet_rule_page(signet_rule rule)
{
  return (size_t)rule < RULE_COUNT ? rules[rule].page : "";
}

bool signet_text_same(const char *a, size_t a_length, const char *b,
                      size_t b_length)
{
  return signet_form_equal(a, a_length, b, b_length);
}

char *signet_text_skeleton(const char *text, size_t length)
{
  return signet_form_skeleton(text, length);
}

void signet_text_skeleton_free(char *skeleton)
{
  signet_memory_free(skeleton);
}

size_t signet_rule_characters(const char *text, size_t length)
{
  size_t count = 0;
  for (size_t i = 0; i < length; i++)
    count += ((unsigned char)text[i] & 0xC0) != 0x80;
  return count;
}

static bool broken(signet_violation *violation, signet_rule rule,
                   const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Fills @p violation; returns false, which is what a broken rule answers. */
static bool broken(signet_violation *violation, signet_rule rule,
                   const char *field, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  violation->rule = rule;
  violation->field = field;
  vsnprintf(violation->text, sizeof violation->text, format, arguments);
  va_end(arguments);
  return false;
}

bool signet_rule_check_id(const char *id, size_t length,
                          signet_violation *violation)
{
  bool digits = length >= 1 && length <= ID_DIGITS;
  for (size_t i = 0; digits && i < length; i++)
    digits = id[i] >= '0' && id[i] <= '9';
  if (digits)
    return true;
  char shown[80];
  signet_text_escape(shown, sizeof shown, id, length);
  return broken(violation, SIGNET_RULE_ID, "id",
                "\"%s\" is no id: an id is 1 to %d digits and nothing else",
                shown, ID_DIGITS);
}

static bool check_utf8(const char *field, const signet_value *value,
                       signet_violation *violation)
{
  const char *text = value->as.text.data;
  size_t length = value->as.text.length;
  if (memchr(text, '\0', length) != NULL)
    return broken(violation, SIGNET_RULE_UTF8, field,
                  "%s holds a NUL character", field);
  if (!signet_utf8_valid(text, length))
    return broken(violation, SIGNET_RULE_UTF8, field, "%s isn't valid UTF-8",
                  field);
  return true;
}

/* The first of the given texts that stands in `value`, or NULL. */
static const char *find_forbidden(const signet_value *value,
                                  const char *const *forbidden)
{
  for (; *forbidden != NULL; forbidden++)
    if (memmem(value->as.text.data, value->as.text.length, *forbidden,
               strlen(*forbidden)) != NULL)
      return *forbidden;
  return NULL;
}

/* A name of which nothing can be seen. */
static bool check_visible(const char *field, const signet_value *value,
                          signet_violation *violation)
{
  if (!signet_form_is_invisible(value->as.text.data, value->as.text.length))
    return true;
  return broken(violation, SIGNET_RULE_NAME_INVISIBLE, field,
                "%s consists of spaces or of characters that can't be seen",
                field);
}

static bool check_sign_name(const signet_value *value,
                            signet_violation *violation)
{
  static const char *const forbidden[] = {"【", "】", "[", "]", NULL};
  size_t characters =
      signet_rule_characters(value->as.text.data, value->as.text.length);
  if (characters < SIGN_NAME_SHORTEST || characters > SIGN_NAME_LONGEST)
    return broken(violation, SIGNET_RULE_SIGN_NAME_LENGTH, "sign_name",
                  "sign_name has %zu character%s; %d to %d are allowed",
                  characters, characters == 1 ? "" : "s", SIGN_NAME_SHORTEST,
                  SIGN_NAME_LONGEST);
  const char *found = find_forbidden(value, forbidden);
  if (found != NULL)
    return broken(violation, SIGNET_RULE_SIGN_NAME_TEXT, "sign_name",
                  "sign_name holds \"%s\"; none of 【 】 [ ] is allowed",
                  found);
  return check_visible("sign_name", value, violation);
}

static bool check_template_name(const signet_value *value,
                                signet_violation *violation)
{
  size_t characters =
      signet_rule_characters(value->as.text.data, value->as.text.length);
  if (characters == 0)
    return broken(violation, SIGNET_RULE_TEMPLATE_NAME_REQUIRED,
                  "template_name", "template_name is empty");
  if (characters > TEMPLATE_NAME_LONGEST)
    return broken(violation, SIGNET_RULE_TEMPLATE_NAME_LENGTH, "template_name",
                  "template_name has %zu characters; up to %d are allowed",
                  characters, TEMPLATE_NAME_LONGEST);
  return check_visible("template_name", value, violation);
}

/* Finds "test" by itself (@p word) or wherever it stands. */
static bool has_test(const signet_value *value, bool word)
{
  const char *text = value->as.text.data;
  size_t length = value->as.text.length;
  for (size_t i = 0; i + 4 <= length; i++) {
    if (!word && strncasecmp(text + i, "test", 4) == 0)
      return true;
    if (word && memcmp(text + i, "test", 4) == 0 &&
        signet_text_is_word(text, length, i, 4))
      return true;
  }
  return false;
}

static bool check_content(const signet_value *value,
                          signet_violation *violation)
{
  static const char *const forbidden[] = {"【", "】",   "、", "[",
                                          "]",  "测试", NULL};
  if (value->as.text.length == 0)
    return broken(violation, SIGNET_RULE_TEMPLATE_CONTENT_REQUIRED,
                  "template_content", "template_content is empty");
  const char *found = find_forbidden(value, forbidden);
  if (found == NULL && has_test(value, true))
    return broken(violation, SIGNET_RULE_TEMPLATE_CONTENT_TEST,
                  "template_content",
                  "template_content holds the word \"test\", which is not "
                  "allowed");
  if (found != NULL)
    return broken(violation, SIGNET_RULE_TEMPLATE_CONTENT_TEXT,
                  "template_content",
                  "template_content holds \"%s\"; none of 【 】 、 [ ] 测试 "
                  "test is allowed",
                  found);
  return true;
}

static bool check_text_present(const signet_value *value, signet_rule rule,
                               const char *field, signet_violation *violation)
{
  return value->as.text.length > 0 ||
         broken(violation, rule, field, "%s is empty", field);
}

static bool check_value(const struct writable *writable,
                        const signet_value *value, signet_violation *violation)
{
  const char *name = writable->name;
  if (value->type == SIGNET_STRING && !check_utf8(name, value, violation))
    return false;
  if (strcmp(name, "sign_name") == 0)
    return check_sign_name(value, violation);
  if (strcmp(name, "template_name") == 0)
    return check_template_name(value, violation);
  if (strcmp(name, "template_content") == 0)
    return check_content(value, violation);
  if (strcmp(name, "template_type") == 0)
    return check_text_present(value, SIGNET_RULE_TEMPLATE_TYPE, "template_type",
                              violation);
  if (strcmp(name, "country_codes") == 0)
    return check_text_present(value, SIGNET_RULE_COUNTRY_CODES, "country_codes",
                              violation);
  if (strcmp(name, "sign_id") == 0)
    return signet_rule_check_id(value->as.text.data, value->as.text.length,
                                violation);
  return true;
}

static const struct writable *find_writable(signet_kind kind, const char *name)
{
  for (size_t i = 0; i < WRITABLE_COUNT; i++)
    if (writables[i].kind == kind && strcmp(writables[i].name, name) == 0)
      return &writables[i];
  return NULL;
}

static const char *type_words(signet_value_type type)
{
  switch (type) {
  case SIGNET_BOOLEAN:
    return "true or false";
  case SIGNET_INTEGER:
    return "an integer";
  default:
    return "a string";
  }
}

static bool check_field(signet_kind kind, const char *name,
                        const signet_value *value, signet_violation *violation)
{
  const struct writable *writable = find_writable(kind, name);
  if (writable == NULL) {
    char shown[64];
    signet_text_escape(shown, sizeof shown, name, strlen(name));
    return broken(violation, SIGNET_RULE_FIELD_UNKNOWN, "",
                  "a %s has no writable field \"%s\"", signet_kind_word(kind),
                  shown);
  }
  if (value->type != writable->type)
    return broken(violation, SIGNET_RULE_FIELD_TYPE, writable->name,
                  "%s must be %s", writable->name, type_words(writable->type));
  return check_value(writable, value, violation);
}

bool signet_rule_check_partial(signet_kind kind, const signet_fields *fields,
                               signet_violation *violation)
{
  const char *name;
  signet_value value;
  for (size_t i = 0; signet_fields_at(fields, i, &name, &value); i++)
    if (!check_field(kind, name, &value, violation))
      return false;
  return true;
}

static bool check_required(const signet_fields *fields, signet_rule rule,
                           const char *field, signet_violation *violation)
{
  signet_value value;
  return signet_fields_get(fields, field, &value) ||
         broken(violation, rule, field, "%s is missing", field);
}

/* A template that shows a signature needs to say which, and where. */
static bool check_signature(const signet_fields *fields,
                            signet_violation *violation)
{
  signet_value value;
  if (!signet_fields_get(fields, "add_signature", &value) || !value.as.boolean)
    return true;
  if (!signet_fields_get(fields, "sign_id", &value))
    return broken(violation, SIGNET_RULE_SIGN_ID_REQUIRED, "sign_id",
                  "sign_id is missing, and add_signature is true");
  if (!signet_fields_get(fields, "sign_position", &value))
    return broken(violation, SIGNET_RULE_SIGN_POSITION, "sign_position",
                  "sign_position is missing: 1 shows the signature before "
                  "the text, 2 behind it");
  if (value.as.integer < SIGNET_POSITION_PREFIX)
    return broken(violation, SIGNET_RULE_SIGN_POSITION, "sign_position",
                  "sign_position is %lld; 1 is before the text, 2 behind it",
                  (long long)value.as.integer);
  return true;
}

bool signet_rule_check_entry(signet_kind kind, const signet_fields *fields,
                             signet_violation *violation)
{
  static const struct {
    signet_kind kind;
    signet_rule rule;
    const char *field;
  } required[] = {
      {SIGNET_SIGN, SIGNET_RULE_SIGN_NAME_REQUIRED, "sign_name"},
      {SIGNET_TEMPLATE, SIGNET_RULE_TEMPLATE_NAME_REQUIRED, "template_name"},
      {SIGNET_TEMPLATE, SIGNET_RULE_TEMPLATE_TYPE, "template_type"},
      {SIGNET_TEMPLATE, SIGNET_RULE_TEMPLATE_CONTENT_REQUIRED,
       "template_content"},
      {SIGNET_TEMPLATE, SIGNET_RULE_COUNTRY_CODES, "country_codes"},
  };
  for (size_t i = 0; i < sizeof required / sizeof required[0]; i++)
    if (required[i].kind == kind &&
        !check_required(fields, required[i].rule, required[i].field, violation))
      return false;
  return signet_rule_check_partial(kind, fields, violation) &&
         check_signature(fields, violation);
}

bool signet_rule_doubt(signet_kind kind, const signet_fields *fields,
                       signet_violation *violation)
{
  signet_value value;
  if (kind != SIGNET_TEMPLATE)
    return false;
  if (signet_fields_get(fields, "template_content", &value) &&
      value.type == SIGNET_STRING && has_test(&value, false)) {
    broken(violation, SIGNET_RULE_TEMPLATE_CONTENT_TEST, "template_content",
           "template_content holds \"test\" inside a word or in another "
           "case; the service may refuse it");
    return true;
  }
  if (signet_fields_get(fields, "sign_position", &value) &&
      value.type == SIGNET_INTEGER &&
      value.as.integer > SIGNET_POSITION_SUFFIX) {
    broken(violation, SIGNET_RULE_SIGN_POSITION, "sign_position",
           "sign_position %lld is unknown; 1 and 2 are documented",
           (long long)value.as.integer);
    return true;
  }
  return false;
}
