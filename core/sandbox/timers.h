/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SANDBOX_TIMERS_H
#define SIGNET_SANDBOX_TIMERS_H

#include "sandbox/server.h"

int64_t sandbox_now_us(void);
/** The sandbox's time of day, ms since 1970: the machine's, put forward. */
int64_t sandbox_wall_ms(const signet_sandbox *sandbox);
/** Tells the world what time it is. */
void sandbox_set_clock(signet_sandbox *sandbox);
/** @return false: out of memory */
bool sandbox_timer_set(sandbox_request *request, int64_t delay_ms);
void sandbox_timer_drop(sandbox_request *request);
/** Wakes every request that is due. */
void sandbox_timers_run(signet_sandbox *sandbox,
                        void (*wake)(sandbox_request *request));

#endif
