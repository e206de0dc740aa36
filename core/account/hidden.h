/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_HIDDEN_H
#define SIGNET_ACCOUNT_HIDDEN_H

/* A list is filtered by what it shows. Where it doesn't show a field that it is
 * filtered by, all are listed, and each entry that may match is read. */

#include "account/call.h"

/** Whether the call's list, filtered, may lack entries that match. */
bool signet_hidden_is(const signet_call *call);
/** Lists all, and ends such a call with those that match. */
void signet_hidden_begin(signet_call *call);

#endif
