/* SPDX-License-Identifier: MIT */
/* Today's API: /v1/sign-configs and /v1/template-configs. */
#include "dialect/dialect.h"

static bool is_code_zero(json_object *object)
{
  json_object *code = signet_reply_member(object, "code", json_type_int);
  return code != NULL && json_object_get_int64(code) == 0;
}

/* {"sign_id": …}, or {"code": 0, …}, or both. */
static bool take_created(signet_reply *reply, json_object *object)
{
  json_object *code;
  if (json_object_is_type(object, json_type_object) &&
      json_object_object_get_ex(object, "code", &code) && !is_code_zero(object))
    return false;
  return signet_reply_take_id(reply, object) || is_code_zero(object);
}

static bool take(signet_reply *reply, json_object *object)
{
  reply->add = signet_json_configs_record;
  switch (reply->verb) {
  case SIGNET_GET:
    return json_object_is_type(object, json_type_object) &&
           signet_reply_take_record(reply, object);
  case SIGNET_CREATE:
    return take_created(reply, object);
  case SIGNET_UPDATE:
  case SIGNET_DELETE:
    return is_code_zero(object);
  default: /* a list is read as it comes, under status 200 */
    return false;
  }
}

static signet_error_kind by_code(int64_t code)
{
  (void)code; /* all its own errors have code 400 */
  return SIGNET_OK;
}

const signet_dialect_row signet_dialect_configs = {
    .name = "configs",
    .url = SIGNET_CONFIGS_URL,
    .collections = {"/v1/sign-configs", "/v1/template-configs"},
    .reviews = true,
    .unique_names = true,
    .bare_lists = true,
    .error_code = 400,
    .usual = "{\"code\":0,\"message\":\"success\"}",
    .take = take,
    .by_code = by_code,
};
