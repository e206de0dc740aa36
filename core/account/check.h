/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_CHECK_H
#define SIGNET_ACCOUNT_CHECK_H

/* What is checked before anything is sent. */

#include "account/call.h"
#include "signet/rules.h"

/** Checks what was asked, and takes the id over. @return false: it breaks a
 * rule, and the call has ended */
bool signet_check(signet_call *call, const signet_operation *operation);
/** Ends a call that an interrupt keeps from going on. @return whether it did */
bool signet_check_held(signet_call *call);
/** Ends a call whose entry waits for a review. @return whether it did */
bool signet_check_pending(signet_call *call, const signet_record *record);
/** Ends a call that breaks a rule. */
void signet_check_break_rule(signet_call *call,
                             const signet_violation *violation);

#endif
