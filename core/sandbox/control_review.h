/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SANDBOX_CONTROL_REVIEW_H
#define SIGNET_SANDBOX_CONTROL_REVIEW_H

#include "sandbox/control.h"

/* The reviewer, and what locks entries. */

void sandbox_review(sandbox_request *request, struct json_object *body);
void sandbox_get_reviewer(sandbox_request *request, struct json_object *body);
void sandbox_put_reviewer(sandbox_request *request, struct json_object *body);
void sandbox_delete_reviewer(sandbox_request *request,
                             struct json_object *body);
void sandbox_lock(sandbox_request *request, struct json_object *body);
void sandbox_unlock(sandbox_request *request, struct json_object *body);

#endif
