/* SPDX-License-Identifier: MIT */
#include "account/identity.h"

#include "net/url_canonical.h"

#include <stdio.h>
#include <string.h>

bool signet_identity_spell(char *out, signet_dialect dialect, const char *url,
                           const char *key)
{
  int length = snprintf(out, SIGNET_IDENTITY_SIZE, "%s %s key %s",
                        signet_dialect_name(dialect), url, key);
  return length < SIGNET_IDENTITY_SIZE;
}

bool signet_identity_canonical(const char *identity, char *out)
{
  const char *url = strchr(identity, ' ');
  const char *end = url != NULL ? strstr(++url, " key ") : NULL;
  char given[SIGNET_IDENTITY_SIZE], canonical[SIGNET_IDENTITY_SIZE];
  snprintf(out, SIGNET_IDENTITY_SIZE, "%s", identity);
  if (end == NULL || strlen(identity) >= sizeof given)
    return true;
  snprintf(given, sizeof given, "%.*s", (int)(end - url), url);
  if (!signet_url_canonical(given, canonical, sizeof canonical))
    return false;
  int length = snprintf(out, SIGNET_IDENTITY_SIZE, "%.*s%s%s",
                        (int)(url - identity), identity, canonical, end);
  if (length >= SIGNET_IDENTITY_SIZE) /* it stays as it was spelled */
    snprintf(out, SIGNET_IDENTITY_SIZE, "%s", identity);
  return true;
}
