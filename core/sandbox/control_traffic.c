/* SPDX-License-Identifier: MIT */
/* The control API's part that is about requests: faults, log, counters. */
#include "sandbox/control_traffic.h"

#include "sandbox/answer.h"
#include "sandbox/control_reply.h"
#include "sandbox/entries.h"
#include "sandbox/fault_json.h"
#include "sandbox/query.h"
#include "sandbox/timers.h"

#include "model/memory.h"
#include "model/text.h"
#include "wire/json_write.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sandbox_get_faults(sandbox_request *request, struct json_object *body)
{
  (void)body;
  signet_buffer_string(&request->out, "[");
  for (const sandbox_fault *fault = request->sandbox->faults.first;
       fault != NULL; fault = fault->next) {
    sandbox_fault_write(&request->out, fault);
    if (fault->next != NULL)
      signet_buffer_string(&request->out, ",");
  }
  signet_buffer_string(&request->out, "]");
  sandbox_control_done(request);
}

void sandbox_add_fault(sandbox_request *request, struct json_object *body)
{
  signet_error error = SIGNET_ERROR_INIT;
  const sandbox_fault *fault =
      sandbox_faults_add(&request->sandbox->faults, body, &error);
  if (fault == NULL) {
    sandbox_control_failed(request, &error);
    return;
  }
  sandbox_fault_write(&request->out, fault);
  sandbox_control_done(request);
}

void sandbox_delete_faults(sandbox_request *request, struct json_object *body)
{
  sandbox_faults_clear(&request->sandbox->faults);
  sandbox_get_faults(request, body);
}

void sandbox_delete_fault(sandbox_request *request, struct json_object *body)
{
  size_t length;
  uint64_t id = 0;
  const char *rest = sandbox_control_rest(request, &length);
  bool digits = length <= 18;
  for (size_t i = 0; digits && i < length; i++) {
    digits = rest[i] >= '0' && rest[i] <= '9';
    id = id * 10 + (uint64_t)(rest[i] - '0');
  }
  if (digits && sandbox_faults_remove(&request->sandbox->faults, id))
    sandbox_get_faults(request, body);
  else
    sandbox_answer_error(request, MHD_HTTP_NOT_FOUND, MHD_HTTP_NOT_FOUND,
                         "no fault has this id");
}

/* Which entries of the log are wanted. */
typedef struct filter {
  char *method;
  char *path;
  int64_t status; /* -1: any */
  int64_t effect; /* 0, 1, -1: either */
  int64_t after;  /* numbers above */
  int64_t limit;  /* the last ones of what is left */
} filter;

/* A parameter as text, NULL where there is none. @return false: answered */
static bool take_text(sandbox_request *request, const char *name, char **text,
                      size_t *length)
{
  if (sandbox_query(request, name, text, length))
    return true;
  sandbox_answer_memory(request);
  return false;
}

static bool take_number(sandbox_request *request, const char *name,
                        int64_t *number)
{
  size_t length;
  char *end;
  char *text;
  if (!take_text(request, name, &text, &length))
    return false;
  if (text == NULL)
    return true;
  *number = strtoll(text, &end, 10);
  bool right = length > 0 && *end == '\0' && *number >= 0;
  signet_memory_free(text);
  if (!right) {
    char message[80];
    snprintf(message, sizeof message, "%s must be an integer of 0 or more",
             name);
    sandbox_control_wrong(request, message);
  }
  return right;
}

static bool take_effect(sandbox_request *request, int64_t *effect)
{
  size_t length;
  char *text;
  if (!take_text(request, "effect", &text, &length))
    return false;
  if (text == NULL)
    return true;
  bool yes = strcmp(text, "true") == 0;
  bool right = yes || strcmp(text, "false") == 0;
  *effect = yes;
  signet_memory_free(text);
  if (!right)
    sandbox_control_wrong(request, "effect must be true or false");
  return right;
}

static bool wanted(const sandbox_log_entry *entry, const filter *only)
{
  return (int64_t)entry->number > only->after &&
         (only->status < 0 || entry->status == only->status) &&
         (only->effect < 0 || entry->effect == (only->effect == 1)) &&
         (only->method == NULL || strcmp(entry->method, only->method) == 0) &&
         (only->path == NULL || entry->path.data == NULL ||
          fnmatch(only->path, entry->path.data, 0) == 0);
}

/* Bodies may hold any bytes; JSON can't. */
static void write_body(signet_buffer *out, const signet_buffer *body)
{
  signet_buffer_string(out, ",\"body\":");
  if (body->length == 0 || signet_utf8_valid(body->data, body->length)) {
    signet_json_write_string(out, body->length > 0 ? body->data : "",
                             body->length);
    return;
  }
  size_t size = body->length * 10 + 1;
  char *shown = signet_memory_zeroed(size, 1);
  if (shown != NULL)
    signet_json_write_string(
        out, shown, signet_text_escape(shown, size, body->data, body->length));
  out->failed = out->failed || shown == NULL;
  signet_memory_free(shown);
}

static void write_entry(signet_buffer *out, const sandbox_log_entry *entry)
{
  signet_buffer_format(
      out, "{\"number\":%" PRIu64 ",\"time_ms\":%" PRId64 ",\"method\":",
      entry->number, entry->time_ms);
  signet_json_write_string(out, entry->method, strlen(entry->method));
  signet_buffer_string(out, ",\"path\":");
  signet_json_write_string(out, entry->path.data, entry->path.length);
  signet_buffer_format(out, ",\"status\":%d,\"effect\":%s", entry->status,
                       entry->effect ? "true" : "false");
  if (entry->fault != 0)
    signet_buffer_format(out, ",\"fault\":%" PRIu64, entry->fault);
  write_body(out, &entry->body);
  if (entry->body_cut)
    signet_buffer_string(out, ",\"body_cut\":true");
  signet_buffer_string(out, "}");
}

static size_t first_wanted(const sandbox_log *log, const filter *only)
{
  int64_t left = only->limit;
  size_t index = log->count;
  while (index > 0 && left > 0)
    left -= wanted(sandbox_log_at(log, --index), only);
  return index;
}

static void write_requests(sandbox_request *request, const filter *only)
{
  const sandbox_log *log = &request->sandbox->log;
  const char *comma = "\n ";
  signet_buffer_string(&request->out, "[");
  for (size_t i = first_wanted(log, only); i < log->count; i++) {
    const sandbox_log_entry *entry = sandbox_log_at(log, i);
    if (!wanted(entry, only))
      continue;
    signet_buffer_string(&request->out, comma);
    write_entry(&request->out, entry);
    comma = ",\n ";
  }
  signet_buffer_string(&request->out, "]\n");
  sandbox_control_done(request);
}

void sandbox_get_requests(sandbox_request *request, struct json_object *body)
{
  size_t length;
  filter only = {NULL, NULL, -1, -1, 0, INT64_MAX};
  (void)body;
  if (take_text(request, "method", &only.method, &length) &&
      take_text(request, "path", &only.path, &length) &&
      take_number(request, "status", &only.status) &&
      take_number(request, "after", &only.after) &&
      take_number(request, "limit", &only.limit) &&
      take_effect(request, &only.effect))
    write_requests(request, &only);
  signet_memory_free(only.method);
  signet_memory_free(only.path);
}

void sandbox_delete_requests(sandbox_request *request, struct json_object *body)
{
  (void)body;
  signet_buffer_format(&request->out, "{\"cleared\":%zu}",
                       request->sandbox->log.count);
  sandbox_log_clear(&request->sandbox->log);
  sandbox_control_done(request);
}

static void write_statuses(signet_buffer *out, const sandbox_stats *stats)
{
  const char *comma = "";
  signet_buffer_string(out, ",\"statuses\":{");
  for (unsigned status = 1; status < 600; status++) {
    if (stats->statuses[status] == 0)
      continue;
    signet_buffer_format(out, "%s\"%u\":%" PRIu64, comma, status,
                         stats->statuses[status]);
    comma = ",";
  }
  signet_buffer_string(out, "}}");
}

void sandbox_get_stats(sandbox_request *request, struct json_object *body)
{
  signet_sandbox *sandbox = request->sandbox;
  const sandbox_stats *stats = &sandbox->stats;
  signet_buffer *out = &request->out;
  size_t counts[2];
  (void)body;
  sandbox_count_entries(sandbox->world, counts);
  signet_buffer_format(
      out,
      "{\"signs\":%zu,\"templates\":%zu,\"uptime_ms\":%" PRId64
      ",\"time_ms\":%" PRId64 ",\"requests\":%" PRIu64 ",\"effects\":%" PRIu64
      ",\"faults\":%" PRIu64 ",\"closed\":%" PRIu64,
      counts[SIGNET_SIGN], counts[SIGNET_TEMPLATE],
      (sandbox_now_us() - sandbox->started_us) / 1000, sandbox_wall_ms(sandbox),
      stats->requests, stats->effects, stats->faults, stats->closed);
  signet_buffer_format(out,
                       ",\"methods\":{\"GET\":%" PRIu64 ",\"POST\":%" PRIu64
                       ",\"PUT\":%" PRIu64 ",\"DELETE\":%" PRIu64 "}",
                       stats->methods[0], stats->methods[1], stats->methods[2],
                       stats->methods[3]);
  write_statuses(out, stats);
  sandbox_control_done(request);
}
