/* SPDX-License-Identifier: MIT */
/* Ending the sandbox: from another thread, a signal handler or a request. */
#include "sandbox/server.h"

#include <errno.h>
#include <unistd.h>

void signet_sandbox_stop(signet_sandbox *sandbox)
{
  static const uint64_t one = 1;
  int number = errno; /* a signal handler must leave it alone */
  atomic_store(&sandbox->stopping, true);
  ssize_t written = write(sandbox->wake_fd, &one, sizeof one);
  (void)written; /* full: then it wakes up anyway */
  errno = number;
}
