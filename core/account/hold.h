/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_HOLD_H
#define SIGNET_ACCOUNT_HOLD_H

/* An interrupt: nothing new is started, and what was sent comes to its end. */

#include "account/call.h"

/** Once an account is held, nobody waits out a pause that the service asks for:
 * what has to come after it ends now. A write's outcome stays open. */
void signet_account_end_waiting(signet_account *account);

#endif
