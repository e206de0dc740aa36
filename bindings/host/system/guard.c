/* SPDX-License-Identifier: MIT */
#include "host/system/guard.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SIGNET_HOST_SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SIGNET_HOST_SANITIZED 1
#endif

void signet_host_guard(void)
{
  const struct rlimit none = {0, 0};

  (void)setrlimit(RLIMIT_CORE, &none);
#ifndef SIGNET_HOST_SANITIZED
  /* The leak checker attaches to its own process, which this forbids. */
  (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

void signet_host_reserve_streams(void)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
    if (fcntl(fd, F_GETFD) < 0) {
      /* The wrong direction, so that using it fails as before. */
      (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
  }
}

void signet_host_wipe_environment(void)
{
  static const char *const variables[] = {"ENGAGELAB_SMS_KEY",
                                          "ENGAGELAB_SMS_SECRET"};

  for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
    /* getenv points into the block that the kernel shows in /proc. */
    char *value = getenv(variables[i]);

    if (value != NULL) {
      explicit_bzero(value, strlen(value));
      (void)unsetenv(variables[i]);
    }
  }
}
