/* SPDX-License-Identifier: MIT */
#include "model/buffer.h"

#include "model/memory.h"

#include <stdio.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

void signet_buffer_init(signet_buffer *buffer, size_t maximum)
{
  *buffer = (signet_buffer){.maximum = maximum};
}

void signet_buffer_free(signet_buffer *buffer)
{
  signet_memory_free(buffer->data);
  signet_buffer_init(buffer, buffer->maximum);
}

void signet_buffer_clear(signet_buffer *buffer)
{
  buffer->length = 0;
  buffer->failed = false;
  if (buffer->data != NULL)
    buffer->data[0] = '\0';
}

/* Makes room for `more` bytes and a NUL. */
static bool reserve(signet_buffer *buffer, size_t more)
{
  if (buffer->failed)
    return false;
  if (more > buffer->maximum - buffer->length) {
    buffer->failed = true;
    return false;
  }
  size_t needed = buffer->length + more + 1;
  if (needed <= buffer->capacity)
    return true;
  size_t capacity = buffer->capacity > 0 ? buffer->capacity : FIRST_CAPACITY;
  while (capacity < needed && capacity <= buffer->maximum / 2)
    capacity *= 2;
  if (capacity < needed)
    capacity = needed;
  char *data = signet_memory_resize(buffer->data, capacity, 1);
  if (data == NULL) {
    buffer->failed = true;
    return false;
  }
  buffer->data = data;
  buffer->capacity = capacity;
  return true;
}

char *signet_buffer_room(signet_buffer *buffer, size_t more)
{
  return reserve(buffer, more) ? buffer->data + buffer->length : NULL;
}

void signet_buffer_used(signet_buffer *buffer, size_t length)
{
  buffer->length += length;
  buffer->data[buffer->length] = '\0';
}

bool signet_buffer_append(signet_buffer *buffer, const char *text,
                          size_t length)
{
  if (!reserve(buffer, length))
    return false;
  if (length > 0)
    memcpy(buffer->data + buffer->length, text, length);
  buffer->length += length;
  buffer->data[buffer->length] = '\0';
  return true;
}

bool signet_buffer_string(signet_buffer *buffer, const char *text)
{
  return signet_buffer_append(buffer, text, strlen(text));
}

bool signet_buffer_format(signet_buffer *buffer, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  va_list again;
  va_copy(again, arguments);
  int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  bool fits = length >= 0 && reserve(buffer, (size_t)length);
  if (fits) {
    vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, again);
    buffer->length += (size_t)length;
  }
  va_end(again);
  return fits;
}

char *signet_buffer_take(signet_buffer *buffer, size_t *length)
{
  char *data = NULL;
  if (signet_buffer_append(buffer, "", 0)) {
    data = buffer->data;
    *length = buffer->length;
    buffer->data = NULL;
  }
  signet_buffer_free(buffer);
  return data;
}
