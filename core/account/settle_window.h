/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_SETTLE_WINDOW_H
#define SIGNET_ACCOUNT_SETTLE_WINDOW_H

#include "account/settle.h"

/** Whether a look that was begun then is the last of those: so late that it
 * decides by itself about what may have been sent by an earlier run. */
bool signet_window_is_late(const signet_call *call, int64_t began_ms);
/** Whether a look that was begun then came after the window, and after the time
 * that the looks take which decide. */
bool signet_window_is_over(const signet_call *call, int64_t began_ms);
/** When it ends, or ended, on signet_clock_boot_ms()'s clock. */
int64_t signet_window_end(const signet_call *call);
/** How long the looks that decide go on: ten seconds. Less where effects are
 * said to come sooner than that: as long as the margin of the window, and ten
 * times the pause before the first look at least. */
int64_t signet_window_span(const signet_account *account);
/** Milliseconds that are left before looks count. */
int64_t signet_window_left(const signet_call *call);
/** When that is, on this machine's clock: "12:04:30". */
void signet_window_time(int64_t left_ms, char *out, size_t size);

#endif
