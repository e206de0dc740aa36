/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_SETTLE_H
#define SIGNET_ACCOUNT_SETTLE_H

/*
 * Finding out what came of a write whose outcome is open. That the service does
 * not show an effect proves little: the effect may come late, and what is read
 * may lag behind. So it counts as absent only after the window.
 *
 * The window of a write ends when the request's time limit and a margin
 * (--settle-create) have passed since it was last sent, by the service's clock.
 * Then three looks over ten seconds must not show the effect. During a run
 * nobody waits that long: what is not found soon stays open until the job is
 * resumed.
 */

#include "account/call.h"

enum { SIGNET_SETTLE_LOOKS = 3 };

#endif
