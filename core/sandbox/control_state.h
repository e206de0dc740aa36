/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SANDBOX_CONTROL_STATE_H
#define SIGNET_SANDBOX_CONTROL_STATE_H

#include "sandbox/control.h"

/* The world and its options. */

void sandbox_get_state(sandbox_request *request, struct json_object *body);
void sandbox_put_state(sandbox_request *request, struct json_object *body);
void sandbox_save(sandbox_request *request, struct json_object *body);
void sandbox_reset(sandbox_request *request, struct json_object *body);
void sandbox_get_options(sandbox_request *request, struct json_object *body);
void sandbox_put_options(sandbox_request *request, struct json_object *body);
void sandbox_advance(sandbox_request *request, struct json_object *body);

#endif
