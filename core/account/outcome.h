/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_OUTCOME_H
#define SIGNET_ACCOUNT_OUTCOME_H

/*
 * What one request came to. The HTTP status alone never decides: a write is
 * applied only when a complete reply says so and the request went out once;
 * refused only when a complete reply says no; everything else is unknown.
 */

#include "account/call.h"

/** The kind of entry that a raw request seems to be about. @return false: none
 */
bool signet_request_entry(const signet_call *call, signet_kind *kind);

/** The status that an error reply of the step's exchange amounts to. */
int signet_outcome_status(const signet_step *step, const char *reply,
                          size_t length);

/** Fills the step's error (kind SIGNET_OK: it worked) and result from its
 * exchange and @p reply, the collected body. */
void signet_outcome_decide(const signet_account *account, signet_step *step,
                           const char *reply, size_t length);

/** Whatever the last attempt came to, one before it may have worked: makes the
 * error of a write say that its outcome is unknown. */
void signet_outcome_leave_open(signet_error *error);

#endif
