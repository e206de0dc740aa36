/* SPDX-License-Identifier: MIT */
#include "net/gain.h"

#include <float.h>

/* What is compared: so many refusals, in so many seconds at least. */
enum { REFUSALS = 4 };
static const double SECONDS = 4;
/* Going slower did not help if the rate is this much lower, and this much less
 * is accepted. */
static const double SLOWER = 0.5, LESS = 0.6;
/* Where fewer are accepted from one refusal to the next, it is no chance. */
static const double FEW = 4;
/* What was best once counts less each time. */
static const double AGING = 0.95;

static void compare(signet_gain *gain, double accepted)
{
  if (gain->vain && gain->accepted < FEW * gain->refusals) {
    gain->vain = false;
    return;
  }
  gain->best *= AGING;
  if (accepted >= gain->best) {
    gain->best = accepted;
    gain->best_rate = gain->rate;
  } else if (accepted >= gain->best * LESS) {
    return;
  } else if (gain->vain) {
    *gain = (signet_gain){0}; /* it was not; or all is different now */
  } else {
    gain->vain = gain->rate < gain->best_rate * SLOWER;
  }
}

bool signet_gain_note(signet_gain *gain, const signet_refusal *refusal,
                      double accepted, double per_second)
{
  double rate = per_second > 0 ? per_second : DBL_MAX;
  if (gain->refusals == 0) {
    gain->began_ns = refusal->resumed_ns;
    gain->accepted = 0;
    gain->rate = rate;
  }
  gain->accepted += accepted;
  gain->refusals++;
  double seconds = (double)(refusal->ended_ns - gain->began_ns) / 1e9;
  if (gain->refusals >= REFUSALS && seconds >= SECONDS) {
    compare(gain, gain->accepted / seconds);
    gain->refusals = 0;
  }
  return gain->vain;
}
