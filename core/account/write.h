/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_WRITE_H
#define SIGNET_ACCOUNT_WRITE_H

#include "account/call.h"

/** The call is a write: sets how it goes on once all is known of its entry
 * (signet_call.decided), and how it is sent once more (signet_call.send). */
void signet_write_decides(signet_call *call);

#endif
