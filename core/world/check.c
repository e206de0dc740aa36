/* SPDX-License-Identifier: MIT */
/* What a create or update brings, checked by the rules and by the switches
 * for what the pages leave open. */
#include "world/check.h"

#include "world/refuse.h"

#include "model/fields.h"
#include "model/text.h"
#include "signet/rules.h"

#include <string.h>
#include <strings.h>

enum {
  SIGN_NAME_SHORTEST = 2,
  SIGN_NAME_LONGEST = 60,
  TEMPLATE_NAME_LONGEST = 255
};

/* The service ignores what it doesn't know, and null is as good as absent. */
static bool is_ignored(signet_kind kind, const char *name,
                       const signet_value *value)
{
  static const char *const template_fields[] = {
      "template_name", "template_type", "template_content", "country_codes",
      "add_signature", "sign_id",       "sign_position"};
  if (value->type == SIGNET_NULL)
    return true;
  if (kind == SIGNET_SIGN)
    return strcmp(name, "sign_name") != 0;
  if (strcmp(name, "sign_id") == 0 && value->type == SIGNET_STRING &&
      value->as.text.length == 0)
    return true;
  for (size_t i = 0; i < sizeof template_fields / sizeof *template_fields; i++)
    if (strcmp(name, template_fields[i]) == 0)
      return false;
  return true;
}

/* The fields without those that are ignored. NULL: out of memory. */
static signet_fields *relevant(signet_kind kind, const signet_fields *fields)
{
  const char *name;
  signet_value value;
  signet_fields *kept = signet_fields_new();
  for (size_t i = 0; kept != NULL && signet_fields_at(fields, i, &name, &value);
       i++) {
    if (is_ignored(kind, name, &value) || signet_fields_set(kept, name, &value))
      continue;
    signet_fields_free(kept);
    kept = NULL;
  }
  return kept;
}

static bool holds_test(signet_world_test_rule rule, const char *text,
                       size_t length)
{
  if (rule == SIGNET_WORLD_TEST_EXACT)
    return memmem(text, length, "test", 4) != NULL;
  for (size_t i = 0; i + 4 <= length; i++)
    if (strncasecmp(text + i, "test", 4) == 0 &&
        (rule == SIGNET_WORLD_TEST_ANYWHERE ||
         signet_text_is_word(text, length, i, 4)))
      return true;
  return false;
}

/* With lengths in bytes, a name of one wide character is long enough. It is
 * padded, so that the rules still check everything else about it. */
static bool pad_short_name(signet_fields *fields, const signet_value *name)
{
  char padded[SIGN_NAME_LONGEST + 2];
  memcpy(padded, name->as.text.data, name->as.text.length);
  padded[name->as.text.length] = 'x';
  signet_value value = signet_value_text(padded, name->as.text.length + 1);
  return signet_fields_set(fields, "sign_name", &value);
}

static bool check_bytes(signet_attempt *attempt, signet_fields *fields)
{
  signet_value name;
  bool sign = attempt->operation->kind == SIGNET_SIGN;
  const char *field = sign ? "sign_name" : "template_name";
  if (!signet_fields_get(fields, field, &name) || name.type != SIGNET_STRING)
    return true; /* the rules say it */
  size_t bytes = name.as.text.length;
  if (!sign && bytes > TEMPLATE_NAME_LONGEST)
    return signet_world_refuse_text(attempt,
                                    "template_name has more than 255 bytes");
  if (!sign)
    return true;
  if (bytes < SIGN_NAME_SHORTEST || bytes > SIGN_NAME_LONGEST)
    return signet_world_refuse_text(attempt,
                                    "sign_name must have 2 to 60 bytes");
  if (signet_rule_characters(name.as.text.data, bytes) < SIGN_NAME_SHORTEST &&
      !pad_short_name(fields, &name))
    return signet_world_refuse_memory(attempt);
  return true;
}

static bool check_template(signet_attempt *attempt, const signet_fields *fields)
{
  signet_value value;
  signet_fields_get(fields, "template_content", &value);
  if (holds_test(attempt->world->options.test_rule, value.as.text.data,
                 value.as.text.length))
    return signet_world_refuse_text(attempt,
                                    "template_content holds \"test\", which "
                                    "is not allowed");
  if (!signet_fields_get(fields, "add_signature", &value) || !value.as.boolean)
    return true;
  signet_fields_get(fields, "sign_position", &value); /* the rules want it */
  if (value.as.integer > SIGNET_POSITION_SUFFIX)
    return signet_world_refuse_text(attempt, "sign_position must be 1 or 2");
  return true;
}

static bool check_fields(signet_attempt *attempt, signet_fields *fields)
{
  signet_violation violation;
  signet_kind kind = attempt->operation->kind;
  if (attempt->world->options.length_in_bytes && !check_bytes(attempt, fields))
    return false;
  if (!signet_rule_check_entry(kind, fields, &violation))
    return violation.rule == SIGNET_RULE_ID
               ? signet_world_refuse_sign(attempt, SIGNET_REFUSE_ID)
               : signet_world_refuse_text(attempt, violation.text);
  return kind == SIGNET_SIGN || check_template(attempt, fields);
}

bool signet_world_check(signet_attempt *attempt)
{
  if (attempt->operation->fields == NULL)
    return signet_world_refuse_text(attempt, "the fields are missing");
  signet_fields *fields =
      relevant(attempt->operation->kind, attempt->operation->fields);
  if (fields == NULL)
    return signet_world_refuse_memory(attempt);
  bool right = check_fields(attempt, fields);
  signet_fields_free(fields);
  return right;
}
