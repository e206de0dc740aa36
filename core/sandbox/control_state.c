/* SPDX-License-Identifier: MIT */
/* The control API's part that is about the world as a whole. */
#include "sandbox/control_state.h"

#include "sandbox/answer.h"
#include "sandbox/control_reply.h"
#include "sandbox/entries.h"
#include "sandbox/state_file.h"
#include "sandbox/timers.h"

#include "model/error_fill.h"
#include "model/text.h"
#include "wire/json.h"
#include "world/load.h"
#include "world/save.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { LATENCY_LONGEST_MS = 86400000 };
static const int64_t ADVANCE_LONGEST_MS = INT64_C(315360000000); /* 10 years */

void sandbox_get_state(sandbox_request *request, struct json_object *body)
{
  size_t length;
  (void)body;
  char *text = signet_world_save(request->sandbox->world, &length);
  if (text == NULL) {
    sandbox_answer_memory(request);
    return;
  }
  signet_buffer_append(&request->out, text, length);
  signet_world_text_free(text);
  sandbox_control_done(request);
}

static void tell_entries(sandbox_request *request)
{
  size_t counts[2];
  sandbox_count_entries(request->sandbox->world, counts);
  signet_buffer_format(&request->out, "{\"signs\":%zu,\"templates\":%zu}",
                       counts[SIGNET_SIGN], counts[SIGNET_TEMPLATE]);
  sandbox_control_done(request);
}

void sandbox_put_state(sandbox_request *request, struct json_object *body)
{
  signet_error error = SIGNET_ERROR_INIT;
  const signet_buffer *text = &request->body;
  (void)body;
  if (signet_world_load(request->sandbox->world,
                        text->data != NULL ? text->data : "", text->length,
                        &error))
    tell_entries(request);
  else
    sandbox_control_failed(request, &error);
}

void sandbox_save(sandbox_request *request, struct json_object *body)
{
  signet_error error = SIGNET_ERROR_INIT;
  (void)body;
  if (request->sandbox->state_file == NULL) {
    sandbox_control_wrong(request, "the sandbox has no state file");
  } else if (sandbox_state_save(request->sandbox, &error)) {
    signet_buffer_string(&request->out, "{\"saved\":true}");
    sandbox_control_done(request);
  } else {
    sandbox_answer_error(request, MHD_HTTP_INTERNAL_SERVER_ERROR,
                         MHD_HTTP_INTERNAL_SERVER_ERROR, error.message);
  }
}

/* An integer member of the body. @return false: answered with what is wrong */
static bool take_integer(sandbox_request *request, const char *name,
                         json_object *member, int64_t lowest, int64_t highest,
                         int64_t *number)
{
  char message[160];
  int64_t value = json_object_get_int64(member);
  if (json_object_is_type(member, json_type_int) && value >= lowest &&
      value <= highest) {
    *number = value;
    return true;
  }
  snprintf(message, sizeof message,
           "%s must be an integer of %" PRId64 " to %" PRId64, name, lowest,
           highest);
  sandbox_control_wrong(request, message);
  return false;
}

static void wrong_member(sandbox_request *request, const char *name,
                         const char *of)
{
  char shown[64];
  char message[160];
  signet_text_escape(shown, sizeof shown, name, strlen(name));
  snprintf(message, sizeof message, "%s is no field of %s", shown, of);
  sandbox_control_wrong(request, message);
}

static bool take_object(sandbox_request *request, json_object *body)
{
  if (json_object_is_type(body, json_type_object))
    return true;
  sandbox_control_wrong(request, "a JSON object is expected");
  return false;
}

/* What a reset fills the world with. */
typedef struct filling {
  int64_t signs;
  int64_t templates;
  int64_t seed;
} filling;

static bool take_filling(sandbox_request *request, json_object *body,
                         filling *wanted)
{
  if (body == NULL)
    return true;
  if (!take_object(request, body))
    return false;
  json_object_object_foreach(body, name, member)
  {
    int kind = signet_kind_of_collection(name);
    int64_t *number = kind == SIGNET_SIGN         ? &wanted->signs
                      : kind == SIGNET_TEMPLATE   ? &wanted->templates
                      : strcmp(name, "seed") == 0 ? &wanted->seed
                                                  : NULL;
    if (number == NULL) {
      wrong_member(request, name, "a reset");
      return false;
    }
    if (!take_integer(request, name, member, 0, 1000000, number))
      return false;
  }
  return true;
}

void sandbox_reset(sandbox_request *request, struct json_object *body)
{
  signet_sandbox *sandbox = request->sandbox;
  filling wanted = {sandbox->seed_signs, sandbox->seed_templates, SANDBOX_SEED};
  if (!take_filling(request, body, &wanted))
    return;
  int64_t offset_ms = sandbox->clock_offset_ms;
  sandbox->clock_offset_ms = 0;
  if (!sandbox_seed(sandbox, (unsigned)wanted.signs, (unsigned)wanted.templates,
                    (uint64_t)wanted.seed)) {
    sandbox->clock_offset_ms = offset_ms;
    sandbox_answer_memory(request);
    return;
  }
  sandbox->latency_ms = sandbox->first_latency_ms;
  sandbox_faults_clear(&sandbox->faults);
  sandbox_log_clear(&sandbox->log);
  memset(&sandbox->stats, 0, sizeof sandbox->stats);
  tell_entries(request);
}

void sandbox_get_options(sandbox_request *request, struct json_object *body)
{
  signet_buffer *out = &request->out;
  (void)body;
  signet_world_write_options(out,
                             signet_world_switches(request->sandbox->world));
  if (!out->failed)
    out->length--; /* the latency goes into the same object */
  signet_buffer_format(out, ",\"latency_ms\":%" PRId64 "}",
                       request->sandbox->latency_ms);
  sandbox_control_done(request);
}

void sandbox_put_options(sandbox_request *request, struct json_object *body)
{
  signet_sandbox *sandbox = request->sandbox;
  signet_world_options options = *signet_world_switches(sandbox->world);
  signet_error error = SIGNET_ERROR_INIT;
  json_object *latency;
  int64_t latency_ms = sandbox->latency_ms;
  if (!take_object(request, body))
    return;
  if (json_object_object_get_ex(body, "latency_ms", &latency) &&
      !take_integer(request, "latency_ms", latency, 0, LATENCY_LONGEST_MS,
                    &latency_ms))
    return;
  json_object_object_del(body, "latency_ms");
  if (!signet_world_load_options(body, &options, &error)) {
    sandbox_control_wrong(request, error.message);
    return;
  }
  *signet_world_switches(sandbox->world) = options;
  sandbox->latency_ms = latency_ms;
  sandbox_get_options(request, body);
}

void sandbox_advance(sandbox_request *request, struct json_object *body)
{
  signet_sandbox *sandbox = request->sandbox;
  json_object *member = NULL;
  int64_t advance_ms;
  if (!take_object(request, body))
    return;
  json_object_object_get_ex(body, "ms", &member);
  if (!take_integer(request, "ms", member, 0, ADVANCE_LONGEST_MS, &advance_ms))
    return;
  if (sandbox->clock_offset_ms + advance_ms > ADVANCE_LONGEST_MS) {
    sandbox_control_wrong(request, "the clock can't be put forward by more "
                                   "than 10 years in all");
    return;
  }
  sandbox->clock_offset_ms += advance_ms;
  sandbox_set_clock(sandbox);
  signet_world_tick(sandbox->world);
  signet_buffer_format(&request->out, "{\"time_ms\":%" PRId64 "}",
                       sandbox_wall_ms(sandbox));
  sandbox_control_done(request);
}
