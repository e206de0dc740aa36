/* SPDX-License-Identifier: MIT */
#include "net/authorization.h"

#include "model/error_fill.h"
#include "model/memory.h"
#include "net/base64.h"

#include <stdio.h>
#include <string.h>

/* "Authorization: Basic …" for key:secret. libcurl could do that itself, but
 * would also keep copies that we can't wipe. */
char *signet_authorization_header(const char *key, const char *secret)
{
  static const char begin[] = "Authorization: Basic ";
  size_t length = strlen(key) + 1 + strlen(secret);
  size_t size = sizeof begin + signet_base64_length(length) + 1;
  char *pair = signet_memory_zeroed(1, length + 1);
  char *header = signet_memory_zeroed(1, size);
  if (pair != NULL && header != NULL) {
    snprintf(pair, length + 1, "%s:%s", key, secret);
    memcpy(header, begin, sizeof begin - 1);
    signet_base64_encode(pair, length, header + sizeof begin - 1);
  }
  signet_memory_wipe(pair, length);
  if (pair == NULL) {
    signet_memory_free(header);
    header = NULL;
  }
  signet_memory_free(pair);
  return header;
}

bool signet_authorization_check(const char *key, const char *secret,
                                signet_error *error)
{
  if (key == NULL || key[0] == '\0')
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "the API key is missing");
  if (secret == NULL || secret[0] == '\0')
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "the API secret is missing");
  if (strchr(key, ':') != NULL)
    return signet_error_set(error, SIGNET_ERROR_CONFIGURATION,
                            "the API key holds a colon, which Basic "
                            "authentication can't carry");
  return true;
}
