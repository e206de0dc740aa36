/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SANDBOX_CREDENTIALS_H
#define SIGNET_SANDBOX_CREDENTIALS_H

#include "sandbox/server.h"

/** Whether the credentials are right. */
bool sandbox_authorized(const sandbox_request *request);
/** "key:secret" as a Basic header has it. NULL: out of memory. */
char *sandbox_authorization(const char *key, const char *secret);

#endif
