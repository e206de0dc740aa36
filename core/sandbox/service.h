/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SANDBOX_SERVICE_H
#define SIGNET_SANDBOX_SERVICE_H

#include "sandbox/server.h"

/** Carries out a request to the service. */
void sandbox_service(sandbox_request *request);

#endif
