/* SPDX-License-Identifier: MIT */
#include "sandbox/credentials.h"

#include "model/memory.h"

#include <string.h>
#include <strings.h>

static char digit(unsigned value)
{
  static const char digits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return digits[value & 63];
}

static char *base64(const unsigned char *data, size_t length)
{
  char *text = signet_memory_zeroed((length + 2) / 3 * 4 + 1, 1);
  char *to = text;
  for (size_t i = 0; text != NULL && i < length; i += 3) {
    size_t left = length - i;
    unsigned group = (unsigned)data[i] << 16;
    group |= left > 1 ? (unsigned)data[i + 1] << 8 : 0;
    group |= left > 2 ? data[i + 2] : 0;
    *to++ = digit(group >> 18);
    *to++ = digit(group >> 12);
    *to++ = left > 1 ? digit(group >> 6) : '=';
    *to++ = left > 2 ? digit(group) : '=';
  }
  return text;
}

char *sandbox_authorization(const char *key, const char *secret)
{
  signet_buffer pair;
  char *text = NULL;
  signet_buffer_init(&pair, 4096);
  signet_buffer_string(&pair, key);
  signet_buffer_string(&pair, ":");
  if (signet_buffer_string(&pair, secret))
    text = base64((const unsigned char *)pair.data, pair.length);
  signet_memory_wipe(pair.data, pair.length);
  signet_buffer_free(&pair);
  return text;
}

/* Looks at every byte, so that the time taken tells nothing about where two
 * texts differ. */
static bool same(const char *given, const char *wanted)
{
  size_t given_length = strlen(given);
  size_t length = strlen(wanted);
  unsigned different = given_length != length;
  for (size_t i = 0; i < length; i++)
    different |= (unsigned)(unsigned char)wanted[i] ^
                 (i < given_length ? (unsigned char)given[i] : 0u);
  return different == 0;
}

bool sandbox_authorized(const sandbox_request *request)
{
  const char *given = MHD_lookup_connection_value(
      request->connection, MHD_HEADER_KIND, "Authorization");
  if (given == NULL || strncasecmp(given, "Basic ", 6) != 0)
    return false;
  given += 6;
  given += strspn(given, " ");
  return same(given, request->sandbox->authorization);
}
