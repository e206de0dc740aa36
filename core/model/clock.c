/* SPDX-License-Identifier: MIT */
#include "model/clock.h"

#include <time.h>

enum { NS_PER_US = 1000, NS_PER_MS = 1000000, NS_PER_SECOND = 1000000000 };

/* Each of these clocks exists since Linux 2.6.39, so that none can fail. */
static int64_t read_ns(clockid_t clock)
{
  struct timespec now = {0};
  clock_gettime(clock, &now);
  return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

int64_t signet_clock_boot_ns(void)
{
  return read_ns(CLOCK_BOOTTIME);
}

int64_t signet_clock_boot_ms(void)
{
  return signet_clock_boot_ns() / NS_PER_MS;
}

/* CLOCK_MONOTONIC stands still while the machine sleeps. */
int64_t signet_clock_awake_ms(void)
{
  return read_ns(CLOCK_MONOTONIC) / NS_PER_MS;
}

int64_t signet_clock_slept_ms(void)
{
  int64_t awake = read_ns(CLOCK_MONOTONIC);
  return (signet_clock_boot_ns() - awake) / NS_PER_MS;
}

int64_t signet_clock_unix_us(void)
{
  return read_ns(CLOCK_REALTIME) / NS_PER_US;
}

int64_t signet_clock_unix_ms(void)
{
  return read_ns(CLOCK_REALTIME) / NS_PER_MS;
}

int64_t signet_clock_processor_ns(void)
{
  return read_ns(CLOCK_THREAD_CPUTIME_ID);
}

void signet_clock_pause(int64_t delay_ms)
{
  const struct timespec delay = {.tv_sec = (time_t)(delay_ms / 1000),
                                 .tv_nsec =
                                     (long)(delay_ms % 1000 * NS_PER_MS)};
  clock_nanosleep(CLOCK_BOOTTIME, 0, &delay, NULL);
}
