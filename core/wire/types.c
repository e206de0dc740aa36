/* SPDX-License-Identifier: MIT */
#include "wire/types.h"

#include "model/fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

typedef enum type { AS_IT_IS, TEXT, ID, OWNER_ID, INTEGER, STATUS } type;

enum { LONGEST_NAME = 22, OF_ONE_LENGTH = 5 };

typedef struct named {
  const char *name;
  type type;
} named;

/* This is asked for every field of a list: few names have the same length. */
static const named by_length[LONGEST_NAME + 1][OF_ONE_LENGTH] = {
    [6] = {{"status", STATUS}},
    [7] = {{"sign_id", OWNER_ID}},
    [9] = {{"sign_name", TEXT}},
    [11] = {{"template_id", ID}, {"sign_status", STATUS}},
    [12] = {{"created_time", INTEGER},
            {"updated_time", INTEGER},
            {"audit_remark", TEXT}},
    [13] = {{"template_name", TEXT},
            {"template_type", TEXT},
            {"country_codes", TEXT},
            {"sign_position", INTEGER}},
    [16] = {{"template_content", TEXT}},
    [22] = {{"related_template_count", INTEGER}},
};

static type type_of(signet_kind kind, const char *name, size_t length)
{
  if (length > LONGEST_NAME)
    return AS_IT_IS;
  const named *at = by_length[length];
  for (size_t i = 0; i < OF_ONE_LENGTH && at[i].name != NULL; i++)
    if (memcmp(at[i].name, name, length) == 0)
      return at[i].type == OWNER_ID && kind == SIGNET_SIGN ? ID : at[i].type;
  return AS_IT_IS;
}

static bool is_digits(const char *text, size_t length)
{
  size_t i = 0;
  while (i < length && text[i] >= '0' && text[i] <= '9')
    i++;
  return length > 0 && i == length;
}

/* An integer beyond int64 is here as its digits. */
static void make_text(signet_value *value, char *digits)
{
  if (value->type == SIGNET_INTEGER) {
    int length =
        snprintf(digits, SIGNET_TYPES_DIGITS, "%" PRId64, value->as.integer);
    *value = signet_value_text(digits, (size_t)length);
  } else if (value->type == SIGNET_JSON &&
             is_digits(value->as.text.data, value->as.text.length)) {
    value->type = SIGNET_STRING;
  }
}

/* What is below 0 is no id: as a text it would look like one. */
static void make_id(signet_value *value, char *digits)
{
  if (value->type != SIGNET_INTEGER || value->as.integer >= 0)
    make_text(value, digits);
}

/* A template that has no signature may say that with the number 0. */
static void make_owner_id(signet_value *value, char *digits)
{
  make_id(value, digits);
  if (value->type == SIGNET_STRING && value->as.text.length == 1 &&
      value->as.text.data[0] == '0')
    value->as.text.length = 0;
}

static bool read_integer(const char *text, size_t length, int64_t *integer)
{
  bool negative = length > 0 && text[0] == '-';
  int64_t sum = 0;
  if (!is_digits(text + negative, length - negative))
    return false;
  for (size_t i = negative; i < length; i++)
    if (__builtin_mul_overflow(sum, 10, &sum) ||
        __builtin_sub_overflow(sum, text[i] - '0', &sum))
      return false;
  return negative ? (*integer = sum, true)
                  : !__builtin_sub_overflow(0, sum, integer);
}

static void make_integer(signet_value *value)
{
  static const double exact = 9007199254740992.0; /* 2^53 */
  int64_t integer;
  if (value->type == SIGNET_STRING) {
    if (read_integer(value->as.text.data, value->as.text.length, &integer))
      *value = signet_value_integer(integer);
  } else if (value->type == SIGNET_NUMBER && value->as.number > -exact &&
             value->as.number < exact) {
    integer = (int64_t)value->as.number;
    if ((double)integer >= value->as.number &&
        (double)integer <= value->as.number)
      *value = signet_value_integer(integer);
  }
}

/* "approved", or "APPROVED". */
static void make_status(signet_value *value)
{
  make_integer(value);
  for (int status = SIGNET_STATUS_PENDING;
       value->type == SIGNET_STRING && status <= SIGNET_STATUS_REJECTED;
       status++) {
    const char *name = signet_status_name(status);
    if (value->as.text.length == strlen(name) &&
        strncasecmp(value->as.text.data, name, strlen(name)) == 0)
      *value = signet_value_integer(status);
  }
}

/* An id that can't be read is not none, or a template had no signature; nor is
 * an integer that is too large. */
static bool is_none(type wanted, const signet_value *value)
{
  switch (value->type) {
  case SIGNET_STRING:
  case SIGNET_INTEGER:
    return false;
  case SIGNET_JSON:
    if (is_digits(value->as.text.data, value->as.text.length))
      return false;
    break;
  default:
    break;
  }
  return wanted == TEXT || wanted == INTEGER || wanted == STATUS;
}

void signet_types_bring(signet_kind kind, const char *name, size_t length,
                        signet_value *value, char digits[SIGNET_TYPES_DIGITS])
{
  type wanted = type_of(kind, name, length);
  switch (wanted) {
  case TEXT:
    make_text(value, digits);
    break;
  case ID:
    make_id(value, digits);
    break;
  case OWNER_ID:
    make_owner_id(value, digits);
    break;
  case INTEGER:
    make_integer(value);
    break;
  case STATUS:
    make_status(value);
    break;
  case AS_IT_IS:
    break;
  }
  if (is_none(wanted, value))
    value->type = SIGNET_NULL;
}
