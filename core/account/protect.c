/* SPDX-License-Identifier: MIT */
#include "account/protect.h"

#include "account/outcome.h"
#include "model/error_fill.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

enum { PATTERN_SIZE = 256 };

/* The next part of a list that commas separate, without the spaces around it.
 * @return what follows, NULL at the end */
static const char *next_part(const char *list, char *part, size_t size)
{
  size_t length = strcspn(list, ",");
  const char *next = list[length] == ',' ? list + length + 1 : NULL;
  while (length > 0 && *list == ' ') {
    list++;
    length--;
  }
  while (length > 0 && list[length - 1] == ' ')
    length--;
  snprintf(part, size, "%.*s", (int)length, list);
  return next;
}

static bool has_id(const char *list, const char *id)
{
  char part[PATTERN_SIZE];
  while (list != NULL) {
    list = next_part(list, part, sizeof part);
    if (strcmp(part, id) == 0)
      return true;
  }
  return false;
}

/* The pattern that matches stands in `pattern` then. */
static bool has_name(const char *list, const char *name, char *pattern,
                     size_t size)
{
  while (list != NULL) {
    list = next_part(list, pattern, size);
    if (pattern[0] != '\0' && fnmatch(pattern, name, 0) == 0)
      return true;
  }
  return false;
}

static bool refuse(signet_call *call, const char *what, const char *value)
{
  call->error.outcome = SIGNET_OUTCOME_NOT_SENT;
  signet_call_fail(call, SIGNET_ERROR_REFUSED,
                   "it is protected by %s = %s of the profile", what, value);
  return true;
}

bool signet_request_entry(const signet_call *call, signet_kind *kind)
{
  static const struct {
    const char *prefix;
    signet_kind kind;
  } places[] = {{"/v1/sign-configs/", SIGNET_SIGN},
                {"/v1/signs/", SIGNET_SIGN},
                {"/v1/template-configs/", SIGNET_TEMPLATE}};
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    *kind = places[i].kind;
    if (strncmp(call->path, places[i].prefix, strlen(places[i].prefix)) == 0)
      return true;
  }
  return false;
}

/* A path has many spellings, so nothing is read from it. */
static bool refuse_request(signet_call *call)
{
  const signet_account *account = call->account;
  if ((account->protect_id == NULL && account->protect_name == NULL) ||
      strcmp(call->method, "POST") == 0)
    return false;
  call->error.outcome = SIGNET_OUTCOME_NOT_SENT;
  signet_call_fail(call, SIGNET_ERROR_REFUSED,
                   "the profile protects entries, and a raw %s can't be "
                   "checked for them: use signs or templates",
                   call->method);
  return true;
}

bool signet_protect_refuse_id(signet_call *call)
{
  if (call->verb == SIGNET_REQUEST)
    return refuse_request(call);
  return call->verb != SIGNET_CREATE &&
         has_id(call->account->protect_id, call->id) &&
         refuse(call, "protect_id", call->id);
}

static bool name_matches(const signet_account *account, signet_kind kind,
                         const signet_record *record, char *pattern,
                         size_t size)
{
  char name[PATTERN_SIZE * 4];
  signet_value value;
  const char *field = kind == SIGNET_SIGN ? "sign_name" : "template_name";
  if (account->protect_name == NULL ||
      !signet_record_get(record, field, &value) || value.type != SIGNET_STRING)
    return false;
  snprintf(name, sizeof name, "%.*s", (int)value.as.text.length,
           value.as.text.data);
  return has_name(account->protect_name, name, pattern, size);
}

bool signet_protect_entry(const signet_account *account, signet_kind kind,
                          const char *id, const signet_record *record,
                          char *reason, size_t size)
{
  char pattern[PATTERN_SIZE];
  bool by_id = has_id(account->protect_id, id);
  if (!by_id && !name_matches(account, kind, record, pattern, sizeof pattern))
    return false;
  snprintf(reason, size, "it is protected by %s = %s of the profile",
           by_id ? "protect_id" : "protect_name", by_id ? id : pattern);
  return true;
}

bool signet_protect_refuse_name(signet_call *call, const signet_record *before)
{
  char pattern[PATTERN_SIZE];
  return name_matches(call->account, call->kind, before, pattern,
                      sizeof pattern) &&
         refuse(call, "protect_name", pattern);
}
