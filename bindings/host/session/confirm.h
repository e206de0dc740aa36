/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_CONFIRM_H
#define SIGNET_HOST_CONFIRM_H

/* The question before deletes. */

#include "host/session/session.h"

/** Whether there is a terminal to ask on. */
bool signet_host_can_ask(const struct session *session);

/** Asks a question there. @return whether the answer is yes */
bool signet_host_ask(struct session *session, const char *question);

/** Asks before the first delete; a signet_job_confirm_fn, @p user is the
 * session. */
bool signet_host_confirm(void *user, const char *account, signet_error *error);

#endif
