/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SANDBOX_ANSWER_H
#define SIGNET_SANDBOX_ANSWER_H

#include "sandbox/server.h"

/** {"code":…,"message":…} with an HTTP status. */
void sandbox_answer_error(sandbox_request *request, int status, int64_t code,
                          const char *message);
/** Answers that memory ran out; nothing was done. */
void sandbox_answer_memory(sandbox_request *request);
/** Answers a request whose body was not kept. @return false: it was */
bool sandbox_answer_body(sandbox_request *request);
/** Hands the reply over, spoilt by the request's fault if it has one. */
enum MHD_Result sandbox_answer_send(sandbox_request *request);

#endif
