/* SPDX-License-Identifier: MIT */
#include "wire/entry.h"

#include "model/fields.h"
#include "model/list.h"
#include "model/text.h"
#include "wire/eight.h"
#include "wire/escape.h"
#include "wire/types.h"

#include <string.h>

/* Where in the text the reading is. The text ends with NUL, at which every
 * loop over bytes stops by itself: `end` tells that one from a NUL inside. */
typedef struct cursor {
  signet_json_entry *entry;
  char *at;
  const char *end;
} cursor;

static signet_json_entry_state wrong(cursor *from, const char *problem)
{
  if (from->at >= from->end)
    return SIGNET_JSON_ENTRY_CUT;
  from->entry->problem = problem;
  from->entry->place = from->at;
  return SIGNET_JSON_ENTRY_WRONG;
}

/* It may be JSON, but more of it than is taken. */
static signet_json_entry_state beyond(cursor *from, const char *limit)
{
  signet_json_entry_state state = wrong(from, limit);
  from->entry->limit = state == SIGNET_JSON_ENTRY_WRONG;
  return state;
}

static void skip_space(cursor *from)
{
  while (*from->at == ' ' || *from->at == '\n' || *from->at == '\r' ||
         *from->at == '\t')
    from->at++;
}

static bool take(cursor *from, char byte)
{
  skip_space(from);
  if (*from->at != byte)
    return false;
  from->at++;
  return true;
}

/* Goes over what needs no second look: no quote, escape, NUL or non-ASCII. */
static char *skip_plain(char *at, const char *end)
{
  for (; end - at >= 8; at += 8) {
    uint64_t word = signet_eight_read(at);
    uint64_t marks =
        signet_eight_equal(word, '"') | signet_eight_equal(word, '\\') |
        signet_eight_equal(word, '\0') | (word & SIGNET_EIGHT(0x80));
    if (marks != 0) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
      return at + __builtin_ctzll(marks) / 8;
#else
      break;
#endif
    }
  }
  while (*at != '"' && *at != '\\' && *at != '\0' && (uint8_t)*at < 0x80)
    at++;
  return at;
}

/* Goes over one character that is not ASCII. */
static bool skip_character(cursor *from)
{
  uint32_t character;
  size_t length = (size_t)(from->end - from->at);
  size_t used = signet_utf8_next(from->at, length, &character);
  if (character != UINT32_MAX) {
    from->at += used;
    return true;
  }
  /* A character that is cut is none that is wrong. */
  signet_utf8 state = {0};
  if (length < 4 && signet_utf8_check(&state, from->at, length))
    from->at += length;
  return false;
}

/* Goes to the quote that ends the string which has begun. */
static signet_json_entry_state skip_string(cursor *from, bool *escaped)
{
  *escaped = false;
  for (;;) {
    from->at = skip_plain(from->at, from->end);
    if (*from->at == '"')
      return SIGNET_JSON_ENTRY_WHOLE;
    if (*from->at == '\\') {
      *escaped = true;
      from->at++;
      if (*from->at != '\0' && (uint8_t)*from->at < 0x80)
        from->at++;
    } else if (*from->at == '\0') {
      return wrong(from, "a string holds a NUL byte");
    } else if (!skip_character(from)) {
      return wrong(from, "the text isn't valid UTF-8");
    }
  }
}

static signet_json_entry_state read_string(cursor *from, const char **text,
                                           size_t *length, bool *escaped)
{
  char *begin = ++from->at;
  signet_json_entry_state state = skip_string(from, escaped);
  *text = begin;
  *length = (size_t)(from->at - begin);
  from->at++;
  return state;
}

static bool is_digit(char byte)
{
  return byte >= '0' && byte <= '9';
}

/* A value of which only the end is looked for: json-c says what it is. */
static signet_json_entry_state skip_number(cursor *from, const char *begin,
                                           signet_json_entry_field *field)
{
  while (is_digit(*from->at) || *from->at == '.' || *from->at == 'e' ||
         *from->at == 'E' || *from->at == '+' || *from->at == '-')
    from->at++;
  field->other = true;
  field->value =
      signet_value_text(begin, (size_t)((const char *)from->at - begin));
  return SIGNET_JSON_ENTRY_WHOLE;
}

/* The integer of these digits. @return false: it is beyond int64 and uint64 */
static bool set_integer(signet_value *value, const char *begin, const char *end,
                        bool negative, uint64_t magnitude)
{
  if (negative && magnitude > (uint64_t)1 << 63)
    return false;
  if (!negative && magnitude > (uint64_t)INT64_MAX) {
    *value = signet_value_text(begin, (size_t)(end - begin));
    value->type = SIGNET_JSON;
    return true;
  }
  *value =
      signet_value_integer((int64_t)(negative ? 0 - magnitude : magnitude));
  return true;
}

static signet_json_entry_state read_number(cursor *from,
                                           signet_json_entry_field *field)
{
  char *begin = from->at;
  bool negative = *begin == '-';
  char *digits = begin + negative;
  uint64_t magnitude = 0;
  bool overflow = false;
  for (from->at = digits; is_digit(*from->at); from->at++) {
    uint64_t digit = (uint64_t)(*from->at - '0');
    overflow = overflow || __builtin_mul_overflow(magnitude, 10u, &magnitude) ||
               __builtin_add_overflow(magnitude, digit, &magnitude);
  }
  if (*from->at == '.' || *from->at == 'e' || *from->at == 'E')
    return skip_number(from, begin, field);
  if (from->at == digits || (*digits == '0' && from->at > digits + 1))
    return wrong(from, "a number is malformed");
  if (overflow ||
      !set_integer(&field->value, begin, from->at, negative, magnitude))
    return wrong(from, "an integer is too large");
  return SIGNET_JSON_ENTRY_WHOLE;
}

static signet_json_entry_state read_word(cursor *from, const char *word,
                                         signet_value value,
                                         signet_json_entry_field *field)
{
  for (; *word != '\0'; word++, from->at++)
    if (*from->at != *word)
      return wrong(from, "a value is no JSON");
  field->value = value;
  return SIGNET_JSON_ENTRY_WHOLE;
}

/* An array or object within the entry, which is one within the list. */
static signet_json_entry_state read_nested(cursor *from,
                                           signet_json_entry_field *field)
{
  const char *begin = from->at;
  unsigned depth = 0;
  do {
    char byte = *from->at;
    if (byte == '\0')
      return wrong(from, "the text holds a NUL byte");
    from->at++;
    if (byte == '"') {
      bool escaped;
      signet_json_entry_state state = skip_string(from, &escaped);
      if (state != SIGNET_JSON_ENTRY_WHOLE)
        return state;
      from->at++;
    } else if (byte == '[' || byte == '{') {
      depth++;
    } else if (byte == ']' || byte == '}') {
      depth--;
    }
    if (depth > SIGNET_JSON_DEPTH - 2)
      return beyond(from, SIGNET_JSON_TOO_DEEP);
  } while (depth > 0);
  field->other = true;
  field->value =
      signet_value_text(begin, (size_t)((const char *)from->at - begin));
  return SIGNET_JSON_ENTRY_WHOLE;
}

static signet_json_entry_state read_value(cursor *from,
                                          signet_json_entry_field *field)
{
  skip_space(from);
  switch (*from->at) {
  case '"':
    field->value.type = SIGNET_STRING;
    return read_string(from, &field->value.as.text.data,
                       &field->value.as.text.length, &field->escaped);
  case '{':
  case '[':
    return read_nested(from, field);
  case 't':
    return read_word(from, "true", signet_value_boolean(true), field);
  case 'f':
    return read_word(from, "false", signet_value_boolean(false), field);
  case 'n':
    return read_word(from, "null", (signet_value){.type = SIGNET_NULL}, field);
  default:
    if (*from->at == '-' || is_digit(*from->at))
      return read_number(from, field);
    return wrong(from, "a value is no JSON");
  }
}

static signet_json_entry_state read_field(cursor *from)
{
  signet_json_entry *entry = from->entry;
  skip_space(from);
  if (*from->at != '"')
    return wrong(from, "a field's name is missing");
  if (entry->count == SIGNET_FIELDS_MAXIMUM)
    return beyond(from, "an entry has more than 256 fields");
  signet_json_entry_field *field = &entry->fields[entry->count];
  field->other = field->escaped = false;
  field->object = NULL;
  signet_json_entry_state state = read_string(
      from, &field->name, &field->name_length, &field->name_escaped);
  if (state != SIGNET_JSON_ENTRY_WHOLE)
    return state;
  if (!take(from, ':'))
    return wrong(from, "the colon behind a field's name is missing");
  state = read_value(from, field);
  if (state == SIGNET_JSON_ENTRY_WHOLE)
    entry->count++;
  return state;
}

static signet_json_entry_state read_fields(cursor *from)
{
  from->at++; /* the opening brace */
  if (take(from, '}'))
    return SIGNET_JSON_ENTRY_WHOLE;
  for (;;) {
    signet_json_entry_state state = read_field(from);
    if (state != SIGNET_JSON_ENTRY_WHOLE)
      return state;
    if (take(from, '}'))
      return SIGNET_JSON_ENTRY_WHOLE;
    if (!take(from, ','))
      return wrong(from, "a comma or the end of an entry is missing");
  }
}

/* Decodes a string where it stands; that never makes it longer. */
static bool decode(signet_json_entry *entry, const char **text, size_t *length)
{
  if (signet_json_unescape((char *)*text, length))
    return true;
  entry->problem = "an escape in a string is malformed";
  entry->place = *text;
  return false;
}

static bool read_other(signet_json_entry *entry, signet_json_entry_field *field)
{
  const char *problem;
  entry->place = field->value.as.text.data;
  field->object = signet_json_parse(field->value.as.text.data,
                                    field->value.as.text.length, &problem);
  entry->others = entry->others || field->object != NULL;
  entry->problem = problem;
  if (problem == NULL)
    field->value = signet_json_value(field->object);
  return problem == NULL;
}

static bool finish_field(signet_json_entry *entry,
                         signet_json_entry_field *field)
{
  if (field->name_escaped && !decode(entry, &field->name, &field->name_length))
    return false;
  if (field->name_escaped &&
      memchr(field->name, '\0', field->name_length) != NULL) {
    entry->problem = "a field's name holds a NUL byte";
    entry->place = field->name;
    return false;
  }
  if (field->escaped &&
      !decode(entry, &field->value.as.text.data, &field->value.as.text.length))
    return false;
  return !field->other || read_other(entry, field);
}

signet_json_entry_state signet_json_entry_read(signet_json_entry *entry,
                                               char *text, size_t length,
                                               size_t *used)
{
  cursor from = {entry, text, text + length};
  signet_json_entry_clear(entry);
  signet_json_entry_state state = read_fields(&from);
  if (state != SIGNET_JSON_ENTRY_WHOLE)
    return state;
  *used = (size_t)(from.at - text);
  for (size_t i = 0; i < entry->count; i++)
    if (!finish_field(entry, &entry->fields[i]))
      return SIGNET_JSON_ENTRY_WRONG;
  return SIGNET_JSON_ENTRY_WHOLE;
}

/* Of a doubled name the last counts. */
const signet_value *signet_json_entry_find(const signet_json_entry *entry,
                                           const char *name)
{
  size_t length = strlen(name);
  for (size_t i = entry->count; i-- > 0;)
    if (entry->fields[i].name_length == length &&
        memcmp(entry->fields[i].name, name, length) == 0)
      return &entry->fields[i].value;
  return NULL;
}

bool signet_json_entry_matches(const signet_json_entry *entry, signet_kind kind,
                               const signet_fields *filter)
{
  const char *name;
  signet_value wanted;
  char digits[SIGNET_TYPES_DIGITS];
  for (size_t i = 0; signet_fields_at(filter, i, &name, &wanted); i++) {
    const signet_value *found = signet_json_entry_find(entry, name);
    if (found == NULL)
      return false;
    signet_value value = *found;
    signet_types_bring(kind, name, strlen(name), &value, digits);
    if (!signet_value_matches(&value, &wanted))
      return false;
  }
  return true;
}

const signet_record *signet_json_entry_record(const signet_json_entry *entry,
                                              signet_list *list)
{
  char digits[SIGNET_TYPES_DIGITS];
  signet_kind kind = signet_list_kind(list);
  signet_list_begin(list);
  for (size_t i = 0; i < entry->count; i++) {
    const signet_json_entry_field *field = &entry->fields[i];
    signet_value value = field->value;
    signet_types_bring(kind, field->name, field->name_length, &value, digits);
    signet_list_add(list, field->name, field->name_length, &value);
  }
  return signet_list_end(list);
}

void signet_json_entry_clear(signet_json_entry *entry)
{
  for (size_t i = 0; entry->others && i < entry->count; i++)
    json_object_put(entry->fields[i].object);
  entry->count = 0;
  entry->others = false;
  entry->limit = false;
}
