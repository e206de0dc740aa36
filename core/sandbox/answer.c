/* SPDX-License-Identifier: MIT */
/* From a request's reply to libmicrohttpd's. */
#include "sandbox/answer.h"

#include "model/memory.h"
#include "wire/json_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

void sandbox_answer_error(sandbox_request *request, int status, int64_t code,
                          const char *message)
{
  request->status = status;
  signet_buffer_clear(&request->out);
  signet_buffer_format(&request->out,
                       "{\"code\":%" PRId64 ",\"message\":", code);
  signet_json_write_string(&request->out, message, strlen(message));
  signet_buffer_string(&request->out, "}");
}

void sandbox_answer_memory(sandbox_request *request)
{
  sandbox_answer_error(request, MHD_HTTP_INTERNAL_SERVER_ERROR,
                       MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory");
}

bool sandbox_answer_body(sandbox_request *request)
{
  char why[80];
  if (request->body_refused == 0)
    return false;
  if (request->body_refused == MHD_HTTP_INTERNAL_SERVER_ERROR) {
    sandbox_answer_memory(request);
    return true;
  }
  snprintf(why, sizeof why, "the body is larger than %zu MiB",
           request->body.maximum >> 20);
  sandbox_answer_error(request, request->body_refused, request->body_refused,
                       why);
  return true;
}

/* A body that breaks off. */
typedef struct cut_body {
  char *data;
  size_t length;
} cut_body;

static ssize_t read_cut(void *user, uint64_t position, char *out, size_t room)
{
  const cut_body *cut = user;
  if (position >= cut->length)
    return MHD_CONTENT_READER_END_WITH_ERROR;
  size_t left = cut->length - (size_t)position;
  size_t size = left < room ? left : room;
  memcpy(out, cut->data + position, size);
  return (ssize_t)size;
}

static void free_cut(void *user)
{
  cut_body *cut = user;
  signet_memory_free(cut->data);
  signet_memory_free(cut);
}

/* The whole length is announced, but only the first bytes are sent. */
static struct MHD_Response *cut_response(char *data, size_t length,
                                         int64_t cut_after)
{
  enum { BLOCK = 4096 };
  cut_body *cut = signet_memory_zeroed(1, sizeof *cut);
  if (cut == NULL)
    return NULL;
  cut->data = data;
  cut->length = (size_t)cut_after;
  struct MHD_Response *response =
      MHD_create_response_from_callback(length, BLOCK, read_cut, cut, free_cut);
  if (response == NULL)
    signet_memory_free(cut);
  return response;
}

static struct MHD_Response *make_response(sandbox_request *request)
{
  size_t length = 0;
  char *data = signet_buffer_take(&request->out, &length);
  const sandbox_fault *fault = request->fault;
  struct MHD_Response *response;
  if (data == NULL)
    return NULL;
  if (fault != NULL && fault->cut_after >= 0 &&
      (uint64_t)fault->cut_after < length)
    response = cut_response(data, length, fault->cut_after);
  else
    response = MHD_create_response_from_buffer_with_free_callback(
        length, data, signet_memory_free);
  if (response == NULL)
    signet_memory_free(data);
  return response;
}

static void add_headers(struct MHD_Response *response,
                        const sandbox_request *request)
{
  bool typed = false;
  if (request->fault != NULL && request->fault->headers != NULL) {
    json_object_object_foreach(request->fault->headers, name, value)
    {
      MHD_add_response_header(response, name, json_object_get_string(value));
      typed = typed || strcasecmp(name, MHD_HTTP_HEADER_CONTENT_TYPE) == 0;
    }
  }
  if (!typed)
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                            "application/json");
  if (request->allow != NULL)
    MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, request->allow);
  if (request->status == MHD_HTTP_UNAUTHORIZED)
    MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
                            "Basic realm=\"signet sandbox\"");
}

enum MHD_Result sandbox_answer_send(sandbox_request *request)
{
  if (request->status == 0)
    return MHD_NO; /* closes the connection */
  if (request->out.failed) {
    request->status = 0;
    return MHD_NO;
  }
  struct MHD_Response *response = make_response(request);
  if (response == NULL)
    return MHD_NO;
  add_headers(response, request);
  enum MHD_Result queued = MHD_queue_response(
      request->connection, (unsigned)request->status, response);
  MHD_destroy_response(response);
  return queued;
}
