/* SPDX-License-Identifier: MIT */
#include "account/service_clock.h"

enum { SECOND_MS = 1000 };

void signet_service_clock_note(signet_service_clock *clock, int64_t date,
                               int64_t sent_ms, int64_t received_ms)
{
  int64_t low = date * SECOND_MS - received_ms;
  int64_t high = (date + 1) * SECOND_MS - sent_ms;
  if (clock->known && low <= clock->high && high >= clock->low) {
    clock->low = low > clock->low ? low : clock->low;
    clock->high = high < clock->high ? high : clock->high;
  } else {
    *clock = (signet_service_clock){true, low, high};
  }
}

int64_t signet_service_clock_at(const signet_service_clock *clock,
                                int64_t boot_ms)
{
  return clock->known ? clock->low + boot_ms : 0;
}

int64_t signet_service_clock_skew(const signet_service_clock *clock,
                                  int64_t unix_ms, int64_t boot_ms)
{
  int64_t earliest = clock->low + boot_ms;
  int64_t latest = clock->high + boot_ms;
  if (!clock->known || (unix_ms >= earliest && unix_ms <= latest))
    return 0;
  return unix_ms > latest ? unix_ms - latest : unix_ms - earliest;
}
