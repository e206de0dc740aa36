/* SPDX-License-Identifier: MIT */
/* The model as JSON text: request bodies, and the images of every write. */
#include "wire/json_write.h"

#include "wire/eight.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* How many bytes need no escape, seen eight at a time; never too many. */
static size_t plain_length(const char *text, size_t length)
{
  size_t i = 0;
  for (; length - i >= 8; i += 8) {
    uint64_t word = signet_eight_read(text + i);
    if ((signet_eight_less(word, 0x20) | signet_eight_equal(word, '"') |
         signet_eight_equal(word, '\\')) != 0)
      break;
  }
  for (; i < length; i++) {
    unsigned char byte = (unsigned char)text[i];
    if (byte < 0x20 || byte == '"' || byte == '\\')
      break;
  }
  return i;
}

static void write_escaped(signet_buffer *out, unsigned char byte)
{
  static const char letters[] = {
      ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
      ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
  char text[8];
  int length;
  if (byte < sizeof letters && letters[byte] != '\0')
    length = snprintf(text, sizeof text, "\\%c", letters[byte]);
  else
    length = snprintf(text, sizeof text, "\\u%04x", byte);
  signet_buffer_append(out, text, (size_t)length);
}

/* A text without anything to escape goes in whole. */
static bool write_plain(signet_buffer *out, const char *text, size_t length)
{
  if (plain_length(text, length) < length)
    return false;
  char *to = signet_buffer_room(out, length + 2);
  if (to == NULL)
    return true; /* the buffer remembers it */
  to[0] = '"';
  if (length > 0)
    memcpy(to + 1, text, length);
  to[length + 1] = '"';
  signet_buffer_used(out, length + 2);
  return true;
}

void signet_json_write_string(signet_buffer *out, const char *text,
                              size_t length)
{
  if (write_plain(out, text, length))
    return;
  signet_buffer_append(out, "\"", 1);
  for (size_t i = 0; i < length;) {
    size_t plain = plain_length(text + i, length - i);
    signet_buffer_append(out, text + i, plain);
    i += plain;
    if (i < length)
      write_escaped(out, (unsigned char)text[i++]);
  }
  signet_buffer_append(out, "\"", 1);
}

static void write_integer(signet_buffer *out, int64_t integer)
{
  char text[24];
  char *at = text + sizeof text;
  uint64_t magnitude = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
  do {
    *--at = (char)('0' + magnitude % 10);
    magnitude /= 10;
  } while (magnitude > 0);
  if (integer < 0)
    *--at = '-';
  signet_buffer_append(out, at, (size_t)(text + sizeof text - at));
}

static void write_number(signet_buffer *out, double number)
{
  char text[40];
  if (!isfinite(number)) { /* JSON has no word for these */
    signet_buffer_string(out, "null");
    return;
  }
  int length = snprintf(text, sizeof text, "%.17g", number);
  signet_buffer_append(out, text, (size_t)length);
  if (strpbrk(text, ".eE") == NULL)
    signet_buffer_string(out, ".0");
}

void signet_json_write_value(signet_buffer *out, const signet_value *value)
{
  switch (value->type) {
  case SIGNET_NULL:
    signet_buffer_string(out, "null");
    break;
  case SIGNET_BOOLEAN:
    signet_buffer_string(out, value->as.boolean ? "true" : "false");
    break;
  case SIGNET_INTEGER:
    write_integer(out, value->as.integer);
    break;
  case SIGNET_NUMBER:
    write_number(out, value->as.number);
    break;
  case SIGNET_STRING:
  case SIGNET_CONTAINS:
    signet_json_write_string(out, value->as.text.data, value->as.text.length);
    break;
  case SIGNET_JSON:
    signet_buffer_append(out, value->as.text.data, value->as.text.length);
    break;
  }
}

static void write_member(signet_buffer *out, size_t index, const char *name,
                         const signet_value *value)
{
  signet_buffer_append(out, index == 0 ? "{" : ",", 1);
  signet_json_write_string(out, name, strlen(name));
  signet_buffer_append(out, ":", 1);
  signet_json_write_value(out, value);
}

void signet_json_write_record(signet_buffer *out, const signet_record *record)
{
  const char *name;
  signet_value value;
  size_t i = 0;
  for (; signet_record_at(record, i, &name, &value); i++)
    write_member(out, i, name, &value);
  signet_buffer_string(out, i == 0 ? "{}" : "}");
}

void signet_json_write_fields(signet_buffer *out, const signet_fields *fields)
{
  const char *name;
  signet_value value;
  size_t i = 0;
  for (; signet_fields_at(fields, i, &name, &value); i++)
    write_member(out, i, name, &value);
  signet_buffer_string(out, i == 0 ? "{}" : "}");
}
