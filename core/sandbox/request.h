/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SANDBOX_REQUEST_H
#define SIGNET_SANDBOX_REQUEST_H

#include "sandbox/server.h"

/** What libmicrohttpd calls: for each part of a request, … */
enum MHD_Result sandbox_handle(void *user, struct MHD_Connection *connection,
                               const char *url, const char *method,
                               const char *version, const char *data,
                               size_t *size, void **slot);
/** … as it begins, and when it is over. */
void *sandbox_request_begin(void *user, const char *target,
                            struct MHD_Connection *connection);
void sandbox_request_end(void *user, struct MHD_Connection *connection,
                         void **slot, enum MHD_RequestTerminationCode code);
/** The timer has fired: makes a late effect and lets the answer go. */
void sandbox_request_wake(sandbox_request *request);

#endif
