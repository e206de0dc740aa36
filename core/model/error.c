/* SPDX-License-Identifier: MIT */
#include "model/error_fill.h"
#include "model/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_names[] = {
    [SIGNET_OK] = "ok",
    [SIGNET_ERROR_VALIDATION] = "validation",
    [SIGNET_ERROR_AUTH] = "auth",
    [SIGNET_ERROR_NOT_FOUND] = "not_found",
    [SIGNET_ERROR_CONFLICT] = "conflict",
    [SIGNET_ERROR_PENDING] = "pending",
    [SIGNET_ERROR_IN_USE] = "in_use",
    [SIGNET_ERROR_NOT_APPROVED] = "not_approved",
    [SIGNET_ERROR_RATE_LIMITED] = "rate_limited",
    [SIGNET_ERROR_SERVER] = "server",
    [SIGNET_ERROR_NETWORK] = "network",
    [SIGNET_ERROR_TIMEOUT] = "timeout",
    [SIGNET_ERROR_UNKNOWN_OUTCOME] = "unknown_outcome",
    [SIGNET_ERROR_REJECTED] = "rejected",
    [SIGNET_ERROR_REFUSED] = "refused",
    [SIGNET_ERROR_CANCELLED] = "cancelled",
    [SIGNET_ERROR_UNSUPPORTED] = "unsupported",
    [SIGNET_ERROR_CONFIGURATION] = "configuration",
    [SIGNET_ERROR_MEMORY] = "memory",
    [SIGNET_ERROR_LIMIT] = "limit",
    [SIGNET_ERROR_STORE] = "store",
    [SIGNET_ERROR_LOCKED] = "locked",
    [SIGNET_ERROR_SCRIPT] = "script",
};

static const char *const outcome_names[] = {
    [SIGNET_OUTCOME_NOT_SENT] = "not_sent",
    [SIGNET_OUTCOME_REFUSED] = "refused",
    [SIGNET_OUTCOME_APPLIED] = "applied",
    [SIGNET_OUTCOME_THROTTLED] = "throttled",
    [SIGNET_OUTCOME_UNKNOWN] = "unknown",
};

void signet_error_init(signet_error *error)
{
  *error = (signet_error)SIGNET_ERROR_INIT;
}

const char *signet_error_kind_name(signet_error_kind kind)
{
  size_t count = sizeof kind_names / sizeof kind_names[0];
  return (size_t)kind < count ? kind_names[kind] : "unknown";
}

signet_error_kind signet_error_kind_of(const char *name)
{
  size_t count = sizeof kind_names / sizeof kind_names[0];
  for (size_t i = 1; i < count; i++)
    if (strcmp(kind_names[i], name) == 0)
      return (signet_error_kind)i;
  return SIGNET_OK;
}

const char *signet_outcome_name(signet_outcome outcome)
{
  size_t count = sizeof outcome_names / sizeof outcome_names[0];
  return (size_t)outcome < count ? outcome_names[outcome] : "unknown";
}

/* vsnprintf cuts anywhere: take an unfinished character off the end. */
static void trim_character(char *text)
{
  size_t length = strlen(text);
  size_t begin = length;
  while (begin > 0 && begin + 3 > length &&
         ((unsigned char)text[begin - 1] & 0xC0) == 0x80)
    begin--;
  if (begin > 0 && (unsigned char)text[begin - 1] >= 0xC0 &&
      !signet_utf8_valid(text + begin - 1, length - begin + 1))
    text[begin - 1] = '\0';
}

bool signet_error_set(signet_error *error, signet_error_kind kind,
                      const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  error->kind = kind;
  int length =
      vsnprintf(error->message, sizeof error->message, format, arguments);
  va_end(arguments);
  if (length < 0)
    error->message[0] = '\0';
  if ((size_t)length >= sizeof error->message)
    trim_character(error->message);
  return false;
}

void signet_error_quote(signet_error *error, const char *text, size_t length)
{
  signet_text_escape(error->service_message, sizeof error->service_message,
                     text, length);
}
