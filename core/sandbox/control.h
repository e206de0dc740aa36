/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SANDBOX_CONTROL_H
#define SIGNET_SANDBOX_CONTROL_H

/* The routes of the control API. Each answers by itself; the JSON body of a
 * POST or PUT is NULL where none was sent. */

#include "sandbox/server.h"

typedef void (*sandbox_control_fn)(sandbox_request *request,
                                   struct json_object *body);

/** Carries out a request to the control API. */
void sandbox_control(sandbox_request *request);

#endif
