/* SPDX-License-Identifier: MIT */
#include "net/refusal.h"

static const int64_t SECOND = 1000000000;

static double seconds(int64_t from_ns, int64_t to_ns)
{
  return (double)(to_ns - from_ns) / (double)SECOND;
}

static double most_of(double a, double b)
{
  return a > b ? a : b;
}

/* When the first one started that is remembered. */
static int64_t oldest(const signet_starts *starts)
{
  return signet_starts_last(starts, signet_starts_known(starts));
}

double signet_refusal_after(const signet_refusal *refusal)
{
  return seconds(refusal->resumed_ns, refusal->refused_ns);
}

double signet_refusal_accepted(const signet_refusal *refusal,
                               const signet_starts *starts)
{
  return signet_starts_accepted(starts, refusal->resumed_ns,
                                refusal->refused_ns);
}

double signet_refusal_rate(const signet_refusal *refusal,
                           const signet_starts *starts)
{
  int64_t from = refusal->refused_ns - SECOND;
  int64_t to = refusal->refused_ns;
  double count = signet_starts_accepted(starts, from, to);
  bool all = signet_starts_known(starts) < SIGNET_STARTS;
  return all || oldest(starts) <= from ? count
                                       : count / seconds(oldest(starts), to);
}

bool signet_refusal_is_whole(const signet_refusal *refusal,
                             const signet_starts *starts)
{
  return signet_starts_known(starts) < SIGNET_STARTS ||
         oldest(starts) <= refusal->resumed_ns;
}

signet_bracket signet_refusal_bucket(const signet_refusal *refusal,
                                     const signet_starts *starts, double burst)
{
  signet_bracket found = {0, 0};
  int64_t last = 0; /* the one before the refused one */
  double count = 0;
  for (unsigned nth = 1; nth <= signet_starts_known(starts); nth++) {
    int64_t start = signet_starts_last(starts, nth);
    if (start >= refusal->refused_ns)
      continue;
    if (start < refusal->resumed_ns)
      break;
    count++;
    last = last == 0 ? start : last;
    if (last > start)
      found.accepted =
          most_of(found.accepted, (count - burst) / seconds(start, last));
    found.refused =
        most_of(found.refused,
                (count + 1 - burst) / seconds(start, refusal->refused_ns));
  }
  return found;
}

signet_bracket signet_refusal_refill(const signet_refusal *refusal,
                                     const signet_starts *starts)
{
  int64_t from = refusal->earlier_ns, to = refusal->refused_ns;
  if (from == 0 || oldest(starts) > from || from >= to)
    return (signet_bracket){0, 0};
  double count = signet_starts_accepted(starts, from, to);
  return (signet_bracket){.accepted = (count - 1) / seconds(from, to),
                          .refused = (count + 1) / seconds(from, to)};
}
