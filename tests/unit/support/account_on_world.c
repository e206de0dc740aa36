/* SPDX-License-Identifier: MIT */
#include "account_on_world.h"

#include <criterion/criterion.h>

#include <string.h>

on_world on;

void on_world_speak(signet_dialect dialect)
{
  signet_account_options options = SIGNET_ACCOUNT_OPTIONS_INIT;
  signet_error error;
  signet_account_close(on.account);
  options.dialect = dialect;
  options.world = on.world;
  options.poll_interval_ms = 1;
  options.settle_ms = 1;
  on.account = signet_account_open(on.loop, &options, &error);
  cr_assert_not_null(on.account, "%s", error.message);
}

void on_world_begin(void)
{
  on.loop = signet_loop_new();
  on.world = signet_world_new(NULL);
  cr_assert(on.loop != NULL && on.world != NULL);
  signet_world_set_time(on.world, INT64_C(1700000000000));
  on_world_speak(SIGNET_CONFIGS);
}

void on_world_end(void)
{
  signet_account_close(on.account);
  signet_loop_free(on.loop);
  signet_world_free(on.world);
  on = (on_world){0};
}

signet_call *expect_done(signet_call *call)
{
  cr_assert_not_null(call);
  const signet_error *error = signet_call_wait(call);
  cr_assert_null(error, "%s", error->message);
  cr_expect_eq(signet_call_outcome(call), SIGNET_OUTCOME_APPLIED);
  return call;
}

void expect_words(signet_call *call, signet_error_kind kind,
                  signet_outcome outcome, const char *words)
{
  cr_assert_not_null(call);
  const signet_error *error = signet_call_wait(call);
  cr_assert_not_null(error, "it worked, instead of: %s",
                     signet_error_kind_name(kind));
  cr_expect_eq(error->kind, kind, "%s instead of %s: %s",
               signet_error_kind_name(error->kind),
               signet_error_kind_name(kind), error->message);
  cr_expect_eq(error->outcome, outcome, "%s instead of %s: %s",
               signet_outcome_name(error->outcome),
               signet_outcome_name(outcome), error->message);
  cr_expect_eq(signet_call_outcome(call), outcome);
  cr_expect_not_null(strstr(error->message, words), "no \"%s\" in: %s", words,
                     error->message);
  cr_expect_null(signet_call_list(call));
  cr_expect_null(signet_call_record(call));
  signet_call_release(call);
}

void expect_error(signet_call *call, signet_error_kind kind,
                  signet_outcome outcome)
{
  expect_words(call, kind, outcome, "");
}

signet_fields *text_field(const char *name, const char *text)
{
  signet_fields *fields = signet_fields_new();
  cr_assert(signet_fields_set_string(fields, name, text));
  return fields;
}

signet_fields *template_fields(const char *name)
{
  signet_fields *fields = text_field("template_name", name);
  cr_assert(signet_fields_set_string(fields, "template_type", "utility") &&
            signet_fields_set_string(fields, "template_content", "Content") &&
            signet_fields_set_string(fields, "country_codes", "CN"));
  return fields;
}

static void create(signet_kind kind, signet_fields *fields, int status,
                   char *id)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_world_reply reply;
  operation.kind = kind;
  operation.verb = SIGNET_CREATE;
  operation.fields = fields;
  cr_assert(signet_world_apply(on.world, SIGNET_CONFIGS, &operation, &reply),
            "%s", reply.error.message);
  signet_record_id(signet_list_at(reply.list, 0), id, SIGNET_ID_SIZE);
  signet_list_release(reply.list);
  signet_fields_free(fields);
  if (status != SIGNET_STATUS_PENDING)
    cr_assert(signet_world_review(on.world, kind, id, status, "Reviewed"));
}

void world_delete(signet_kind kind, const char *id)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_world_reply reply;
  operation.kind = kind;
  operation.verb = SIGNET_DELETE;
  operation.id = id;
  operation.id_length = strlen(id);
  cr_assert(signet_world_apply(on.world, SIGNET_CONFIGS, &operation, &reply),
            "%s", reply.error.message);
  signet_list_release(reply.list);
}

void world_sign(const char *name, int status, char *id)
{
  create(SIGNET_SIGN, text_field("sign_name", name), status, id);
}

void world_template(const char *name, int status, const char *sign_id,
                    int64_t position, char *id)
{
  signet_fields *fields = template_fields(name);
  if (sign_id != NULL)
    cr_assert(signet_fields_set_boolean(fields, "add_signature", true) &&
              signet_fields_set_string(fields, "sign_id", sign_id) &&
              signet_fields_set_integer(fields, "sign_position", position));
  create(SIGNET_TEMPLATE, fields, status, id);
}
