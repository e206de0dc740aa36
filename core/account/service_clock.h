/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_SERVICE_CLOCK_H
#define SIGNET_ACCOUNT_SERVICE_CLOCK_H

/*
 * The service's clock, as far as the Date headers of its replies tell it. It is
 * kept against the clock that counts from the machine's start: this machine's
 * date may be wrong, and may be corrected while a job runs.
 *
 * A Date is cut to whole seconds and was written at some time between the
 * sending of the request and the arrival of its reply. So each one gives a
 * range for the difference of the two clocks, and several give a narrow one.
 */

#include <stdbool.h>
#include <stdint.h>

typedef struct signet_service_clock {
  bool known;
  int64_t low;  /* service's Unix ms less boot ms, at least */
  int64_t high; /* the same, at most */
} signet_service_clock;

/** Takes one Date over. A range that contradicts the ones before replaces them:
 * the service's clock was set.
 * @param date         Unix seconds
 * @param sent_ms      signet_clock_boot_ms() before the request left
 * @param received_ms  the same when its reply had come */
void signet_service_clock_note(signet_service_clock *clock, int64_t date,
                               int64_t sent_ms, int64_t received_ms);

/** The service's Unix milliseconds at some time of signet_clock_boot_ms(), or
 * up to a second later; 0: not known. */
int64_t signet_service_clock_at(const signet_service_clock *clock,
                                int64_t boot_ms);

/** How far this machine's date is ahead of the service's, in milliseconds, at
 * least; negative: behind it; 0: not known, or no difference is certain. */
int64_t signet_service_clock_skew(const signet_service_clock *clock,
                                  int64_t unix_ms, int64_t boot_ms);

#endif
