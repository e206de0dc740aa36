/* SPDX-License-Identifier: MIT */
#include "dialect/classify.h"

#include <string.h>

/* The codes of the provider's other APIs, which come with HTTP 400, and the
 * status that says the same. */
static const struct {
  int code;
  int status;
} family[] = {
    {3004, 429},                           /* too many requests */
    {1000, 500}, {5001, 500},              /* internal errors */
    {2001, 401}, {2002, 401}, {2004, 403}, /* credentials, permission */
};
enum { FAMILY_NOT_FOUND = 4001 };

/* The texts that the pages name, the longer first where one holds another.
 * Anything that holds the text is of the kind. */
static const struct {
  const char *text;
  signet_error_kind kind;
} texts[] = {
    {"invalid signId", SIGNET_ERROR_VALIDATION},
    {"invalid templateId", SIGNET_ERROR_VALIDATION},
    {"sign config not exist", SIGNET_ERROR_NOT_FOUND},
    {"template config not exist", SIGNET_ERROR_NOT_FOUND},
    {"sign not exist", SIGNET_ERROR_NOT_FOUND},
    {"already exist", SIGNET_ERROR_CONFLICT},
    {"pending status", SIGNET_ERROR_PENDING},
    {"pending or running plans", SIGNET_ERROR_IN_USE},
    {"is not approved", SIGNET_ERROR_NOT_APPROVED},
    {"not exist", SIGNET_ERROR_NOT_FOUND},
};

static signet_error_kind by_status(int http_status)
{
  switch (http_status) {
  case 401:
  case 403:
    return SIGNET_ERROR_AUTH;
  case 404:
    return SIGNET_ERROR_NOT_FOUND;
  case 429:
    return SIGNET_ERROR_RATE_LIMITED;
  default:
    return http_status >= 500 ? SIGNET_ERROR_SERVER : SIGNET_ERROR_VALIDATION;
  }
}

int signet_classify_status(int http_status, int64_t code)
{
  bool success = http_status / 100 == 2;
  if (success && code / 100 == 5)
    return (int)code;
  for (size_t i = 0; i < sizeof family / sizeof family[0]; i++)
    if ((success || http_status == 400) && family[i].code == code)
      return family[i].status;
  return http_status;
}

signet_error_kind signet_classify(const signet_dialect_row *dialect,
                                  int http_status, int64_t code,
                                  const char *message)
{
  signet_error_kind kind = by_status(http_status);
  if (kind == SIGNET_ERROR_AUTH || kind == SIGNET_ERROR_RATE_LIMITED ||
      kind == SIGNET_ERROR_SERVER)
    return kind;
  if (dialect->by_code(code) != SIGNET_OK)
    return dialect->by_code(code);
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    if (strcasestr(message, texts[i].text) != NULL)
      return texts[i].kind;
  return code == FAMILY_NOT_FOUND ? SIGNET_ERROR_NOT_FOUND : kind;
}
