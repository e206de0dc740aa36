/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SANDBOX_CONTROL_REPLY_H
#define SIGNET_SANDBOX_CONTROL_REPLY_H

#include "sandbox/control.h"

/** Answers 200 with what is in the request's reply. */
void sandbox_control_done(sandbox_request *request);
/** Answers 400 with an error's message. */
void sandbox_control_wrong(sandbox_request *request, const char *message);
/** Answers with what failed: 500 where memory ran out, else 400. */
void sandbox_control_failed(sandbox_request *request,
                            const signet_error *error);
/** The last part of the path, of a route that ends with a slash. */
const char *sandbox_control_rest(const sandbox_request *request,
                                 size_t *length);

#endif
