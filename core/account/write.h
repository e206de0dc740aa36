/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_WRITE_H
#define SIGNET_ACCOUNT_WRITE_H

/* The steps of a write (operations.c), for what decides about it. */

#include "account/call.h"
#include "signet/rules.h"

/** Reads the entry; @p after finds it in the call's step. */
void signet_write_read(signet_call *call, void (*after)(signet_call *call));
/** Everything about the write is decided: sends it, or has it recorded first.
 * @param before  the entry as it is now; NULL: not known */
void signet_write_decided(signet_call *call, const signet_record *before);
/** Sends a write again that was refused. */
void signet_write_repeat(signet_call *call);
/** Ends a call that an interrupt keeps from going on. @return whether it did */
bool signet_write_refuse_held(signet_call *call);
/** Ends a call that breaks a rule. */
void signet_write_break_rule(signet_call *call,
                             const signet_violation *violation);
/** Ends a call whose entry waits for a review. @return whether it did */
bool signet_write_refuse_pending(signet_call *call,
                                 const signet_record *record);

#endif
