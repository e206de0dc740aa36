/* SPDX-License-Identifier: MIT */
/* The service's own paths, in both dialects. */
#include "sandbox/service.h"

#include "sandbox/answer.h"
#include "sandbox/credentials.h"
#include "sandbox/query.h"

#include "model/memory.h"
#include "wire/json_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
  CODE_PARAMETERS = 400,
  CODE_CREDENTIALS_CONFIGS = 2001,
  CODE_CREDENTIALS_SIGNS = 30000,
  CODE_SIGN_NAME = 34005,
  ID_SIZE = 64 /* longer ones are no ids anyway */
};

static const struct resource {
  const char *path;
  signet_dialect dialect;
  signet_kind kind;
} resources[] = {
    {"/v1/sign-configs", SIGNET_CONFIGS, SIGNET_SIGN},
    {"/v1/template-configs", SIGNET_CONFIGS, SIGNET_TEMPLATE},
    {"/v1/signs", SIGNET_SIGNS, SIGNET_SIGN},
};

/* Where a request goes. */
typedef struct route {
  const struct resource *resource;
  bool entry; /* one entry, or the collection */
  char id[ID_SIZE];
  size_t id_length;
} route;

static void take_id(route *to, const char *text, size_t length)
{
  to->entry = true;
  to->id_length = length < ID_SIZE
                      ? sandbox_percent_decode(to->id, text, length, false)
                      : SIZE_MAX;
  if (to->id_length == SIZE_MAX)
    to->id_length = 0; /* no id: refused as such */
}

static bool find_route(const sandbox_request *request, route *to)
{
  const char *path = request->target;
  for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
    size_t length = strlen(resources[i].path);
    if (request->path_length < length ||
        memcmp(path, resources[i].path, length) != 0)
      continue;
    to->resource = &resources[i];
    to->entry = false;
    if (request->path_length == length)
      return true;
    size_t rest = request->path_length - length - 1;
    if (path[length] != '/' || rest == 0 ||
        memchr(path + length + 1, '/', rest) != NULL)
      continue;
    take_id(to, path + length + 1, rest);
    return true;
  }
  return false;
}

static bool find_verb(const sandbox_request *request, const route *to,
                      signet_verb *verb)
{
  static const struct {
    const char *method;
    bool entry;
    signet_verb verb;
  } verbs[] = {
      {"GET", true, SIGNET_GET},       {"GET", false, SIGNET_LIST},
      {"PUT", true, SIGNET_UPDATE},    {"POST", false, SIGNET_CREATE},
      {"DELETE", true, SIGNET_DELETE},
  };
  for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
    if (verbs[i].entry == to->entry &&
        strcmp(verbs[i].method, request->method) == 0) {
      *verb = verbs[i].verb;
      return true;
    }
  return false;
}

static void refuse_parameters(sandbox_request *request, const route *to,
                              const char *why)
{
  if (to->resource->dialect == SIGNET_SIGNS)
    sandbox_answer_error(request, MHD_HTTP_BAD_REQUEST, CODE_SIGN_NAME,
                         "Invalid sign_name");
  else
    sandbox_answer_error(request, MHD_HTTP_BAD_REQUEST, CODE_PARAMETERS, why);
}

/* The fields that a create or update brings. NULL: answered with why not. */
static signet_fields *read_body(sandbox_request *request, const route *to)
{
  const char *problem = NULL;
  char why[160];
  signet_fields *fields = NULL;
  json_object *object =
      signet_json_parse(request->body.length > 0 ? request->body.data : "",
                        request->body.length, &problem);
  bool room = problem != NULL || (fields = signet_fields_new()) != NULL;
  if (fields != NULL && signet_json_fields(object, fields, &problem)) {
    json_object_put(object);
    return fields;
  }
  json_object_put(object);
  signet_fields_free(fields);
  if (!room || signet_json_ran_out(problem)) {
    sandbox_answer_memory(request);
    return NULL;
  }
  snprintf(why, sizeof why, "parameter format error: %s", problem);
  refuse_parameters(request, to, why);
  return NULL;
}

/* The query as fields: of the signs dialect a part of the name, otherwise
 * nothing. NULL: out of memory, which must not widen the list. */
static signet_fields *read_query(sandbox_request *request, const route *to)
{
  char *name = NULL;
  signet_value value = {.type = SIGNET_STRING};
  signet_fields *fields = signet_fields_new();
  bool good = fields != NULL;
  if (good && to->resource->dialect == SIGNET_SIGNS)
    good = sandbox_query(request, "sign_name", &name, &value.as.text.length);
  value.as.text.data = name;
  if (good && name != NULL)
    good = signet_fields_set(fields, "sign_name", &value);
  signet_memory_free(name);
  if (good)
    return fields;
  signet_fields_free(fields);
  sandbox_answer_memory(request);
  return NULL;
}

static void write_records(signet_buffer *out, const signet_list *list)
{
  size_t count = signet_list_count(list);
  signet_buffer_append(out, "[", 1);
  for (size_t i = 0; i < count; i++) {
    if (i > 0)
      signet_buffer_append(out, ",", 1);
    signet_json_write_record(out, signet_list_at(list, i));
  }
  signet_buffer_append(out, "]", 1);
}

static void write_created(sandbox_request *request, const route *to,
                          const signet_record *record)
{
  char id[24];
  bool sign = to->resource->kind == SIGNET_SIGN;
  if (!signet_world_switches(request->sandbox->world)->create_tells_id) {
    signet_buffer_string(&request->out, "{\"code\":0,\"message\":\"success\"}");
    return;
  }
  signet_buffer_format(&request->out, "{\"%s\":\"%s\"}",
                       sign ? "sign_id" : "template_id",
                       signet_record_id(record, id, sizeof id));
}

static void write_configs(sandbox_request *request, const route *to,
                          signet_verb verb, const signet_list *list)
{
  signet_buffer *out = &request->out;
  if (verb == SIGNET_LIST)
    write_records(out, list);
  else if (verb == SIGNET_GET)
    signet_json_write_record(out, signet_list_at(list, 0));
  else if (verb == SIGNET_CREATE)
    write_created(request, to, signet_list_at(list, 0));
  else
    signet_buffer_string(out, "{\"code\":0,\"message\":\"success\"}");
}

static void write_signs(sandbox_request *request, signet_verb verb,
                        const signet_list *list)
{
  signet_buffer *out = &request->out;
  if (verb == SIGNET_UPDATE || verb == SIGNET_DELETE) {
    signet_buffer_string(out, "{\"count\":1}");
    return;
  }
  signet_buffer_string(out, "{\"result\":");
  if (verb == SIGNET_LIST) {
    size_t count = signet_list_count(list);
    write_records(out, list);
    signet_buffer_format(out, ",\"count\":%zu,\"total\":%zu", count, count);
  } else {
    signet_json_write_record(out, signet_list_at(list, 0));
  }
  signet_buffer_string(out, "}");
}

static void answer(sandbox_request *request, const route *to, signet_verb verb,
                   const signet_world_reply *reply)
{
  const signet_error *error = &reply->error;
  if (error->kind == SIGNET_OK) {
    request->status = MHD_HTTP_OK;
    request->made_effect = verb != SIGNET_GET && verb != SIGNET_LIST;
    if (to->resource->dialect == SIGNET_SIGNS)
      write_signs(request, verb, reply->list);
    else
      write_configs(request, to, verb, reply->list);
  } else if (error->http_status == MHD_HTTP_BAD_REQUEST) {
    sandbox_answer_error(request, MHD_HTTP_BAD_REQUEST, error->code,
                         error->service_message);
  } else {
    sandbox_answer_error(request, MHD_HTTP_INTERNAL_SERVER_ERROR,
                         MHD_HTTP_INTERNAL_SERVER_ERROR,
                         "Internal server error");
  }
}

static void carry_out(sandbox_request *request, const route *to,
                      signet_verb verb)
{
  signet_operation operation = SIGNET_OPERATION_INIT;
  signet_world_reply reply = {.list = NULL};
  signet_fields *fields = NULL;
  if (verb == SIGNET_CREATE || verb == SIGNET_UPDATE) {
    fields = read_body(request, to);
    if (fields == NULL)
      return;
  } else if (verb == SIGNET_LIST) {
    fields = read_query(request, to);
    if (fields == NULL)
      return;
  }
  operation.kind = to->resource->kind;
  operation.verb = verb;
  operation.id = to->entry ? to->id : NULL;
  operation.id_length = to->id_length;
  operation.fields = fields;
  signet_world_apply(request->sandbox->world, to->resource->dialect, &operation,
                     &reply);
  answer(request, to, verb, &reply);
  signet_list_release(reply.list);
  signet_fields_free(fields);
}

static bool check_credentials(sandbox_request *request, const route *to)
{
  if (sandbox_authorized(request))
    return true;
  bool signs = to->resource->dialect == SIGNET_SIGNS;
  sandbox_answer_error(
      request, MHD_HTTP_UNAUTHORIZED,
      signs ? CODE_CREDENTIALS_SIGNS : CODE_CREDENTIALS_CONFIGS,
      signs ? "Authentication failed" : "authentication failed");
  return false;
}

void sandbox_service(sandbox_request *request)
{
  route to = {.id_length = 0};
  signet_verb verb;
  if (!find_route(request, &to)) {
    sandbox_answer_error(request, MHD_HTTP_NOT_FOUND, MHD_HTTP_NOT_FOUND,
                         "no such path");
  } else if (!find_verb(request, &to, &verb)) {
    request->allow = to.entry ? "GET, PUT, DELETE" : "GET, POST";
    sandbox_answer_error(request, MHD_HTTP_METHOD_NOT_ALLOWED,
                         MHD_HTTP_METHOD_NOT_ALLOWED, "method not allowed");
  } else if (!check_credentials(request, &to)) {
    return;
  } else if (!sandbox_answer_body(request)) {
    carry_out(request, &to, verb);
  }
}
