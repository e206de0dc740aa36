/* SPDX-License-Identifier: MIT */
#include "account/protect.h"
#include "account/account.h"

#include "account/outcome.h"
#include "model/error_fill.h"
#include "model/form.h"
#include "model/memory.h"

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

/* What a protection came to. */
typedef enum finding { FREE, PROTECTED, NO_MEMORY } finding;

/* Names that look the same are protected alike. The pattern that matches stands
 * in `pattern` then. */
static finding find_name(const char *list, const char *name, size_t length,
                         char *pattern, size_t size)
{
  char *shape = signet_form_skeleton(name, length);
  finding found = shape == NULL ? NO_MEMORY : FREE;
  while (list != NULL && found == FREE) {
    list = next_part(list, pattern, size);
    char *wanted = signet_form_skeleton(pattern, strlen(pattern));
    if (wanted == NULL)
      found = NO_MEMORY;
    else if (wanted[0] != '\0' &&
             (fnmatch(wanted, shape, 0) == 0 || fnmatch(pattern, name, 0) == 0))
      found = PROTECTED;
    signet_memory_free(wanted);
  }
  signet_memory_free(shape);
  return found;
}

/* What protects an entry, as text. */
typedef struct reason {
  char text[PATTERN_SIZE + 80];
} reason;

static finding find_field(const signet_account *account,
                          const signet_record *record, const char *field,
                          const char *whose, reason *why)
{
  char pattern[PATTERN_SIZE], name[PATTERN_SIZE * 4];
  signet_value value;
  if (account->settings.protect_name == NULL || record == NULL ||
      !signet_record_get(record, field, &value))
    return FREE;
  if (value.type == SIGNET_NULL) {
    snprintf(why->text, sizeof why->text,
             "the service shows no name of %s, which may be protected by "
             "protect_name = %.*s",
             whose, PATTERN_SIZE / 2, account->settings.protect_name);
    return PROTECTED;
  }
  if (value.type != SIGNET_STRING)
    return FREE;
  snprintf(name, sizeof name, "%.*s", (int)value.as.text.length,
           value.as.text.data);
  finding found = find_name(account->settings.protect_name, name, strlen(name),
                            pattern, sizeof pattern);
  if (found == PROTECTED)
    snprintf(why->text, sizeof why->text,
             "%s is protected by protect_name = %s", whose, pattern);
  return found;
}

/* A template goes with its signature: who protects that one, protects it from
 * being deleted. Where the template doesn't show the name, a list may have. */
static finding find_signature(const signet_account *account,
                              const signet_record *template, reason *why)
{
  static const char whose[] = "its signature";
  char sign[24] = "";
  signet_value value;
  if (signet_record_get(template, "sign_id", &value)) {
    if (value.type == SIGNET_STRING)
      snprintf(sign, sizeof sign, "%.*s", (int)value.as.text.length,
               value.as.text.data);
    else if (value.type == SIGNET_INTEGER)
      snprintf(sign, sizeof sign, "%lld", (long long)value.as.integer);
  }
  if (sign[0] == '\0')
    return FREE;
  if (has_id(account->settings.protect_id, sign)) {
    snprintf(why->text, sizeof why->text, "%s is protected by protect_id = %s",
             whose, sign);
    return PROTECTED;
  }
  if (signet_record_get(template, "sign_name", &value) &&
      value.type == SIGNET_STRING)
    return find_field(account, template, "sign_name", whose, why);
  return find_field(
      account,
      signet_images_find(&account->kinds[SIGNET_SIGN].images, sign, NULL),
      "sign_name", whose, why);
}

static finding find(const signet_account *account, const signet_record *record,
                    bool deletes, reason *why)
{
  signet_kind kind = signet_record_kind(record);
  char room[24];
  const char *id = signet_record_id(record, room, sizeof room);
  if (id != NULL && has_id(account->settings.protect_id, id)) {
    snprintf(why->text, sizeof why->text, "it is protected by protect_id = %s",
             id);
    return PROTECTED;
  }
  finding found = find_field(
      account, record, kind == SIGNET_SIGN ? "sign_name" : "template_name",
      "it", why);
  return found == FREE && deletes && kind == SIGNET_TEMPLATE
             ? find_signature(account, record, why)
             : found;
}

bool signet_account_protects(const signet_account *account,
                             const signet_record *record, bool deletes,
                             signet_error *error)
{
  reason why;
  signet_error_init(error);
  if (account->settings.protect_id == NULL &&
      account->settings.protect_name == NULL)
    return false;
  switch (find(account, record, deletes, &why)) {
  case FREE:
    return false;
  case PROTECTED:
    error->outcome = SIGNET_OUTCOME_NOT_SENT;
    signet_error_set(error, SIGNET_ERROR_REFUSED, "%s of the profile",
                     why.text);
    return true;
  default:
    signet_error_set(error, SIGNET_ERROR_MEMORY, "out of memory");
    return true;
  }
}

static bool refuse_request(signet_call *call)
{
  const signet_account *account = call->account;
  if ((account->settings.protect_id == NULL &&
       account->settings.protect_name == NULL) ||
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
  if (call->verb == SIGNET_CREATE ||
      !has_id(call->account->settings.protect_id, call->id))
    return false;
  call->error.outcome = SIGNET_OUTCOME_NOT_SENT;
  signet_call_fail(call, SIGNET_ERROR_REFUSED,
                   "it is protected by protect_id = %s of the profile",
                   call->id);
  return true;
}

bool signet_protect_reads(const signet_call *call)
{
  const signet_account *account = call->account;
  return account->settings.protect_name != NULL ||
         (account->settings.protect_id != NULL && call->verb == SIGNET_DELETE &&
          call->kind == SIGNET_TEMPLATE);
}

bool signet_protect_refuse_entry(signet_call *call, const signet_record *before)
{
  signet_error error;
  if (!signet_account_protects(call->account, before,
                               call->verb == SIGNET_DELETE, &error))
    return false;
  call->error.outcome = SIGNET_OUTCOME_NOT_SENT;
  signet_call_fail(call, error.kind, "%s", error.message);
  return true;
}
