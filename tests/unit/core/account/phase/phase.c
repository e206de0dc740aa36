/* SPDX-License-Identifier: MIT */
/* The account of a row, with a recorder that tells what it hears. */
#include "phase.h"

#include "canary.h"
#include "plain_recorder.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

phase_row row;

static fault_server *server;
static signet_recorder recorder;

static void hear(const char *what)
{
  size_t used = strlen(row.heard);
  snprintf(row.heard + used, sizeof row.heard - used, "%s%s",
           used > 0 ? ", " : "", what);
}

static void intend(signet_recorder *own, signet_call *call)
{
  (void)own;
  hear("intend");
  if (row.keeps)
    row.kept = call;
  else
    signet_write_send(call);
}

static void decided(signet_recorder *own, signet_call *call)
{
  char text[80];
  (void)own;
  snprintf(text, sizeof text, "decided %s",
           call->error.kind == SIGNET_OK
               ? "ok"
               : signet_error_kind_name(call->error.kind));
  hear(text);
  row.kept = NULL;
}

void phase_begin(void)
{
  fault_script script = {.answer = phase_service_answer, .user = &row.service};
  memset(&row, 0, sizeof row);
  phase_service_init(&row.service);
  row.loop = signet_loop_new();
  server = fault_server_start_script(&script);
  cr_assert_not_null(row.loop);
  cr_assert_not_null(server);
  signet_account_options_init(&row.options);
  row.options.key = CANARY_KEY;
  row.options.secret = CANARY_SECRET;
  row.options.attempts = 1;
  row.options.settle_ms = 1;
  row.options.settle_create_ms = 1;
  row.options.poll_interval_ms = PHASE_LONG_MS;
  row.options.timeout_ms = PHASE_LONG_MS;
  row.options.backoff_ms = 1;
  row.recorded = true;
  recorder = plain_recorder();
  recorder.before_images = true;
  recorder.intend = intend;
  recorder.decided = decided;
}

void phase_open_account(void)
{
  static char url[64];
  signet_error error;
  snprintf(url, sizeof url, "http://127.0.0.1:%u", fault_server_port(server));
  row.options.base_url = url;
  row.account = signet_account_open(row.loop, &row.options, &error);
  cr_assert_not_null(row.account, "%s", error.message);
  if (row.recorded)
    signet_account_record(row.account, &recorder);
}

void phase_end(void)
{
  signet_call_release(row.subject);
  signet_call_release(row.beside);
  signet_account_close(row.account);
  signet_overlay_free(row.overlay);
  signet_loop_step(row.loop, 0);
  signet_loop_free(row.loop);
  phase_service_let_go(&row.service, "");
  fault_server_free(server);
  phase_service_destroy(&row.service);
}

signet_call *phase_start(signet_verb verb, const char *id, const char *name)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_fields *fields = signet_fields_new();
  if (name != NULL)
    signet_fields_set_string(fields, "sign_name", name);
  operation.verb = verb;
  operation.fields =
      verb == SIGNET_CREATE || verb == SIGNET_UPDATE ? fields : NULL;
  operation.id = id;
  operation.id_length = id != NULL ? strlen(id) : 0;
  operation.status = SIGNET_STATUS_APPROVED;
  operation.timeout_ms = -1;
  if (verb == SIGNET_REQUEST) {
    operation.method = id;
    operation.path = "/v1/sign-configs/1";
    operation.id = NULL;
    operation.id_length = 0;
  }
  signet_call *call = signet_call_start(row.account, &operation, NULL, NULL);
  signet_fields_free(fields);
  cr_assert_not_null(call);
  return call;
}

void phase_until_requests(size_t count)
{
  for (int i = 0; phase_service_requests(&row.service) < count; i++) {
    cr_assert_lt(i, PHASE_PATIENCE_TURNS, "%zu requests: %s", count,
                 row.service.wire);
    signet_loop_step(row.loop, PHASE_TURN_MS);
  }
}

void phase_turn(int times)
{
  for (int i = 0; i < times; i++)
    signet_loop_step(row.loop, PHASE_TURN_MS);
}
