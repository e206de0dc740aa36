/* SPDX-License-Identifier: MIT */
/* The control API: which path does what. */
#include "sandbox/control.h"

#include "sandbox/answer.h"
#include "sandbox/control_reply.h"
#include "sandbox/control_review.h"
#include "sandbox/control_state.h"
#include "sandbox/control_traffic.h"

#include "wire/json.h"

#include <string.h>

#define ROOT "/__sandbox"

static void get_routes(sandbox_request *request, struct json_object *body);

static void stop(sandbox_request *request, struct json_object *body)
{
  (void)body;
  signet_buffer_string(&request->out, "{\"stopping\":true}");
  sandbox_control_done(request);
  signet_sandbox_stop(request->sandbox);
}

/* A path that ends with a slash stands for one of many: an id follows. PUT
 * /state reads its body itself, which is no small JSON text. */
static const struct route {
  const char *method;
  const char *path;
  sandbox_control_fn answer;
  bool raw_body;
} routes[] = {
    {"GET", "", get_routes, false},
    {"GET", "/state", sandbox_get_state, false},
    {"PUT", "/state", sandbox_put_state, true},
    {"POST", "/save", sandbox_save, false},
    {"POST", "/reset", sandbox_reset, false},
    {"GET", "/options", sandbox_get_options, false},
    {"PUT", "/options", sandbox_put_options, false},
    {"POST", "/advance", sandbox_advance, false},
    {"POST", "/review", sandbox_review, false},
    {"GET", "/reviewer", sandbox_get_reviewer, false},
    {"PUT", "/reviewer", sandbox_put_reviewer, false},
    {"DELETE", "/reviewer", sandbox_delete_reviewer, false},
    {"POST", "/lock", sandbox_lock, false},
    {"POST", "/unlock", sandbox_unlock, false},
    {"GET", "/faults", sandbox_get_faults, false},
    {"POST", "/faults", sandbox_add_fault, false},
    {"DELETE", "/faults", sandbox_delete_faults, false},
    {"DELETE", "/faults/", sandbox_delete_fault, false},
    {"GET", "/requests", sandbox_get_requests, false},
    {"DELETE", "/requests", sandbox_delete_requests, false},
    {"GET", "/stats", sandbox_get_stats, false},
    {"POST", "/stop", stop, false},
};
enum { ROUTE_COUNT = sizeof routes / sizeof routes[0] };

static void get_routes(sandbox_request *request, struct json_object *body)
{
  (void)body;
  signet_buffer_string(&request->out, "{\"routes\":[");
  for (size_t i = 0; i < ROUTE_COUNT; i++)
    signet_buffer_format(&request->out, "%s\"%s " ROOT "%s%s\"",
                         i > 0 ? "," : "", routes[i].method, routes[i].path,
                         strcmp(routes[i].path, "/faults/") == 0 ? "ID" : "");
  signet_buffer_string(&request->out, "]}");
  sandbox_control_done(request);
}

static bool path_is(const char *path, size_t length, const char *wanted)
{
  size_t wanted_length = strlen(wanted);
  if (wanted_length > 0 && wanted[wanted_length - 1] == '/')
    return length > wanted_length && memcmp(path, wanted, wanted_length) == 0 &&
           memchr(path + wanted_length, '/', length - wanted_length) == NULL;
  return length == wanted_length && memcmp(path, wanted, length) == 0;
}

static const struct route *find_route(sandbox_request *request,
                                      bool *path_known)
{
  const char *path = request->target + strlen(ROOT);
  size_t length = request->path_length - strlen(ROOT);
  if (length == 1) /* /__sandbox/ is /__sandbox */
    length = 0;
  *path_known = false;
  for (size_t i = 0; i < ROUTE_COUNT; i++) {
    if (!path_is(path, length, routes[i].path))
      continue;
    *path_known = true;
    if (strcmp(routes[i].method, request->method) == 0)
      return &routes[i];
  }
  return NULL;
}

static void call(sandbox_request *request, const struct route *route)
{
  const char *problem = NULL;
  json_object *body = NULL;
  bool none = request->body.length == 0;
  if (!none && !route->raw_body)
    body =
        signet_json_parse(request->body.data, request->body.length, &problem);
  if (signet_json_ran_out(problem))
    sandbox_answer_memory(request);
  else if (problem != NULL)
    sandbox_control_wrong(request, problem);
  else
    route->answer(request, body);
  json_object_put(body);
}

void sandbox_control(sandbox_request *request)
{
  bool path_known;
  const struct route *route = find_route(request, &path_known);
  if (route == NULL && path_known)
    sandbox_answer_error(request, MHD_HTTP_METHOD_NOT_ALLOWED,
                         MHD_HTTP_METHOD_NOT_ALLOWED, "method not allowed");
  else if (route == NULL)
    sandbox_answer_error(request, MHD_HTTP_NOT_FOUND, MHD_HTTP_NOT_FOUND,
                         "no such path; GET /__sandbox/ lists them");
  else if (!sandbox_answer_body(request))
    call(request, route);
  /* For whoever reads it in a terminal. */
  if (request->out.length > 0 &&
      request->out.data[request->out.length - 1] != '\n')
    signet_buffer_append(&request->out, "\n", 1);
}
