/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SANDBOX_CONTROL_H
#define SIGNET_SANDBOX_CONTROL_H

/* The routes of the control API. Each answers by itself; the JSON body of a
 * POST or PUT is NULL where none was sent. */

#include "sandbox/server.h"

typedef void (*sandbox_control_fn)(sandbox_request *request,
                                   struct json_object *body);

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

/** @name control_state.c @{ */
void sandbox_get_state(sandbox_request *request, struct json_object *body);
void sandbox_put_state(sandbox_request *request, struct json_object *body);
void sandbox_save(sandbox_request *request, struct json_object *body);
void sandbox_reset(sandbox_request *request, struct json_object *body);
void sandbox_get_options(sandbox_request *request, struct json_object *body);
void sandbox_put_options(sandbox_request *request, struct json_object *body);
void sandbox_advance(sandbox_request *request, struct json_object *body);
/** @} */

/** @name control_review.c @{ */
void sandbox_review(sandbox_request *request, struct json_object *body);
void sandbox_get_reviewer(sandbox_request *request, struct json_object *body);
void sandbox_put_reviewer(sandbox_request *request, struct json_object *body);
void sandbox_delete_reviewer(sandbox_request *request,
                             struct json_object *body);
void sandbox_lock(sandbox_request *request, struct json_object *body);
void sandbox_unlock(sandbox_request *request, struct json_object *body);
/** @} */

/** @name control_traffic.c @{ */
void sandbox_get_faults(sandbox_request *request, struct json_object *body);
void sandbox_add_fault(sandbox_request *request, struct json_object *body);
void sandbox_delete_faults(sandbox_request *request, struct json_object *body);
void sandbox_delete_fault(sandbox_request *request, struct json_object *body);
void sandbox_get_requests(sandbox_request *request, struct json_object *body);
void sandbox_delete_requests(sandbox_request *request,
                             struct json_object *body);
void sandbox_get_stats(sandbox_request *request, struct json_object *body);
/** @} */

#endif
