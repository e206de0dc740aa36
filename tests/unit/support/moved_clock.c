/* SPDX-License-Identifier: MIT */
#include "moved_clock.h"

#include <stdatomic.h>
#include <time.h>

static _Atomic int64_t slept_ms;

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
  enum { NS_PER_SECOND = 1000000000 };
  int result = __real_clock_gettime(clock, now);
  if (clock != CLOCK_BOOTTIME && clock != CLOCK_REALTIME)
    return result;
  int64_t moved = slept_ms;
  now->tv_sec += (time_t)(moved / 1000);
  now->tv_nsec += (long)(moved % 1000 * 1000000);
  if (now->tv_nsec >= NS_PER_SECOND) {
    now->tv_sec++;
    now->tv_nsec -= NS_PER_SECOND;
  }
  return result;
}

void moved_clock_sleep(int64_t ms)
{
  slept_ms += ms;
}
