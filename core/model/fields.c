/* SPDX-License-Identifier: MIT */
/* Named values for a request's body or a list's filter, and single values. */
#include "model/fields.h"

#include "model/memory.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

typedef struct field {
  char *name; /* owned, and behind it the value's text */
  signet_value value;
} field;

struct signet_fields {
  field *items;
  size_t count;
  size_t capacity;
};

signet_value signet_value_text(const char *data, size_t length)
{
  signet_value value = {.type = SIGNET_STRING};
  value.as.text.data = data;
  value.as.text.length = length;
  return value;
}

signet_value signet_value_integer(int64_t integer)
{
  signet_value value = {.type = SIGNET_INTEGER};
  value.as.integer = integer;
  return value;
}

signet_value signet_value_boolean(bool boolean)
{
  signet_value value = {.type = SIGNET_BOOLEAN};
  value.as.boolean = boolean;
  return value;
}

static bool has_text(const signet_value *value)
{
  return value->type == SIGNET_STRING || value->type == SIGNET_JSON ||
         value->type == SIGNET_CONTAINS;
}

bool signet_value_equal(const signet_value *a, const signet_value *b)
{
  if (a->type != b->type)
    return false;
  switch (a->type) {
  case SIGNET_BOOLEAN:
    return a->as.boolean == b->as.boolean;
  case SIGNET_INTEGER:
    return a->as.integer == b->as.integer;
  case SIGNET_NUMBER:
    /* Bit for bit: a value equals itself, a NaN too. */
    /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
    return memcmp(&a->as.number, &b->as.number, sizeof a->as.number) == 0;
  case SIGNET_STRING:
  case SIGNET_JSON:
  case SIGNET_CONTAINS:
    return a->as.text.length == b->as.text.length &&
           memcmp(a->as.text.data, b->as.text.data, a->as.text.length) == 0;
  case SIGNET_NULL:
    break;
  }
  return true;
}

static bool equal_digits(const signet_value *text, const signet_value *integer)
{
  char digits[24];
  int length = snprintf(digits, sizeof digits, "%" PRId64, integer->as.integer);
  return (size_t)length == text->as.text.length &&
         memcmp(digits, text->as.text.data, text->as.text.length) == 0;
}

bool signet_value_matches(const signet_value *a, const signet_value *b)
{
  if (a->type == SIGNET_STRING && b->type == SIGNET_INTEGER)
    return equal_digits(a, b);
  if (a->type == SIGNET_INTEGER && b->type == SIGNET_STRING)
    return equal_digits(b, a);
  if (b->type == SIGNET_CONTAINS)
    return a->type == SIGNET_STRING &&
           memmem(a->as.text.data, a->as.text.length, b->as.text.data,
                  b->as.text.length) != NULL;
  return signet_value_equal(a, b);
}

signet_fields *signet_fields_new(void)
{
  return signet_memory_zeroed(1, sizeof(signet_fields));
}

void signet_fields_free(signet_fields *fields)
{
  if (fields == NULL)
    return;
  for (size_t i = 0; i < fields->count; i++)
    signet_memory_free(fields->items[i].name);
  signet_memory_free(fields->items);
  signet_memory_free(fields);
}

static field *find(const signet_fields *fields, const char *name)
{
  for (size_t i = 0; i < fields->count; i++)
    if (strcmp(fields->items[i].name, name) == 0)
      return &fields->items[i];
  return NULL;
}

/* Name and text in one piece of memory: this is done for every field of every
 * write. */
static bool make_field(const char *name, const signet_value *value, field *made)
{
  size_t name_size = strlen(name) + 1;
  size_t text_length = has_text(value) ? value->as.text.length : 0;
  if (text_length >= PTRDIFF_MAX - name_size)
    return false;
  made->name = signet_memory_resize(NULL, name_size + text_length + 1, 1);
  if (made->name == NULL)
    return false;
  made->value = *value;
  memcpy(made->name, name, name_size);
  if (has_text(value)) {
    char *text = made->name + name_size;
    if (text_length > 0)
      memcpy(text, value->as.text.data, text_length);
    text[text_length] = '\0';
    made->value.as.text.data = text;
  }
  return true;
}

/* Makes sure that there is a place for one more field. */
static bool reserve(signet_fields *fields)
{
  if (fields->count < fields->capacity)
    return true;
  size_t capacity = fields->capacity > 0 ? fields->capacity * 2 : 8;
  field *items = signet_memory_resize(fields->items, capacity, sizeof items[0]);
  if (items == NULL)
    return false;
  fields->items = items;
  fields->capacity = capacity;
  return true;
}

bool signet_fields_set(signet_fields *fields, const char *name,
                       const signet_value *value)
{
  field made;
  if (!reserve(fields) || !make_field(name, value, &made))
    return false;
  field *known = find(fields, name);
  if (known != NULL) {
    signet_memory_free(known->name);
    *known = made;
  } else {
    fields->items[fields->count++] = made;
  }
  return true;
}

bool signet_fields_set_string(signet_fields *fields, const char *name,
                              const char *text)
{
  signet_value value = signet_value_text(text, strlen(text));
  return signet_fields_set(fields, name, &value);
}

bool signet_fields_set_integer(signet_fields *fields, const char *name,
                               int64_t integer)
{
  signet_value value = signet_value_integer(integer);
  return signet_fields_set(fields, name, &value);
}

bool signet_fields_set_boolean(signet_fields *fields, const char *name,
                               bool boolean)
{
  signet_value value = signet_value_boolean(boolean);
  return signet_fields_set(fields, name, &value);
}

size_t signet_fields_count(const signet_fields *fields)
{
  return fields != NULL ? fields->count : 0;
}

bool signet_fields_at(const signet_fields *fields, size_t index,
                      const char **name, signet_value *value)
{
  if (index >= signet_fields_count(fields))
    return false;
  *name = fields->items[index].name;
  *value = fields->items[index].value;
  return true;
}

bool signet_fields_get(const signet_fields *fields, const char *name,
                       signet_value *value)
{
  const field *known = fields != NULL ? find(fields, name) : NULL;
  if (known == NULL)
    return false;
  *value = known->value;
  return true;
}

signet_fields *signet_fields_copy(const signet_fields *from)
{
  signet_fields *copy = signet_fields_new();
  for (size_t i = 0; copy != NULL && i < signet_fields_count(from); i++) {
    if (!signet_fields_set(copy, from->items[i].name, &from->items[i].value)) {
      signet_fields_free(copy);
      copy = NULL;
    }
  }
  return copy;
}
