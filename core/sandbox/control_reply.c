/* SPDX-License-Identifier: MIT */
/* What the routes of the control API answer in the same way. */
#include "sandbox/control_reply.h"

#include "sandbox/answer.h"

void sandbox_control_done(sandbox_request *request)
{
  request->status = MHD_HTTP_OK;
}

void sandbox_control_wrong(sandbox_request *request, const char *message)
{
  sandbox_answer_error(request, MHD_HTTP_BAD_REQUEST, MHD_HTTP_BAD_REQUEST,
                       message);
}

void sandbox_control_failed(sandbox_request *request, const signet_error *error)
{
  if (error->kind == SIGNET_ERROR_MEMORY)
    sandbox_answer_memory(request);
  else
    sandbox_control_wrong(request, error->message);
}

const char *sandbox_control_rest(const sandbox_request *request, size_t *length)
{
  size_t begin = request->path_length;
  while (request->target[begin - 1] != '/')
    begin--;
  *length = request->path_length - begin;
  return request->target + begin;
}
