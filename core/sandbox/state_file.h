/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SANDBOX_STATE_FILE_H
#define SIGNET_SANDBOX_STATE_FILE_H

#include "sandbox/server.h"

/** @return false: @p error says why; an absent file is none */
bool sandbox_state_load(signet_sandbox *sandbox, signet_error *error);
bool sandbox_state_save(signet_sandbox *sandbox, signet_error *error);

#endif
