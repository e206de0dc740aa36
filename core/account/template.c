/* SPDX-License-Identifier: MIT */
#include "account/template.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const text_fields[] = {"template_name", "template_type",
                                          "template_content", "country_codes"};
enum { TEXT_FIELD_COUNT = sizeof text_fields / sizeof text_fields[0] };

static bool has(const signet_fields *fields, const char *name)
{
  signet_value value;
  return signet_fields_get(fields, name, &value);
}

bool signet_template_normalise(signet_fields *fields)
{
  signet_value value;
  if (!signet_fields_get(fields, "sign_id", &value))
    return true;
  if (value.type == SIGNET_INTEGER && value.as.integer >= 0) {
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRId64, value.as.integer);
    if (!signet_fields_set_string(fields, "sign_id", digits))
      return false;
  }
  return has(fields, "add_signature") ||
         signet_fields_set_boolean(fields, "add_signature", true);
}

static bool shows_signature(const signet_fields *fields)
{
  signet_value value;
  return signet_fields_get(fields, "add_signature", &value) &&
         value.type == SIGNET_BOOLEAN && value.as.boolean;
}

bool signet_template_is_complete(const signet_fields *fields)
{
  for (size_t i = 0; i < TEXT_FIELD_COUNT; i++)
    if (!has(fields, text_fields[i]))
      return false;
  if (!has(fields, "add_signature"))
    return false;
  return !shows_signature(fields) ||
         (has(fields, "sign_id") && has(fields, "sign_position"));
}

/* A service may show what a template's signature is called, and not which it
 * is. */
static bool names_signature(const signet_record *record)
{
  const char *name = signet_record_string(record, "sign_name");
  return (name != NULL && name[0] != '\0') ||
         signet_record_integer(record, "sign_position", 0) > 0 ||
         signet_record_integer(record, "sign_status", 0) > 0;
}

/* Whether the record shows a signature: 1 yes, 0 no, -1 it can't be told. */
static int record_signature(const signet_record *record)
{
  signet_value value;
  const char *id = signet_record_string(record, "sign_id");
  bool named = id != NULL && id[0] != '\0' && strcmp(id, "0") != 0;
  if (signet_record_get(record, "sign_id", &value) &&
      value.type == SIGNET_INTEGER)
    named = value.as.integer != 0;
  if (!named)
    return names_signature(record) ? -1 : 0;
  return signet_record_integer(record, "sign_position", -1) > 0 ? 1 : -1;
}

static bool refuse(const char **problem, const char *text)
{
  *problem = text;
  return false;
}

/* @return false: out of memory, or with a problem that the record lacks it */
static bool copy_field(signet_fields *fields, const signet_record *record,
                       const char *name, const char **problem)
{
  signet_value value;
  if (has(fields, name))
    return true;
  if (!signet_record_get(record, name, &value) || value.type == SIGNET_NULL)
    return refuse(problem,
                  "the current record lacks a field that an update must send");
  return signet_fields_set(fields, name, &value);
}

static bool complete_signature(signet_fields *fields,
                               const signet_record *record,
                               const char **problem)
{
  int shown = record_signature(record);
  bool given = has(fields, "add_signature");
  if (!given && shown < 0)
    return refuse(problem,
                  "the current record does not tell whether the template shows "
                  "a signature; say add_signature, sign_id and sign_position");
  if (!given && shown == 0 && has(fields, "sign_position"))
    return refuse(problem, "a sign_position is given, but the template has no "
                           "signature: give its sign_id too");
  if (!given && !signet_fields_set_boolean(fields, "add_signature", shown > 0))
    return false;
  if (!shows_signature(fields) || shown <= 0)
    return true;
  return copy_field(fields, record, "sign_id", problem) &&
         copy_field(fields, record, "sign_position", problem) &&
         signet_template_normalise(fields);
}

bool signet_template_complete(signet_fields *fields,
                              const signet_record *record, const char **problem)
{
  *problem = NULL;
  for (size_t i = 0; i < TEXT_FIELD_COUNT; i++)
    if (!copy_field(fields, record, text_fields[i], problem))
      return false;
  /* A position alone moves the signature that is there. */
  return complete_signature(fields, record, problem);
}

bool signet_template_check_signature(const signet_fields *fields,
                                     signet_violation *violation)
{
  static const struct {
    const char *field;
    signet_rule rule;
    const char *text;
  } needed[] = {
      {"sign_id", SIGNET_RULE_SIGN_ID_REQUIRED,
       "sign_id is missing: the template has no signature yet"},
      {"sign_position", SIGNET_RULE_SIGN_POSITION,
       "sign_position is missing: 1 shows the signature before the text, 2 "
       "behind it"},
  };
  if (!shows_signature(fields))
    return true;
  for (size_t i = 0; i < 2; i++) {
    if (has(fields, needed[i].field))
      continue;
    violation->rule = needed[i].rule;
    violation->field = needed[i].field;
    snprintf(violation->text, sizeof violation->text, "%s", needed[i].text);
    return false;
  }
  return true;
}
