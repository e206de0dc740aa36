/* SPDX-License-Identifier: MIT */
/* The API of 2023: /v1/signs. It has no templates and shows no reviews. */
#include "dialect/dialect.h"

enum { NOT_EXISTS = 34010, INVALID_NAME = 34005, AUTHENTICATION = 30000 };

static bool take(signet_reply *reply, json_object *object)
{
  json_object *result;
  reply->add = signet_json_record;
  switch (reply->verb) {
  case SIGNET_LIST:
    result = signet_reply_member(object, "result", json_type_array);
    return result != NULL && signet_reply_take_list(reply, result);
  case SIGNET_GET:
    result = signet_reply_member(object, "result", json_type_object);
    return result != NULL && signet_reply_take_record(reply, result);
  case SIGNET_CREATE:
    result = signet_reply_member(object, "result", json_type_object);
    return result != NULL && signet_reply_take_id(reply, result);
  default:
    result = signet_reply_member(object, "count", json_type_int);
    return result != NULL && json_object_get_int64(result) > 0;
  }
}

static signet_error_kind by_code(int64_t code)
{
  switch (code) {
  case NOT_EXISTS:
    return SIGNET_ERROR_NOT_FOUND;
  case INVALID_NAME:
    return SIGNET_ERROR_VALIDATION;
  case AUTHENTICATION:
    return SIGNET_ERROR_AUTH;
  default:
    return SIGNET_OK;
  }
}

const signet_dialect_row signet_dialect_signs = {
    .name = "signs",
    .url = SIGNET_SIGNS_URL,
    .collections = {"/v1/signs", NULL},
    .list_filter = "sign_name",
    .integer_ids = true,
    .short_records = true,
    .limits_signs = true,
    .tells_new_ids = true,
    .take = take,
    .by_code = by_code,
};
