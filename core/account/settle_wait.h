/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_SETTLE_WAIT_H
#define SIGNET_ACCOUNT_SETTLE_WAIT_H

#include "account/settle.h"

/** One look, begun at @p began_ms of signet_clock_boot_ms(), didn't show the
 * effect of an earlier run's write. Decides, or looks again later. */
void signet_window_look(signet_call *call, int64_t began_ms);

#endif
