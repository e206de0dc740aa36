/* SPDX-License-Identifier: MIT */
/* What a record holds. */
#include "model/record.h"

#include "model/fields.h"
#include "model/kinds.h"
#include "model/record_state.h"
#include "signet/rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

signet_kind signet_record_kind(const signet_record *record)
{
  return record->shape->kind;
}

size_t signet_record_count(const signet_record *record)
{
  return record->shape->count;
}

static void read_slot(signet_value_type type, const slot *from,
                      signet_value *value)
{
  *value = (signet_value){.type = type};
  switch (type) {
  case SIGNET_BOOLEAN:
    value->as.boolean = from->boolean;
    break;
  case SIGNET_INTEGER:
    value->as.integer = from->integer;
    break;
  case SIGNET_NUMBER:
    value->as.number = from->number;
    break;
  case SIGNET_STRING:
  case SIGNET_JSON:
  case SIGNET_CONTAINS:
    value->as.text.data = from->text->data;
    value->as.text.length = from->text->length;
    break;
  case SIGNET_NULL:
    break;
  }
}

bool signet_record_at(const signet_record *record, size_t index,
                      const char **name, signet_value *value)
{
  if (index >= record->shape->count)
    return false;
  const shape_field *field = &record->shape->fields[index];
  *name = field->name->data;
  read_slot(field->type, &record->slots[index], value);
  return true;
}

bool signet_record_find(const signet_record *record, const char *name,
                        size_t length, signet_value *value)
{
  const shape *known = record->shape;
  for (size_t i = 0; i < known->count; i++) {
    if (signet_record_text_is(known->fields[i].name, name, length)) {
      read_slot(known->fields[i].type, &record->slots[i], value);
      return true;
    }
  }
  return false;
}

bool signet_record_get(const signet_record *record, const char *name,
                       signet_value *value)
{
  return signet_record_find(record, name, strlen(name), value);
}

bool signet_record_matches(const signet_record *record,
                           const signet_fields *filter)
{
  const char *name;
  signet_value wanted;
  signet_value value;
  for (size_t i = 0; signet_fields_at(filter, i, &name, &wanted); i++)
    if (!signet_record_get(record, name, &value) ||
        !signet_value_matches(&value, &wanted))
      return false;
  return true;
}

const char *signet_record_string(const signet_record *record, const char *name)
{
  signet_value value;
  if (!signet_record_get(record, name, &value) || value.type != SIGNET_STRING)
    return NULL;
  return value.as.text.data;
}

int64_t signet_record_integer(const signet_record *record, const char *name,
                              int64_t absent)
{
  signet_value value;
  if (!signet_record_get(record, name, &value) || value.type != SIGNET_INTEGER)
    return absent;
  return value.as.integer;
}

const char *signet_record_id(const signet_record *record, char *buffer,
                             size_t size)
{
  signet_value value = {.type = SIGNET_NULL};
  const char *name = signet_kind_id_field(record->shape->kind);
  if (size > 0)
    buffer[0] = '\0';
  if (!signet_record_get(record, name, &value))
    return buffer;
  signet_violation violation;
  if (value.type == SIGNET_INTEGER && value.as.integer >= 0)
    snprintf(buffer, size, "%" PRId64, value.as.integer);
  else if (value.type == SIGNET_STRING && value.as.text.length < size &&
           signet_rule_check_id(value.as.text.data, value.as.text.length,
                                &violation))
    memcpy(buffer, value.as.text.data, value.as.text.length + 1);
  return buffer;
}

bool signet_record_hides_signature(const signet_record *record)
{
  return record->shape->hides;
}
