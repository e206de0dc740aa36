/* SPDX-License-Identifier: MIT */
#include "account/check.h"

#include "account/account.h"
#include "account/outcome.h"
#include "account/outcome_set.h"
#include "account/template.h"
#include "model/error_fill.h"
#include "model/memory.h"
#include "model/text.h"

#include <string.h>

bool signet_check_held(signet_call *call)
{
  if (!call->account->held)
    return false;
  call->error.outcome = SIGNET_OUTCOME_NOT_SENT;
  signet_call_fail(call, SIGNET_ERROR_CANCELLED,
                   "nothing new is started after an interrupt");
  return true;
}

static bool fail_rule(signet_call *call, const signet_violation *violation)
{
  const char *page = signet_rule_page(violation->rule);
  if (page[0] != '\0')
    signet_call_fail(call, SIGNET_ERROR_VALIDATION,
                     "%s (rule %s of the page \"%s\")", violation->text,
                     signet_rule_name(violation->rule), page);
  else
    signet_call_fail(call, SIGNET_ERROR_VALIDATION, "%s (rule %s)",
                     violation->text, signet_rule_name(violation->rule));
  return false;
}

void signet_check_break_rule(signet_call *call,
                             const signet_violation *violation)
{
  fail_rule(call, violation);
}

static bool check_id(signet_call *call, const signet_operation *operation)
{
  signet_violation violation;
  const char *id = operation->id != NULL ? operation->id : "";
  /* What is no id never comes near a path or a message. */
  if (!signet_rule_check_id(id, operation->id_length, &violation))
    return fail_rule(call, &violation);
  memcpy(call->id, id, operation->id_length);
  return true;
}

static bool check_dialect(signet_call *call)
{
  const signet_dialect_row *dialect =
      signet_dialect_row_of(call->account->dialect);
  bool has_kind = signet_dialect_has(call->account->dialect, call->kind);
  if (has_kind && (dialect->reviews || call->verb != SIGNET_WAIT))
    return true;
  signet_call_fail(call, SIGNET_ERROR_UNSUPPORTED,
                   has_kind ? "the %s API shows no review states to wait for"
                            : "the %s API has no templates",
                   dialect->name);
  return false;
}

static bool check_fields(signet_call *call)
{
  signet_violation violation;
  if (call->kind == SIGNET_TEMPLATE &&
      !signet_template_normalise(call->fields)) {
    signet_call_fail(call, SIGNET_ERROR_MEMORY, "out of memory");
    return false;
  }
  bool partial = call->kind == SIGNET_TEMPLATE && call->verb == SIGNET_UPDATE;
  bool good =
      partial ? signet_rule_check_partial(call->kind, call->fields, &violation)
              : signet_rule_check_entry(call->kind, call->fields, &violation);
  if (!good)
    return fail_rule(call, &violation);
  if (partial && signet_fields_count(call->fields) == 0) {
    signet_call_fail(call, SIGNET_ERROR_VALIDATION,
                     "no field to change is given");
    return false;
  }
  if (signet_rule_doubt(call->kind, call->fields, &violation))
    call->warning = signet_memory_text(violation.text, strlen(violation.text));
  return true;
}

/* "rejected" is as good as 3 in a filter. */
static bool check_filter(signet_call *call)
{
  signet_value value;
  if (!signet_fields_get(call->fields, "status", &value) ||
      value.type != SIGNET_STRING)
    return true;
  int status = signet_status_number(value.as.text.data);
  if (status == 0) {
    char shown[64];
    signet_text_escape(shown, sizeof shown, value.as.text.data,
                       value.as.text.length);
    signet_call_fail(call, SIGNET_ERROR_VALIDATION,
                     "\"%s\" is no status: pending, approved, rejected, or a "
                     "number",
                     shown);
    return false;
  }
  if (signet_fields_set_integer(call->fields, "status", status))
    return true;
  signet_call_fail(call, SIGNET_ERROR_MEMORY, "out of memory");
  return false;
}

static bool is_method(const char *method)
{
  return method != NULL &&
         (strcmp(method, "GET") == 0 || strcmp(method, "POST") == 0 ||
          strcmp(method, "PUT") == 0 || strcmp(method, "DELETE") == 0);
}

/* A path goes to the service as it is, so it must be one already. */
static bool is_path(const char *path)
{
  if (path == NULL || path[0] != '/' || strlen(path) >= SIGNET_PATH_MAXIMUM)
    return false;
  for (const char *at = path; *at != '\0'; at++)
    if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7F || *at == '#')
      return false;
  for (const char *at = strstr(path, "/."); at != NULL;
       at = strstr(at + 1, "/.")) {
    size_t dots = strspn(at + 1, ".");
    char after = at[1 + dots];
    if (dots <= 2 && (after == '\0' || after == '/' || after == '?'))
      return false;
  }
  return true;
}

static bool check_request(signet_call *call)
{
  if (!is_method(call->method)) {
    signet_call_fail(call, SIGNET_ERROR_VALIDATION,
                     "the method must be GET, POST, PUT or DELETE");
    return false;
  }
  if (!is_path(call->path)) {
    signet_call_fail(call, SIGNET_ERROR_VALIDATION,
                     "the path must begin with a slash and hold neither "
                     "spaces, \"#\", \"..\" nor characters that need "
                     "percent-encoding");
    return false;
  }
  /* What a request is, is decided by what leaves: with a body a GET would be a
   * write that nobody takes for one. */
  if (call->body != NULL && !signet_call_writes(call)) {
    signet_call_fail(call, SIGNET_ERROR_VALIDATION,
                     "a GET has no body: leave it out, or name the method that "
                     "the body is for");
    return false;
  }
  return true;
}

bool signet_check(signet_call *call, const signet_operation *operation)
{
  if (signet_check_held(call))
    return false;
  if (call->verb != SIGNET_REQUEST && !check_dialect(call))
    return false;
  switch (call->verb) {
  case SIGNET_LIST:
    return check_filter(call);
  case SIGNET_CREATE:
    return check_fields(call);
  case SIGNET_UPDATE:
    return check_id(call, operation) && check_fields(call);
  case SIGNET_REQUEST:
    return check_request(call);
  default:
    return check_id(call, operation);
  }
}

bool signet_check_pending(signet_call *call, const signet_record *record)
{
  if (signet_record_integer(record, "status", 0) != SIGNET_STATUS_PENDING)
    return false;
  signet_call_fail(call, SIGNET_ERROR_PENDING,
                   "it waits for review and can't be updated until that is "
                   "decided");
  return true;
}
