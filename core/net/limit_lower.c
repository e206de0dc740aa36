/* SPDX-License-Identifier: MIT */
/* What a refusal tells of the rate that a service allows. */
#include "net/limit_lower.h"

enum { SURE_MAXIMUM = 3 };

static const double NS = 1e-9;
/* Where nothing is known but that a few at once are too much. */
static const double FIRST_GUESS = 10;
/* A service that counts so accepted no more in a second than at once, or hardly
 * more; few at once tell something from so many on. */
static const double SAME_COUNT = 1.3, SAME_FEW = 2, LEAST_COUNT = 4;
/* What is refused so soon after a pause was too much at once. */
static const double AT_ONCE_SECONDS = 0.3;
/* The smallest step of a search between two rates, of which it takes so many.
 */
static const double LEAST_STEP = 1.03;
enum { STEPS = 8, SOON_BY_CHANCE = 1 };
/* Refused again after more than this, it was by chance. */
static const double SOON_SECONDS = 3;

static double least_of(double a, double b)
{
  return a < b ? a : b;
}

static double most_of(double a, double b)
{
  return a > b ? a : b;
}

static bool is_even(const signet_limit *limit)
{
  return signet_limit_kind_of(limit) == SIGNET_LIMIT_EVEN;
}

static bool is_search(const signet_limit *limit)
{
  return limit->stage == SIGNET_LIMIT_SEARCH;
}

static double after(const signet_refusal *refusal)
{
  return signet_refusal_after(refusal);
}

static double accepted_rate(const signet_limit *limit,
                            const signet_refusal *refusal)
{
  return signet_refusal_rate(refusal, &limit->starts);
}

static signet_bracket measure(const signet_limit *limit,
                              const signet_refusal *refusal)
{
  return signet_refusal_bucket(refusal, &limit->starts, limit->counts.burst);
}

static bool is_same(double a, double b)
{
  return a <= b * 1.1 && a >= b * 0.9;
}

static void confirm(signet_limit *limit, bool same)
{
  if (!same)
    limit->sure = 0;
  else if (limit->sure < SURE_MAXIMUM)
    limit->sure++;
}

/* From the accepted one to near the refused one, in some steps. */
static void set_bracket(signet_limit *limit, double accepted, double refused)
{
  double wide = refused * signet_limit_below_refused / accepted;
  double step = 1;
  for (int i = 0; i < 60 && wide > 1; i++) {
    step *= 1.01;
    double reach = 1;
    for (int k = 0; k < STEPS; k++)
      reach *= step;
    if (reach >= wide)
      break;
  }
  confirm(limit, is_same(refused, limit->ceiling));
  limit->step = wide > 1 ? most_of(step, LEAST_STEP) : 1;
  limit->stage = SIGNET_LIMIT_HOLD;
  signet_limit_put(limit, refused, accepted);
}

/* What was accepted since requests started again is what the bucket held then,
 * `burst` at most, and what it was filled with. */
static void lower_much(signet_limit *limit, const signet_refusal *refusal)
{
  double was = limit->per_second;
  double count = most_of(signet_refusal_accepted(refusal, &limit->starts), 1);
  double filled = 1 - limit->counts.burst / count;
  double least = was * least_of(most_of(filled, 0.8), signet_limit_safe_evenly);
  signet_limit_put(limit, (least + was) / 2 / signet_limit_below_refused,
                   least);
}

/* Refused although nothing more was tried: one came unevenly, or, if that
 * happens soon again and again, the rate is too high after all. */
static void lower_a_little(signet_limit *limit, const signet_refusal *refusal)
{
  double was = limit->per_second;
  bool soon = after(refusal) < SOON_SECONDS;
  limit->step = 1;
  limit->sure = 0;
  limit->soon = soon ? limit->soon + 1 : 0;
  if (limit->soon > SOON_BY_CHANCE)
    lower_much(limit, refusal);
  else
    signet_limit_put(limit, was * 0.995 / signet_limit_below_refused,
                     was * signet_limit_safe_evenly);
}

/* A search that began with few at once met what counts those of a second. */
static bool lower_few(signet_limit *limit, const signet_refusal *refusal)
{
  if (!is_search(limit) || limit->counts.burst < LEAST_COUNT ||
      accepted_rate(limit, refusal) > limit->counts.burst * SAME_FEW)
    return false;
  limit->counts.counted = true;
  signet_limit_put(limit, limit->counts.burst,
                   limit->counts.burst * signet_limit_safe); /* still a guess */
  return true;
}

static void lower_evenly(signet_limit *limit, const signet_refusal *refusal)
{
  if (lower_few(limit, refusal))
    return;
  bool climbing = limit->step > 1 && limit->past.age < 1;
  signet_bracket found = measure(limit, refusal);
  if (climbing && found.accepted <= 0) {
    /* Too few to tell: it climbs again, from a little further down. */
    signet_limit_put(limit, limit->ceiling, limit->per_second * 0.8);
  } else if (is_search(limit) || climbing) {
    if (found.refused <= 0)
      found.refused = limit->per_second;
    if (found.accepted <= 0)
      found.accepted = found.refused / 4;
    if (climbing) /* one search between two rates is enough */
      found.refused =
          least_of(found.refused, found.accepted / signet_limit_below_refused);
    set_bracket(
        limit,
        least_of(found.accepted * signet_limit_safe_evenly, found.refused),
        found.refused);
  } else if (limit->stage == SIGNET_LIMIT_TRY) {
    limit->step = 1;
    confirm(limit, true);
    signet_limit_put(limit, limit->base / signet_limit_below_refused,
                     limit->base);
  } else {
    lower_a_little(limit, refusal);
  }
}

/* ---- where many at once are accepted ---- */

/* Too much at once: either the service bears less, or its bucket wasn't full.
 */
static bool lower_burst(signet_limit *limit, const signet_refusal *refusal)
{
  double burst = limit->counts.burst;
  double count = signet_refusal_accepted(refusal, &limit->starts);
  double filled = signet_refusal_refill(refusal, &limit->starts).refused;
  if (after(refusal) >= AT_ONCE_SECONDS || count >= burst)
    return false;
  if (count < 1)
    return true; /* what is allowed was used up before the pause */
  if ((limit->counts.guessed || count < burst / 2) && filled > 0 &&
      filled < limit->per_second) {
    limit->stage = SIGNET_LIMIT_SEARCH;
    signet_limit_put(limit, filled, filled * signet_limit_safe);
    return true;
  }
  limit->counts.burst = least_of(count, burst * 0.9);
  limit->counts.burst_time = after(refusal);
  if (is_search(limit) && limit->base <= burst &&
      limit->base > limit->counts.burst)
    signet_limit_put(limit, limit->counts.burst,
                     limit->counts.burst * signet_limit_safe);
  return true;
}

/* What a bucket accepted at once holds more than it does: it was filled. */
static signet_bracket measure_bucket(signet_limit *limit,
                                     const signet_refusal *refusal)
{
  double burst = limit->counts.burst;
  signet_bracket found = measure(limit, refusal);
  for (int i = 0; i < 4 && limit->counts.burst_time > 0; i++) {
    double filled = found.accepted * limit->counts.burst_time;
    limit->counts.burst = most_of(burst - filled, burst / 4);
    found = measure(limit, refusal);
  }
  limit->counts.burst_time = 0;
  signet_bracket refill = signet_refusal_refill(refusal, &limit->starts);
  found.accepted = most_of(found.accepted, refill.accepted);
  found.refused = most_of(found.refused, refill.refused);
  return found;
}

static void lower_bucket(signet_limit *limit, const signet_refusal *refusal)
{
  double was = limit->per_second;
  signet_bracket found = measure_bucket(limit, refusal);
  double lower = least_of(was * 0.8, found.refused * signet_limit_safe_evenly);
  lower = most_of(lower, found.accepted * signet_limit_safe_evenly);
  lower = least_of(lower, was * 0.97);
  confirm(limit, is_same(lower, limit->ceiling));
  limit->counts.bucket = true;
  limit->stage = SIGNET_LIMIT_HOLD;
  signet_limit_put(limit, most_of(found.refused, lower), lower);
}

static void lower_count(signet_limit *limit, const signet_refusal *refusal)
{
  double accepted = most_of(accepted_rate(limit, refusal), 1);
  double lower = least_of(accepted, limit->past.earlier[1]);
  if (is_search(limit))
    lower = 2 * accepted * limit->per_second / (accepted + limit->per_second);
  if (after(refusal) < 1)
    lower = least_of(most_of(accepted, limit->per_second * 0.7),
                     limit->per_second * 0.95);
  confirm(limit, is_same(lower, limit->ceiling));
  limit->stage = SIGNET_LIMIT_HOLD;
  signet_limit_put(limit, lower, lower * signet_limit_safe);
}

static void lower(signet_limit *limit, const signet_refusal *refusal)
{
  bool bucket = limit->counts.bucket;
  if (lower_burst(limit, refusal))
    return;
  if (is_search(limit))
    bucket = accepted_rate(limit, refusal) > limit->counts.burst * SAME_COUNT;
  if (bucket && signet_refusal_is_whole(refusal, &limit->starts))
    lower_bucket(limit, refusal);
  else
    lower_count(limit, refusal);
}

/* The first refusal of all tells little: too much was asked at once. */
static void begin(signet_limit *limit, const signet_refusal *refusal,
                  double accepted)
{
  double rate = accepted_rate(limit, refusal);
  limit->counts.burst = least_of(accepted, most_of(rate, 1));
  limit->counts.burst_time = after(refusal);
  limit->counts.bucket = false;
  limit->counts.counted = false;
  limit->counts.guessed = after(refusal) >= 1;
  limit->stage = SIGNET_LIMIT_SEARCH;
  limit->sure = 0;
  double guess = is_even(limit) ? FIRST_GUESS : rate * signet_limit_safe;
  signet_limit_put(limit, guess, guess);
}

void signet_limit_lower(signet_limit *limit, const signet_refusal *refusal)
{
  double accepted = signet_starts_accepted(&limit->starts, refusal->resumed_ns,
                                           refusal->ended_ns);
  if (accepted <= 0)
    return; /* whatever is sent is refused: that tells no rate */
  limit->cost = (double)(refusal->ended_ns - refusal->refused_ns) * NS;
  if (signet_gain_note(&limit->gain, refusal, accepted, limit->per_second))
    signet_limit_clear(limit); /* the pauses that are asked for are enough */
  else if (limit->per_second <= 0)
    begin(limit, refusal, accepted);
  else if (is_even(limit))
    lower_evenly(limit, refusal);
  else
    lower(limit, refusal);
}
