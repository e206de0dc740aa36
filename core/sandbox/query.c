/* SPDX-License-Identifier: MIT */
#include "sandbox/query.h"

#include "model/memory.h"

#include <string.h>

static int hex_value(char digit)
{
  if (digit >= '0' && digit <= '9')
    return digit - '0';
  if (digit >= 'a' && digit <= 'f')
    return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F')
    return digit - 'A' + 10;
  return -1;
}

size_t sandbox_percent_decode(char *out, const char *text, size_t length,
                              bool plus)
{
  size_t written = 0;
  for (size_t i = 0; i < length; i++) {
    char byte = text[i];
    if (byte == '+' && plus)
      byte = ' ';
    if (byte == '%') {
      int high = i + 2 < length ? hex_value(text[i + 1]) : -1;
      int low = i + 2 < length ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return SIZE_MAX;
      byte = (char)(high * 16 + low);
      i += 2;
    }
    out[written++] = byte;
  }
  return written;
}

bool sandbox_query(const sandbox_request *request, const char *name,
                   char **value, size_t *length)
{
  const char *at = request->target + request->path_length;
  size_t name_length = strlen(name);
  *value = NULL;
  while (*at == '?' || *at == '&') {
    at++;
    size_t size = strcspn(at, "&");
    if (size > name_length && strncmp(at, name, name_length) == 0 &&
        at[name_length] == '=') {
      size -= name_length + 1;
      char *text = signet_memory_text(at + name_length + 1, size);
      if (text == NULL)
        return false;
      *length = sandbox_percent_decode(text, text, size, true);
      if (*length == SIZE_MAX) {
        signet_memory_free(text);
        return true;
      }
      text[*length] = '\0';
      *value = text;
      return true;
    }
    at += size;
  }
  return true;
}
