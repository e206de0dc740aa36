/* SPDX-License-Identifier: MIT */
/* Both HTTP dialects as a backend: what a step's request looks like, and where
 * its reply goes. */
#include "account/backend_http.h"

#include "account/account.h"
#include "account/clock.h"
#include "account/details.h"
#include "account/hold.h"
#include "account/outcome.h"
#include "account/outcome_set.h"
#include "account/recorder.h"
#include "account/retry.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/list.h"
#include "model/memory.h"
#include "net/post.h"
#include "wire/json_write.h"

#include <stdio.h>
#include <string.h>

enum { REPLY_MAXIMUM = 4 << 20, REQUEST_MAXIMUM = 1 << 20 };

static const char *method_of(const signet_step *step)
{
  switch (step->request.verb) {
  case SIGNET_CREATE:
    return "POST";
  case SIGNET_UPDATE:
    return "PUT";
  case SIGNET_DELETE:
    return "DELETE";
  case SIGNET_REQUEST:
    return step->request.method;
  default:
    return "GET";
  }
}

static void append_percent(signet_buffer *out, const signet_value *text)
{
  for (size_t i = 0; i < text->as.text.length; i++) {
    unsigned char byte = (unsigned char)text->as.text.data[i];
    bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                 (byte >= 'a' && byte <= 'z') || strchr("-._~", byte) != NULL;
    if (plain && byte != '\0')
      signet_buffer_append(out, (const char *)&byte, 1);
    else
      signet_buffer_format(out, "%%%02X", byte);
  }
}

static bool make_target(const signet_account *account, signet_step *step)
{
  const signet_dialect_row *dialect = signet_dialect_row_of(account->dialect);
  signet_buffer target;
  signet_value name;
  size_t length;
  signet_buffer_init(&target, SIGNET_PATH_MAXIMUM);
  if (step->request.verb == SIGNET_REQUEST) {
    signet_buffer_string(&target, step->request.path);
  } else {
    signet_buffer_string(&target, dialect->collections[step->request.kind]);
    if (step->request.verb != SIGNET_LIST &&
        step->request.verb != SIGNET_CREATE) {
      signet_buffer_string(&target, "/");
      signet_buffer_string(&target, step->request.id);
    } else if (step->request.verb == SIGNET_LIST &&
               dialect->list_filter != NULL &&
               signet_fields_get(step->request.fields, dialect->list_filter,
                                 &name) &&
               name.type == SIGNET_STRING) {
      signet_buffer_format(&target, "?%s=", dialect->list_filter);
      append_percent(&target, &name);
    }
  }
  step->http.target = signet_buffer_take(&target, &length);
  return step->http.target != NULL;
}

static bool make_request(const signet_account *account, signet_step *step)
{
  if (!make_target(account, step))
    return false;
  signet_exchange *exchange = &step->http.exchange;
  exchange->method = method_of(step);
  exchange->path = step->http.target;
  exchange->body = NULL;
  exchange->body_length = 0;
  if (step->request.verb == SIGNET_REQUEST) {
    exchange->body = step->request.body;
    exchange->body_length = step->request.body_length;
  } else if (step->request.verb == SIGNET_CREATE ||
             step->request.verb == SIGNET_UPDATE) {
    signet_buffer_clear(&step->http.body);
    signet_json_write_fields(&step->http.body, step->request.fields);
    exchange->body = step->http.body.data;
    exchange->body_length = step->http.body.length;
  }
  return !step->http.body.failed;
}

static void drop_reader(signet_step *step)
{
  if (step->http.reader != NULL)
    signet_list_reader_free(step->http.reader);
  signet_memory_free(step->http.reader);
  step->http.reader = NULL;
}

/* A bare list is read as it comes; everything else is small. */
static bool begin_list(signet_step *step)
{
  step->result.list = signet_list_new(step->request.kind);
  step->http.reader = signet_memory_zeroed(1, sizeof *step->http.reader);
  step->http.reading =
      step->result.list != NULL && step->http.reader != NULL &&
      signet_list_reader_init(step->http.reader, step->result.list,
                              step->request.fields);
  if (!step->http.reading)
    drop_reader(step);
  return step->http.reading;
}

/* What comes where a list must be, an object or a page, tells what is wrong: it
 * is kept whole. */
static bool is_no_list(const char *data, size_t length)
{
  size_t spaces = 0;
  while (spaces < length && strchr(" \t\r\n", data[spaces]) != NULL)
    spaces++;
  return spaces < length && data[spaces] != '[';
}

static bool feed(signet_step *step, const char *data, size_t length)
{
  int64_t began = signet_clock_processor_ns();
  bool good = signet_list_reader_feed(step->http.reader, data, length);
  step->http.parsing_ns += signet_clock_processor_ns() - began;
  step->http.too_long =
      step->http.reader->read > step->account->settings.max_list;
  return good && !step->http.too_long;
}

static bool on_body(void *user, const char *data, size_t length)
{
  signet_step *step = user;
  bool first = !step->http.reading && step->result.reply.length == 0;
  if (first && step->request.verb == SIGNET_LIST &&
      step->http.exchange.status == 200 &&
      signet_dialect_row_of(step->account->dialect)->bare_lists &&
      !is_no_list(data, length) && !begin_list(step)) {
    step->http.no_memory = true;
    return false;
  }
  if (step->http.reading)
    return feed(step, data, length);
  if (signet_buffer_append(&step->result.reply, data, length))
    return true;
  step->http.no_memory =
      length <= step->result.reply.maximum - step->result.reply.length;
  return false;
}

/* How many entries there are, where the request did not ask for some only. */
static int64_t count_listed(const signet_step *step)
{
  if (step->request.verb != SIGNET_LIST || step->result.list == NULL ||
      step->result.error->kind != SIGNET_OK)
    return -1;
  if (step->http.reading)
    return (int64_t)(step->http.reader->read - step->http.reader->duplicates);
  return signet_fields_count(step->request.fields) == 0
             ? (int64_t)signet_list_count(step->result.list)
             : -1;
}

/* It could not be sent once more, and what its last attempt came to stands. */
static bool is_decided(signet_step *step)
{
  if (step->http.exchange.failure != SIGNET_EXCHANGE_AWAY)
    return false;
  step->http.attempts.number--; /* this one was none */
  return step->result.error->kind != SIGNET_OK;
}

static void decide(signet_step *step)
{
  const char *reply =
      step->result.reply.data != NULL ? step->result.reply.data : "";
  if (!is_decided(step)) {
    signet_error_init(step->result.error);
    signet_outcome_decide(step->account, step, reply,
                          step->result.reply.length);
  }
  step->result.listed = count_listed(step);
  if (step->http.reading) {
    step->result.names_signs = step->http.reader->names_signs;
    step->result.unseen =
        step->result.error->kind == SIGNET_OK && /* else the list is gone */
        signet_list_reader_misses(step->http.reader,
                                  step->account->signs_unused);
    step->result.duplicates = step->http.reader->duplicates;
    memcpy(step->result.duplicate, step->http.reader->duplicate,
           sizeof step->result.duplicate);
  }
  if (step->request.verb == SIGNET_LIST &&
      step->result.error->kind == SIGNET_OK &&
      signet_dialect_has(step->account->dialect, SIGNET_TEMPLATE))
    signet_details_note(step);
  step->result.server_time = step->http.exchange.began;
  if (step->http.exchange.began > 0)
    signet_account_note_date(step->account, step->http.exchange.date,
                             step->http.exchange.taken_ms);
  drop_reader(step);
  step->http.reading = false;
}

static void end(signet_step *step)
{
  if (step->request.verb != SIGNET_REQUEST)
    signet_buffer_free(&step->result.reply);
  signet_memory_free(step->http.target);
  step->http.target = NULL;
  step->active = false;
}

/* How often it was tried belongs to what went wrong. */
static void count_attempts(signet_step *step)
{
  size_t length = strlen(step->result.error->message);
  if (step->result.error->kind != SIGNET_OK && step->http.attempts.number > 1)
    snprintf(step->result.error->message + length,
             sizeof step->result.error->message - length, " (attempt %u)",
             step->http.attempts.number);
}

/* An error's code may tell more than its status does. */
static int on_judge(void *user)
{
  const signet_step *step = user;
  int status = step->http.exchange.status;
  if (status != 400 || step->result.reply.length == 0)
    return status;
  return signet_outcome_status(step, step->result.reply.data,
                               step->result.reply.length);
}

static bool on_ready(void *user)
{
  const signet_step *step = user;
  return step->request.ready == NULL || step->request.ready(step->user);
}

/* Nothing has left: this was no attempt. */
static void take_back(signet_step *step)
{
  step->result.unready = true;
  step->http.attempts.number--;
  signet_retry_drop(step);
  end(step);
  step->done(step->user);
}

static void on_done(void *user)
{
  signet_step *step = user;
  if (step->http.exchange.failure == SIGNET_EXCHANGE_UNREADY) {
    take_back(step);
    return;
  }
  decide(step);
  if (signet_retry_again(step))
    return;
  signet_account *account = step->account;
  signet_step_end(step);
  signet_account_end_waiting(account);
}

void signet_step_end(signet_step *step)
{
  count_attempts(step);
  end(step);
  step->done(step->user);
}

void signet_step_resend(signet_step *step)
{
  signet_buffer_clear(&step->result.reply);
  step->http.exchange.attempt = step->http.attempts.number - 1;
  signet_http_start(step->account->http, &step->http.exchange);
}

/* A request that could not even be made: there is nothing to send again. */
static void on_no_memory(void *user)
{
  signet_step *step = user;
  step->http.exchange.failure = SIGNET_EXCHANGE_MEMORY;
  step->http.exchange.problem = "the request does not fit into memory";
  decide(step);
  end(step);
  step->done(step->user);
}

static void on_leaves(void *user)
{
  const signet_step *step = user;
  signet_recorder *recorder = step->account->recorder;
  if (recorder != NULL && recorder->leaves != NULL)
    recorder->leaves(recorder);
}

static void start(signet_account *account, signet_step *step)
{
  size_t most = REPLY_MAXIMUM;
  if (step->request.verb == SIGNET_REQUEST ||
      most > account->settings.max_reply_bytes)
    most = account->settings.max_reply_bytes;
  signet_buffer_free(&step->result.reply);
  signet_buffer_init(&step->result.reply, most);
  signet_buffer_free(&step->http.body);
  signet_buffer_init(&step->http.body, REQUEST_MAXIMUM);
  step->account = account;
  step->active = true;
  step->http.too_long = false;
  step->http.no_memory = false;
  step->http.exchange = (signet_exchange){.sink = on_body,
                                          .judge = on_judge,
                                          .ready = on_ready,
                                          .done = on_done,
                                          .user = step,
                                          .retry_after_ms = -1,
                                          .urgent = step->request.urgent,
                                          .parting = step->request.parting};
  if (signet_step_writes(step))
    step->http.exchange.leaves = on_leaves;
  if (make_request(account, step)) {
    if (signet_retry_begin(step)) {
      step->http.exchange.attempt = step->http.attempts.number - 1;
      signet_http_start(account->http, &step->http.exchange);
    }
    return;
  }
  step->post = (signet_post){.function = on_no_memory, .user = step};
  signet_loop_post(account->loop, &step->post);
}

static void cancel(signet_account *account, signet_step *step)
{
  signet_loop_unpost(account->loop, &step->post);
  signet_retry_drop(step);
  signet_http_cancel(account->http, &step->http.exchange);
  decide(step);
  end(step);
}

static bool is_queued(const signet_step *step)
{
  return step->http.exchange.state == SIGNET_EXCHANGE_QUEUED ||
         signet_retry_is_waiting(step);
}

const signet_backend signet_backend_http = {start, cancel, is_queued,
                                            NULL,  NULL,   NULL};
