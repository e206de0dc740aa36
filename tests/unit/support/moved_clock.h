/* SPDX-License-Identifier: MIT */
#ifndef MOVED_CLOCK_H
#define MOVED_CLOCK_H

/* Linked with --wrap=clock_gettime: the clocks of a machine that slept. */

#include <stdint.h>

/** The machine sleeps for @p ms: CLOCK_BOOTTIME and CLOCK_REALTIME go on,
 * CLOCK_MONOTONIC does not. */
void moved_clock_sleep(int64_t ms);

#endif
