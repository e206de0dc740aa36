/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SANDBOX_CONTROL_TRAFFIC_H
#define SIGNET_SANDBOX_CONTROL_TRAFFIC_H

#include "sandbox/control.h"

/* Faults, and the requests that came. */

void sandbox_get_faults(sandbox_request *request, struct json_object *body);
void sandbox_add_fault(sandbox_request *request, struct json_object *body);
void sandbox_delete_faults(sandbox_request *request, struct json_object *body);
void sandbox_delete_fault(sandbox_request *request, struct json_object *body);
void sandbox_get_requests(sandbox_request *request, struct json_object *body);
void sandbox_delete_requests(sandbox_request *request,
                             struct json_object *body);
void sandbox_get_stats(sandbox_request *request, struct json_object *body);

#endif
