/* SPDX-License-Identifier: MIT */
/* The sentences that errors begin with, and whether they leave an outcome open.
 */
#include "account/outcome_set.h"

#include "account/call.h"
#include "model/error_fill.h"

#include <stdio.h>
#include <string.h>

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

void signet_outcome_set(signet_step *step, signet_error_kind kind,
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

void signet_outcome_set_open(signet_step *step, signet_error_kind kind,
                             const char *reason)
{
  char text[440];
  if (!signet_step_writes(step)) {
    signet_outcome_set(step, kind, SIGNET_OUTCOME_UNKNOWN, reason);
    return;
  }
  snprintf(text, sizeof text,
           "it is unknown whether this took effect: %s; read the entry back "
           "before trying again",
           reason);
  signet_outcome_set(step, SIGNET_ERROR_UNKNOWN_OUTCOME, SIGNET_OUTCOME_UNKNOWN,
                     text);
}
