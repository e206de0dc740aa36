/* SPDX-License-Identifier: MIT */
/*
 * Preloaded, the machine has slept for as many seconds as the file that
 * SIGNET_TEST_SLEPT names has bytes: CLOCK_BOOTTIME and CLOCK_REALTIME are
 * ahead by that, CLOCK_MONOTONIC is not.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now)
{
  const char *file = getenv("SIGNET_TEST_SLEPT");
  struct stat status;
  long result = syscall(SYS_clock_gettime, clock, now);
  if (result == 0 && (clock == CLOCK_BOOTTIME || clock == CLOCK_REALTIME) &&
      file != NULL && stat(file, &status) == 0)
    now->tv_sec += status.st_size;
  return (int)result;
}
