/* SPDX-License-Identifier: MIT */
/* Named values for a request's body or a list's filter, and single values. */
#include "model/memory.h"
#include "model/record_build.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct field {
  char *name;
  signet_value value; /* its text is owned */
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
  return value->type == SIGNET_STRING || value->type == SIGNET_JSON;
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
  return signet_value_equal(a, b);
}

signet_fields *signet_fields_new(void)
{
  return signet_memory_zeroed(1, sizeof(signet_fields));
}

static void free_value(signet_value *value)
{
  if (has_text(value))
    signet_memory_free((char *)value->as.text.data);
}

void signet_fields_free(signet_fields *fields)
{
  if (fields == NULL)
    return;
  for (size_t i = 0; i < fields->count; i++) {
    signet_memory_free(fields->items[i].name);
    free_value(&fields->items[i].value);
  }
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

static bool copy_value(const signet_value *from, signet_value *to)
{
  *to = *from;
  if (has_text(from))
    to->as.text.data =
        signet_memory_text(from->as.text.data, from->as.text.length);
  return !has_text(from) || to->as.text.data != NULL;
}

/* A place for one more field of that name, not counted yet. */
static field *append(signet_fields *fields, const char *name)
{
  if (fields->count == fields->capacity) {
    size_t capacity = fields->capacity > 0 ? fields->capacity * 2 : 2;
    field *items =
        signet_memory_resize(fields->items, capacity, sizeof items[0]);
    if (items == NULL)
      return NULL;
    fields->items = items;
    fields->capacity = capacity;
  }
  field *last = &fields->items[fields->count];
  last->name = signet_memory_text(name, strlen(name));
  return last->name != NULL ? last : NULL;
}

bool signet_fields_set(signet_fields *fields, const char *name,
                       const signet_value *value)
{
  signet_value copy;
  if (!copy_value(value, &copy))
    return false;
  field *known = find(fields, name);
  if (known != NULL) {
    free_value(&known->value);
    known->value = copy;
    return true;
  }
  field *added = append(fields, name);
  if (added == NULL) {
    free_value(&copy);
    return false;
  }
  added->value = copy;
  fields->count++;
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
