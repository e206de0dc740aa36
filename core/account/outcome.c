/* SPDX-License-Identifier: MIT */
#include "account/outcome.h"

#include "account/account.h"

#include "dialect/classify.h"
#include "model/error_fill.h"
#include "model/list.h"
#include "wire/scan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char no_memory[] = "the reply can't be kept: out of memory";

static const char *const gerunds[] = {
    [SIGNET_LIST] = "listing",        [SIGNET_GET] = "reading",
    [SIGNET_CREATE] = "creating",     [SIGNET_UPDATE] = "updating",
    [SIGNET_DELETE] = "deleting",     [SIGNET_WAIT] = "waiting for",
    [SIGNET_REQUEST] = "the request",
};

void signet_call_phrase(signet_verb verb, signet_kind kind, const char *id,
                        char *out, size_t size)
{
  const char *word = signet_kind_word(kind);
  const char *gerund = gerunds[verb];
  if (verb == SIGNET_REQUEST)
    snprintf(out, size, "%s", gerund);
  else if (verb == SIGNET_LIST)
    snprintf(out, size, "%s %ss", gerund, word);
  else if (verb == SIGNET_CREATE || id == NULL || id[0] == '\0')
    snprintf(out, size, "%s a %s", gerund, word);
  else
    snprintf(out, size, "%s %s %s", gerund, word, id);
}

static bool verb_writes(signet_verb verb, const char *method)
{
  if (verb == SIGNET_REQUEST)
    return strcmp(method, "GET") != 0;
  return verb == SIGNET_CREATE || verb == SIGNET_UPDATE ||
         verb == SIGNET_DELETE;
}

bool signet_step_writes(const signet_step *step)
{
  return verb_writes(step->request.verb, step->request.method);
}

bool signet_call_writes(const signet_call *call)
{
  return verb_writes(call->verb, call->method);
}

bool signet_request_entry(const signet_call *call, signet_kind *kind)
{
  return signet_dialect_entry_path(call->path, kind);
}

/* Fills the error: "updating signature 1: " and `reason`. */
static void set(signet_step *step, signet_error_kind kind,
                signet_outcome outcome, const char *reason)
{
  char phrase[80];
  signet_error *error = step->result.error;
  signet_call_phrase(step->request.verb, step->request.kind, step->request.id,
                     phrase, sizeof phrase);
  signet_error_set(error, kind, "%s: %s", phrase, reason);
  error->outcome = outcome;
  error->http_status = step->http.exchange.status;
  error->retry_after_ms = step->http.exchange.retry_after_ms;
  error->retryable =
      outcome == SIGNET_OUTCOME_NOT_SENT ||
      outcome == SIGNET_OUTCOME_THROTTLED ||
      (!signet_step_writes(step) &&
       (kind == SIGNET_ERROR_NETWORK || kind == SIGNET_ERROR_TIMEOUT ||
        kind == SIGNET_ERROR_SERVER));
}

/* Something that leaves open whether the request had its effect. A read has
 * none: its error is just what happened. */
static void set_open(signet_step *step, signet_error_kind kind,
                     const char *reason)
{
  char text[440];
  if (!signet_step_writes(step)) {
    set(step, kind, SIGNET_OUTCOME_UNKNOWN, reason);
    return;
  }
  snprintf(text, sizeof text,
           "it is unknown whether this took effect: %s; read the entry back "
           "before trying again",
           reason);
  set(step, SIGNET_ERROR_UNKNOWN_OUTCOME, SIGNET_OUTCOME_UNKNOWN, text);
}

/* ---- no whole reply ---- */

static signet_error_kind reader_kind(const signet_list_reader *reader)
{
  if (reader->memory)
    return SIGNET_ERROR_MEMORY;
  return reader->limit ? SIGNET_ERROR_LIMIT : SIGNET_ERROR_SERVER;
}

/* Why the body was not taken. */
static signet_error_kind sink_kind(const signet_step *step)
{
  if (step->http.no_memory)
    return SIGNET_ERROR_MEMORY;
  return step->http.reading && !step->http.too_long
             ? reader_kind(step->http.reader)
             : SIGNET_ERROR_LIMIT;
}

static signet_error_kind failure_kind(const signet_step *step)
{
  switch (step->http.exchange.failure) {
  case SIGNET_EXCHANGE_TIMED_OUT:
    return SIGNET_ERROR_TIMEOUT;
  case SIGNET_EXCHANGE_TOO_LARGE:
  case SIGNET_EXCHANGE_HEADERS_TOO_LARGE:
    return SIGNET_ERROR_LIMIT;
  case SIGNET_EXCHANGE_SINK:
    return sink_kind(step);
  case SIGNET_EXCHANGE_CANCELLED:
    return SIGNET_ERROR_CANCELLED;
  case SIGNET_EXCHANGE_SETTINGS:
    return SIGNET_ERROR_CONFIGURATION;
  case SIGNET_EXCHANGE_MEMORY:
    return SIGNET_ERROR_MEMORY;
  default:
    return SIGNET_ERROR_NETWORK;
  }
}

static void describe_limit(const signet_account *account,
                           const signet_step *step, char *out, size_t size)
{
  if (step->http.too_long)
    snprintf(out, size,
             "the list has more entries than the limit of %u (max_list)",
             account->settings.max_list);
  else if (step->http.exchange.failure == SIGNET_EXCHANGE_HEADERS_TOO_LARGE)
    snprintf(out, size,
             "the reply's headers are larger than the limit of %zu bytes "
             "(max_header)",
             account->settings.max_header_bytes);
  else if (step->http.exchange.failure == SIGNET_EXCHANGE_TOO_LARGE)
    snprintf(out, size,
             "the reply is larger than the limit of %zu bytes "
             "(max_reply)",
             account->settings.max_reply_bytes);
  else
    snprintf(out, size,
             "the reply is larger than the limit of %zu bytes for what is no "
             "list",
             step->result.reply.maximum);
}

static void describe_no_connection(const char *url,
                                   const signet_exchange *exchange, char *out,
                                   size_t size)
{
  snprintf(out, size, "no connection to %s: %s%s", url, exchange->problem,
           exchange->sent ? "" : "; nothing was sent");
}

static void describe_failure(const signet_account *account,
                             const signet_step *step, char *out, size_t size)
{
  const signet_exchange *exchange = &step->http.exchange;
  const char *url = signet_http_url(account->http);
  switch (exchange->failure) {
  case SIGNET_EXCHANGE_SINK:
    if (step->http.no_memory) {
      snprintf(out, size, "%s", no_memory);
      return;
    }
    if (step->http.reading && !step->http.too_long) {
      snprintf(out, size, "the reply can't be read: %s",
               step->http.reader->problem);
      return;
    }
    /* fall through */
  case SIGNET_EXCHANGE_TOO_LARGE:
  case SIGNET_EXCHANGE_HEADERS_TOO_LARGE:
    describe_limit(account, step, out, size);
    return;
  case SIGNET_EXCHANGE_CANCELLED:
    snprintf(out, size, "it was cancelled");
    return;
  case SIGNET_EXCHANGE_AWAY:
    snprintf(out, size,
             "%s has not worked for longer than is waited for (outage): %s; "
             "nothing was sent",
             url, exchange->problem);
    return;
  case SIGNET_EXCHANGE_TLS:
  case SIGNET_EXCHANGE_SETTINGS:
    describe_no_connection(url, exchange, out, size);
    return;
  case SIGNET_EXCHANGE_NETWORK:
    if (!exchange->sent) {
      describe_no_connection(url, exchange, out, size);
      return;
    }
    /* fall through */
  default:
    snprintf(out, size, "no whole reply from %s: %s", url, exchange->problem);
  }
}

static void decide_failure(const signet_account *account, signet_step *step)
{
  const signet_exchange *exchange = &step->http.exchange;
  signet_error_kind kind = failure_kind(step);
  char reason[420];
  describe_failure(account, step, reason, sizeof reason);
  if (!exchange->sent)
    set(step, kind, SIGNET_OUTCOME_NOT_SENT, reason);
  else
    set_open(step, kind, reason);
  if (kind == SIGNET_ERROR_CANCELLED || kind == SIGNET_ERROR_CONFIGURATION ||
      exchange->failure == SIGNET_EXCHANGE_TLS)
    step->result.error->retryable = false;
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
    set(step, kind, SIGNET_OUTCOME_THROTTLED, reason);
  else if (is_refusal(status, no))
    set(step, kind, SIGNET_OUTCOME_REFUSED, reason);
  else
    set_open(step, kind, reason);
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
    describe_limit(account, step, reason, sizeof reason);
    set_open(step, SIGNET_ERROR_LIMIT, reason);
  } else if (step->http.no_memory) {
    set_open(step, SIGNET_ERROR_MEMORY, no_memory);
  } else if (!taken) {
    show_reply(account, reply, length, shown, sizeof shown);
    snprintf(reason, sizeof reason,
             "HTTP %d, but the reply lacks what it must hold: %s%s",
             step->http.exchange.status, shown,
             length > sizeof shown - 1 ? "…" : "");
    set_open(step, SIGNET_ERROR_SERVER, reason);
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
  set_open(step, reader_kind(step->http.reader), reason);
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
    set_open(step, SIGNET_ERROR_SERVER, reason);
  } else if (contradicts(account, step, object)) {
    snprintf(reason, sizeof reason,
             "HTTP %d, but the reply says that it worked", status);
    set_open(step, SIGNET_ERROR_SERVER, reason);
  } else if (status < 200 || status >= 300 || is_hidden_error(step, object)) {
    decide_error(account, step, object, reply, length);
  } else if (signet_json_ran_out(problem)) {
    set_open(step, SIGNET_ERROR_MEMORY, no_memory);
  } else if (length == 0) {
    describe_empty(&step->http.exchange, reason, sizeof reason);
    set_open(step, SIGNET_ERROR_SERVER, reason);
  } else if (signet_json_is_too_deep(problem)) {
    snprintf(reason, sizeof reason, "the reply can't be read: %s", problem);
    set_open(step, SIGNET_ERROR_LIMIT, reason);
  } else if (problem != NULL) {
    char shown[100];
    show_reply(account, reply, length, shown, sizeof shown);
    snprintf(reason, sizeof reason,
             "HTTP %d, but the reply isn't JSON: %s: %s%s", status, problem,
             shown, length > sizeof shown - 1 ? "…" : "");
    set_open(step, SIGNET_ERROR_SERVER, reason);
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
    decide_failure(account, step);
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
