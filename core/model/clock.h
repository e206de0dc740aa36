/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_MODEL_CLOCK_H
#define SIGNET_MODEL_CLOCK_H

/* The one place that reads the time. Deadlines, waits, pauses and leases count
 * on the clock that goes on while the machine sleeps. */

#include "model/visibility.h"

#include <stdint.h>

/** Nanoseconds since the machine was started, its sleep included. It never
 * goes back. */
SIGNET_INTERNAL int64_t signet_clock_boot_ns(void);
/** The same in milliseconds. */
int64_t signet_clock_boot_ms(void);

/** Milliseconds since the machine was started, without its sleep: libcurl's
 * clock. */
int64_t signet_clock_awake_ms(void);
/** The part of signet_clock_boot_ms() in which the machine slept. It is known
 * to within the time between two readings. */
int64_t signet_clock_slept_ms(void);

/** Microseconds since 1970, as this machine believes. */
int64_t signet_clock_unix_us(void);
/** The same in milliseconds. */
SIGNET_INTERNAL int64_t signet_clock_unix_ms(void);

/** Nanoseconds for which this thread kept a processor busy. */
int64_t signet_clock_processor_ns(void);

/** Stops this thread for @p delay_ms, or until a signal comes. For a few
 * milliseconds where there is no loop. */
void signet_clock_pause(int64_t delay_ms);

#endif
