/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_GAIN_H
#define SIGNET_NET_GAIN_H

/*
 * Whether it pays to go slower because of refusals (HTTP 429). Where a service
 * refuses by chance, or because of what others send, fewer are accepted the
 * slower we go, and as many are refused.
 */

#include "net/refusal.h"

/* Some refusals, and the time between them. */
typedef struct signet_gain {
  int64_t began_ns;
  double accepted;
  unsigned refusals;
  double rate;      /* requests a second that were allowed as it began */
  double best;      /* most that were accepted a second, pauses included */
  double best_rate; /* …while so many were allowed */
  bool vain;        /* going slower was */
} signet_gain;

/** Learns from a refusal, while @p per_second requests a second were allowed
 * (0: any number). @return whether going slower does not help */
bool signet_gain_note(signet_gain *gain, const signet_refusal *refusal,
                      double accepted, double per_second);

#endif
