/* SPDX-License-Identifier: MIT */
#include "net/base64.h"

#include <stdint.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t signet_base64_length(size_t length)
{
  return (length + 2) / 3 * 4;
}

void signet_base64_encode(const char *text, size_t length, char *out)
{
  for (size_t i = 0; i < length; i += 3) {
    uint32_t group = (uint32_t)(uint8_t)text[i] << 16;
    if (i + 1 < length)
      group |= (uint32_t)(uint8_t)text[i + 1] << 8;
    if (i + 2 < length)
      group |= (uint8_t)text[i + 2];
    *out++ = alphabet[group >> 18 & 63];
    *out++ = alphabet[group >> 12 & 63];
    *out++ = i + 1 < length ? alphabet[group >> 6 & 63] : '=';
    *out++ = i + 2 < length ? alphabet[group & 63] : '=';
  }
  *out = '\0';
}
