/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_LEARNED_H
#define SIGNET_HOST_LEARNED_H

/* What a session's accounts begin with, and leave to the next run. */

#include "host/session/session.h"

/** An account begins. What the session's own account knows of the entries is
 * newer than what earlier runs kept. */
void signet_host_learned_begin(const struct session *session,
                               signet_account *account);
/** It ends. */
void signet_host_learned_end(const struct session *session,
                             const signet_account *account);

#endif
