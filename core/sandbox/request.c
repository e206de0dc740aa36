/* SPDX-License-Identifier: MIT */
/* The life of a request, from its first byte to its answer. */
#include "sandbox/request.h"

#include "sandbox/answer.h"
#include "sandbox/control.h"
#include "sandbox/service.h"
#include "sandbox/timers.h"

#include "model/memory.h"

#include <string.h>

static const size_t OUT_MAXIMUM = (size_t)1 << 30;

static void link_request(signet_sandbox *sandbox, sandbox_request *request)
{
  request->next = sandbox->open;
  if (sandbox->open != NULL)
    sandbox->open->previous = request;
  sandbox->open = request;
  sandbox->open_count++;
}

static void unlink_request(sandbox_request *request)
{
  signet_sandbox *sandbox = request->sandbox;
  if (request->previous != NULL)
    request->previous->next = request->next;
  else
    sandbox->open = request->next;
  if (request->next != NULL)
    request->next->previous = request->previous;
  sandbox->open_count--;
}

static bool begins_with(const char *text, const char *with)
{
  return strncmp(text, with, strlen(with)) == 0;
}

void *sandbox_request_begin(void *user, const char *target,
                            struct MHD_Connection *connection)
{
  sandbox_request *request = signet_memory_zeroed(1, sizeof *request);
  if (request == NULL)
    return NULL;
  size_t length = strlen(target) + 1;
  request->path_length = strcspn(target, "?");
  request->target = signet_memory_zeroed(length + request->path_length + 1, 1);
  if (request->target == NULL) {
    signet_memory_free(request);
    return NULL;
  }
  memcpy(request->target, target, length);
  request->path = request->target + length;
  memcpy(request->path, target, request->path_length);
  request->sandbox = user;
  request->connection = connection;
  request->control =
      begins_with(target, "/__sandbox/") || strcmp(target, "/__sandbox") == 0;
  signet_buffer_init(&request->body, request->control ? SANDBOX_STATE_MAXIMUM
                                                      : SANDBOX_BODY_MAXIMUM);
  signet_buffer_init(&request->out, OUT_MAXIMUM);
  link_request(user, request);
  return request;
}

void sandbox_request_end(void *user, struct MHD_Connection *connection,
                         void **slot, enum MHD_RequestTerminationCode code)
{
  sandbox_request *request = *slot;
  (void)user, (void)connection, (void)code;
  if (request == NULL)
    return;
  *slot = NULL;
  sandbox_timer_drop(request);
  unlink_request(request);
  sandbox_fault_release(request->fault);
  signet_buffer_free(&request->body);
  signet_buffer_free(&request->out);
  signet_memory_free(request->target);
  signet_memory_free(request);
}

static void count(sandbox_request *request)
{
  static const char *const methods[] = {"GET", "POST", "PUT", "DELETE"};
  sandbox_stats *stats = &request->sandbox->stats;
  stats->requests++;
  stats->effects += request->made_effect;
  stats->faults += request->fault != NULL;
  stats->closed += request->status == 0;
  stats->statuses[request->status]++;
  for (size_t i = 0; i < 4; i++)
    stats->methods[i] += strcmp(request->method, methods[i]) == 0;
}

static void write_log(sandbox_request *request)
{
  sandbox_log_entry *entry = sandbox_log_add(&request->sandbox->log);
  if (entry == NULL)
    return;
  size_t body = request->body.length;
  entry->time_ms = sandbox_wall_ms(request->sandbox);
  memcpy(entry->method, request->method, sizeof entry->method);
  entry->status = request->status;
  entry->effect = request->made_effect;
  entry->fault = request->fault != NULL ? request->fault->id : 0;
  entry->body_cut = body > SANDBOX_LOG_BODY || request->body_refused != 0;
  signet_buffer_string(&entry->path, request->target);
  if (body > 0)
    signet_buffer_append(&entry->body, request->body.data,
                         body < SANDBOX_LOG_BODY ? body : SANDBOX_LOG_BODY);
}

static const char *fault_message(int status)
{
  return status == MHD_HTTP_INTERNAL_SERVER_ERROR ? "Internal server error"
         : status == MHD_HTTP_TOO_MANY_REQUESTS   ? "too many requests"
                                                  : "fault of the sandbox";
}

/* What the fault puts in the place of the service's answer. */
static void spoil(sandbox_request *request)
{
  const sandbox_fault *fault = request->fault;
  if (fault->close != SANDBOX_CLOSE_NOT) {
    request->status = 0;
    return;
  }
  if (fault->status == 0)
    return;
  request->allow = NULL;
  sandbox_answer_error(request, fault->status, fault->status,
                       fault_message(fault->status));
  if (fault->body == NULL)
    return;
  signet_buffer_clear(&request->out);
  signet_buffer_append(&request->out, fault->body, fault->body_length);
}

static void perform(sandbox_request *request)
{
  if (request->fault == NULL || request->fault->effect)
    sandbox_service(request);
  if (request->fault != NULL)
    spoil(request);
  count(request);
  write_log(request);
}

/* The body is there: now, or after a delay, comes the effect and the answer. */
static enum MHD_Result start(sandbox_request *request)
{
  signet_sandbox *sandbox = request->sandbox;
  request->phase = SANDBOX_READY;
  if (request->control) {
    sandbox_control(request);
    return sandbox_answer_send(request);
  }
  request->fault =
      sandbox_faults_match(&sandbox->faults, request->method, request->path);
  int64_t delay_ms = sandbox->latency_ms;
  if (request->fault != NULL)
    delay_ms += request->fault->delay_ms;
  request->late_effect = request->fault != NULL && request->fault->late_effect;
  if (!request->late_effect)
    perform(request);
  if (delay_ms > 0 && !atomic_load(&sandbox->stopping) &&
      sandbox_timer_set(request, delay_ms)) {
    request->phase = SANDBOX_WAITING;
    MHD_suspend_connection(request->connection);
    return MHD_YES;
  }
  if (request->late_effect)
    perform(request);
  return sandbox_answer_send(request);
}

void sandbox_request_wake(sandbox_request *request)
{
  if (request->late_effect)
    perform(request);
  request->phase = SANDBOX_READY;
  MHD_resume_connection(request->connection);
}

static void receive(sandbox_request *request, const char *data, size_t size)
{
  /* A body that can't be kept is read to its end, so that the client gets to
   * see the answer. */
  if (request->body_refused != 0 ||
      signet_buffer_append(&request->body, data, size))
    return;
  request->body_refused = size > request->body.maximum - request->body.length
                              ? MHD_HTTP_CONTENT_TOO_LARGE
                              : MHD_HTTP_INTERNAL_SERVER_ERROR;
  signet_buffer_free(&request->body);
}

enum MHD_Result sandbox_handle(void *user, struct MHD_Connection *connection,
                               const char *url, const char *method,
                               const char *version, const char *data,
                               size_t *size, void **slot)
{
  sandbox_request *request = *slot;
  (void)user, (void)connection, (void)url, (void)version;
  if (request == NULL)
    return MHD_NO;
  if (request->phase == SANDBOX_NEW) {
    request->phase = SANDBOX_RECEIVING;
    strncpy(request->method, method, sizeof request->method - 1);
    return MHD_YES;
  }
  if (request->phase == SANDBOX_RECEIVING && *size > 0) {
    receive(request, data, *size);
    *size = 0;
    return MHD_YES;
  }
  if (request->phase == SANDBOX_RECEIVING)
    return start(request);
  return sandbox_answer_send(request);
}
