/* SPDX-License-Identifier: MIT */
#include "account/outcome.h"

#include "account/account.h"
#include "account/no_reply.h"
#include "account/outcome_set.h"

#include "dialect/classify.h"
#include "model/error_fill.h"
#include "model/list.h"
#include "net/http_control.h"
#include "wire/scan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool signet_request_entry(const signet_call *call, signet_kind *kind)
{
  return signet_dialect_entry_path(call->path, kind);
}

/* ---- a whole reply that is no success ---- */

/* The service's own words and code, if the reply has them. */
static bool read_error(json_object *object, const char **message, int64_t *code)
{
  json_object *member;
  *message = "";
  *code = 0;
  if (!json_object_is_type(object, json_type_object))
    return false;
  bool coded = json_object_object_get_ex(object, "code", &member) &&
               signet_json_int64(member, code);
  if (json_object_object_get_ex(object, "message", &member) &&
      json_object_is_type(member, json_type_string))
    *message = json_object_get_string(member);
  return coded;
}

/* The beginning of a reply, for a message. */
static void show_reply(const signet_account *account, const char *reply,
                       size_t length, char *out, size_t size)
{
  signet_redact_escape(signet_http_redaction(account->http), out, size, reply,
                       length);
}

/* A server with TLS 1.2 asks for a certificate, and tells that it got none, or
 * one that it does not know, in nginx's pages only. */
static const char *advise_on_certificate(const char *reply, size_t length)
{
  static const char missing[] = "No required SSL certificate was sent";
  static const char unknown[] = "The SSL certificate error";
  if (memmem(reply, length, missing, sizeof missing - 1) != NULL)
    return "; the server wants a client certificate: name it with client_cert";
  if (memmem(reply, length, unknown, sizeof unknown - 1) != NULL)
    return "; the server does not accept the certificate of client_cert";
  return "";
}

static void describe_empty(const signet_exchange *exchange, char *out,
                           size_t size)
{
  if (exchange->undecoded)
    snprintf(out, size,
             "HTTP %d, but the reply isn't JSON: nothing of it can be decoded "
             "as its Content-Encoding says",
             exchange->status);
  else
    snprintf(out, size, "HTTP %d with an empty reply", exchange->status);
}

static void describe_foreign(const signet_account *account,
                             const signet_exchange *exchange, const char *reply,
                             size_t length, char *out, size_t size)
{
  char shown[100];
  show_reply(account, reply, length, shown, sizeof shown);
  if (exchange->redirect[0] != '\0')
    snprintf(out, size,
             "HTTP %d redirects to %s; redirects are not followed: set the "
             "base URL to where the service is",
             exchange->status, exchange->redirect);
  else if (length == 0)
    describe_empty(exchange, out, size);
  else
    snprintf(out, size, "HTTP %d with a reply that isn't the service's: %s%s%s",
             exchange->status, shown, length > sizeof shown - 1 ? "…" : "",
             exchange->status == 400 ? advise_on_certificate(reply, length)
                                     : "");
}

static const char *advice(signet_error_kind kind)
{
  switch (kind) {
  case SIGNET_ERROR_AUTH:
    return "; check the API key and secret, and that they belong to this base "
           "URL";
  default:
    return "";
  }
}

/* A complete reply below 500 is a no, except where a proxy may have lost the
 * true answer (408) or the answer points elsewhere after the fact (3xx). */
static bool is_refusal(int status, bool own)
{
  if (status == 307 || status == 308 || status == 401 || status == 403)
    return true;
  return own ? status < 500 && status != 408
             : status == 404 || status == 405 || status == 413;
}

int signet_outcome_status(const signet_step *step, const char *reply,
                          size_t length)
{
  const char *message, *problem;
  int64_t code;
  int status = step->http.exchange.status;
  json_object *object = signet_json_parse(reply, length, &problem);
  if (read_error(object, &message, &code))
    status = signet_classify_status(status, code);
  json_object_put(object);
  return status;
}

static void decide_error(const signet_account *account, signet_step *step,
                         json_object *object, const char *reply, size_t length)
{
  const signet_exchange *exchange = &step->http.exchange;
  const char *message;
  int64_t code;
  char reason[420];
  bool own = read_error(object, &message, &code);
  if (own) {
    show_reply(account, message, strlen(message),
               step->result.error->service_message,
               sizeof step->result.error->service_message);
    step->result.error->code = code;
  }
  int status =
      own ? signet_classify_status(exchange->status, code) : exchange->status;
  step->http.exchange.meaning = status;
  signet_error_kind kind = signet_classify(
      signet_dialect_row_of(account->dialect), status, code, message);
  bool no = own && code != 0; /* code 0 under a status of failure is none */
  if (!no && kind == SIGNET_ERROR_VALIDATION)
    kind = SIGNET_ERROR_SERVER;
  if (own)
    snprintf(reason, sizeof reason,
             "the service says \"%s\" (HTTP %d, code %" PRId64 ")%s",
             step->result.error->service_message, exchange->status, code,
             advice(kind));
  else
    describe_foreign(account, exchange, reply, length, reason, sizeof reason);
  if (!own && kind == SIGNET_ERROR_AUTH)
    strncat(reason, advice(kind), sizeof reason - strlen(reason) - 1);
  bool throttled =
      status == 429 || (exchange->status == 503 && !signet_step_writes(step));
  if (throttled)
    signet_outcome_set(step, kind, SIGNET_OUTCOME_THROTTLED, reason);
  else if (is_refusal(status, no))
    signet_outcome_set(step, kind, SIGNET_OUTCOME_REFUSED, reason);
  else
    signet_outcome_set_open(step, kind, reason);
}

/* ---- a success, if it holds what it must ---- */

static void set_applied(signet_step *step)
{
  step->result.error->kind = SIGNET_OK;
  step->result.error->outcome = SIGNET_OUTCOME_APPLIED;
  step->result.error->http_status = step->http.exchange.status;
}

/* Moves what the reply holds into the step. */
static bool take(const signet_account *account, signet_step *step,
                 json_object *object)
{
  if (step->request.verb == SIGNET_REQUEST)
    return true; /* the collected text is the result */
  signet_reply reply = {.verb = step->request.verb,
                        .kind = step->request.kind,
                        .id = step->request.id,
                        .fields = step->request.fields,
                        .max_list = account->settings.max_list};
  bool good = signet_dialect_row_of(account->dialect)->take(&reply, object);
  signet_list_release(step->result.list);
  step->result.list = reply.list;
  step->http.too_long = reply.too_long;
  step->http.no_memory = reply.no_memory;
  step->result.duplicates = reply.duplicates;
  memcpy(step->result.duplicate, reply.duplicate,
         sizeof step->result.duplicate);
  memcpy(step->result.new_id, reply.new_id, sizeof step->result.new_id);
  return good;
}

/* A body with a code that isn't 0 under status 200 is a no all the same. */
static bool is_hidden_error(const signet_step *step, json_object *object)
{
  const char *message;
  int64_t code;
  return step->request.verb != SIGNET_REQUEST &&
         read_error(object, &message, &code) && code != 0;
}

/* No by its status, yes by its words: what became of a write is open then. A
 * code 0 says yes, whatever else the reply lacks. */
static bool contradicts(const signet_account *account, signet_step *step,
                        json_object *object)
{
  const char *message;
  int64_t code;
  int status = step->http.exchange.status;
  bool coded = read_error(object, &message, &code);
  if ((status >= 200 && status < 300) || !signet_step_writes(step) ||
      (coded && code != 0))
    return false;
  return (step->request.verb != SIGNET_REQUEST &&
          take(account, step, object)) ||
         coded;
}

static void decide_success(const signet_account *account, signet_step *step,
                           json_object *object, const char *reply,
                           size_t length)
{
  char shown[100];
  char reason[420];
  bool taken = take(account, step, object);
  if (step->http.too_long) {
    signet_outcome_describe_limit(account, step, reason, sizeof reason);
    signet_outcome_set_open(step, SIGNET_ERROR_LIMIT, reason);
  } else if (step->http.no_memory) {
    signet_outcome_set_open(step, SIGNET_ERROR_MEMORY, SIGNET_REPLY_NO_MEMORY);
  } else if (!taken) {
    show_reply(account, reply, length, shown, sizeof shown);
    snprintf(reason, sizeof reason,
             "HTTP %d, but the reply lacks what it must hold: %s%s",
             step->http.exchange.status, shown,
             length > sizeof shown - 1 ? "…" : "");
    signet_outcome_set_open(step, SIGNET_ERROR_SERVER, reason);
  } else {
    set_applied(step);
  }
}

static void decide_streamed_list(signet_step *step)
{
  char reason[420];
  if (signet_list_reader_finish(step->http.reader)) {
    signet_list_seal(step->result.list);
    set_applied(step);
    return;
  }
  snprintf(reason, sizeof reason, "the reply can't be read: %s",
           step->http.reader->problem);
  signet_outcome_set_open(step, signet_outcome_reader_kind(step->http.reader),
                          reason);
}

static void decide_reply(const signet_account *account, signet_step *step,
                         const char *reply, size_t length)
{
  int status = step->http.exchange.status;
  const char *problem;
  char reason[420];
  json_object *object = signet_json_parse(reply, length, &problem);
  if (object != NULL && signet_step_writes(step) &&
      signet_json_repeats(reply, length, "code")) {
    snprintf(reason, sizeof reason,
             "HTTP %d, but the reply has more than one code", status);
    signet_outcome_set_open(step, SIGNET_ERROR_SERVER, reason);
  } else if (contradicts(account, step, object)) {
    snprintf(reason, sizeof reason,
             "HTTP %d, but the reply says that it worked", status);
    signet_outcome_set_open(step, SIGNET_ERROR_SERVER, reason);
  } else if (status < 200 || status >= 300 || is_hidden_error(step, object)) {
    decide_error(account, step, object, reply, length);
  } else if (signet_json_ran_out(problem)) {
    signet_outcome_set_open(step, SIGNET_ERROR_MEMORY, SIGNET_REPLY_NO_MEMORY);
  } else if (length == 0) {
    describe_empty(&step->http.exchange, reason, sizeof reason);
    signet_outcome_set_open(step, SIGNET_ERROR_SERVER, reason);
  } else if (signet_json_is_too_deep(problem)) {
    snprintf(reason, sizeof reason, "the reply can't be read: %s", problem);
    signet_outcome_set_open(step, SIGNET_ERROR_LIMIT, reason);
  } else if (problem != NULL) {
    char shown[100];
    show_reply(account, reply, length, shown, sizeof shown);
    snprintf(reason, sizeof reason,
             "HTTP %d, but the reply isn't JSON: %s: %s%s", status, problem,
             shown, length > sizeof shown - 1 ? "…" : "");
    signet_outcome_set_open(step, SIGNET_ERROR_SERVER, reason);
  } else {
    decide_success(account, step, object, reply, length);
  }
  json_object_put(object);
}

/* Nearly every write is answered with just this text; comparing it costs a
 * hundredth of parsing it. */
static bool is_usual_success(const signet_account *account,
                             const signet_step *step, const char *reply,
                             size_t length)
{
  const char *usual = signet_dialect_row_of(account->dialect)->usual;
  return usual != NULL &&
         (step->request.verb == SIGNET_UPDATE ||
          step->request.verb == SIGNET_DELETE) &&
         step->http.exchange.status == 200 && length == strlen(usual) &&
         memcmp(reply, usual, length) == 0;
}

void signet_outcome_decide(const signet_account *account, signet_step *step,
                           const char *reply, size_t length)
{
  if (step->http.exchange.failure != SIGNET_EXCHANGE_COMPLETE)
    signet_outcome_no_reply(account, step);
  else if (step->http.reading)
    decide_streamed_list(step);
  else if (is_usual_success(account, step, reply, length))
    set_applied(step);
  else
    decide_reply(account, step, reply, length);
  if (step->result.error->kind != SIGNET_OK) {
    signet_list_release(step->result.list);
    step->result.list = NULL;
  }
}

/* Whatever the last attempt came to, one before it may have worked. */
void signet_outcome_leave_open(signet_error *error)
{
  char reason[sizeof error->message];
  error->outcome = SIGNET_OUTCOME_UNKNOWN;
  error->retryable = false;
  if (error->kind == SIGNET_ERROR_UNKNOWN_OUTCOME)
    return;
  snprintf(reason, sizeof reason, "%s", error->message);
  signet_error_set(error, SIGNET_ERROR_UNKNOWN_OUTCOME,
                   "it is unknown whether an earlier attempt took effect: %s",
                   reason);
}
