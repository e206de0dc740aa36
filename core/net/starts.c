/* SPDX-License-Identifier: MIT */
#include "net/starts.h"

static unsigned place(const signet_starts *starts, unsigned nth)
{
  return (starts->count - nth) % SIGNET_STARTS;
}

unsigned signet_starts_known(const signet_starts *starts)
{
  return starts->count < SIGNET_STARTS ? starts->count : SIGNET_STARTS;
}

int64_t signet_starts_last(const signet_starts *starts, unsigned nth)
{
  return starts->ns[place(starts, nth)];
}

void signet_starts_add(signet_starts *starts, int64_t now_ns)
{
  starts->count++;
  starts->ns[place(starts, 1)] = now_ns;
  starts->refused[place(starts, 1)] = false;
}

void signet_starts_refuse(signet_starts *starts, int64_t began_ns)
{
  unsigned known = signet_starts_known(starts);
  for (unsigned nth = 1; nth <= known; nth++) {
    unsigned at = place(starts, nth);
    if (starts->ns[at] == began_ns && !starts->refused[at]) {
      starts->refused[at] = true;
      return;
    }
  }
}

unsigned signet_starts_accepted(const signet_starts *starts, int64_t from_ns,
                                int64_t to_ns)
{
  unsigned known = signet_starts_known(starts);
  unsigned count = 0;
  for (unsigned nth = 1; nth <= known; nth++) {
    unsigned at = place(starts, nth);
    if (starts->ns[at] < from_ns)
      break;
    count += starts->ns[at] <= to_ns && !starts->refused[at];
  }
  return count;
}
