/* SPDX-License-Identifier: MIT */
#include "account/no_reply.h"

#include "account/account.h"
#include "account/outcome_set.h"

#include <stdio.h>

signet_error_kind signet_outcome_reader_kind(const signet_list_reader *reader)
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
             ? signet_outcome_reader_kind(step->http.reader)
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

void signet_outcome_describe_limit(const signet_account *account,
                                   const signet_step *step, char *out,
                                   size_t size)
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
      snprintf(out, size, "%s", SIGNET_REPLY_NO_MEMORY);
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
    signet_outcome_describe_limit(account, step, out, size);
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

void signet_outcome_no_reply(const signet_account *account, signet_step *step)
{
  const signet_exchange *exchange = &step->http.exchange;
  signet_error_kind kind = failure_kind(step);
  char reason[420];
  describe_failure(account, step, reason, sizeof reason);
  if (!exchange->sent)
    signet_outcome_set(step, kind, SIGNET_OUTCOME_NOT_SENT, reason);
  else
    signet_outcome_set_open(step, kind, reason);
  if (kind == SIGNET_ERROR_CANCELLED || kind == SIGNET_ERROR_CONFIGURATION ||
      exchange->failure == SIGNET_EXCHANGE_TLS)
    step->result.error->retryable = false;
}
