/* SPDX-License-Identifier: MIT */
#include "net/limit.h"

enum { FEW_AT_ONCE = 10, SURE_MAXIMUM = 3 };

const double signet_limit_least = 0.5;

static const double NS = 1e-9;
/* How much of what was accepted is asked for from then on: where requests come
 * evenly, and elsewhere. */
static const double SAFE_EVENLY = 0.99, SAFE = 0.95;
/* …and by a next run, which sends them evenly, where those of a second are
 * counted. */
static const double SAFE_TAUGHT = 0.98;
/* How near it climbs to what was refused. */
static const double BELOW_REFUSED = 0.95;
/* Where nothing is known but that a few at once are too much. */
static const double FIRST_GUESS = 10;
/* How fast it grows while nobody knows where it is: by so much a second. */
static const double QUICKLY = 1.1, EVENLY = 2.5;
/* Before that it asks whether the service counts what comes in a second: then
 * so many times the first guess is refused within so many seconds. */
static const double PROBE = 1.15, PROBE_SECONDS = 2.2;
/* A service that counts so accepted no more in a second than at once, or hardly
 * more; few at once tell something from so many on. */
static const double SAME_COUNT = 1.3, SAME_FEW = 2, LEAST_COUNT = 4;
/* Requests are sent so much faster where those of a second are counted, and so
 * many of the ones that a pause held up are made up for at once. */
static const double HASTE = 1.25, MADE_UP = 0.9;
/* What is refused so soon after a pause was too much at once. */
static const double AT_ONCE_SECONDS = 0.3;
/* The smallest step of a search between two rates, of which it takes so many.
 */
static const double LEAST_STEP = 1.03;
enum { STEPS = 8, SOON_BY_CHANCE = 1 };
/* A search that nothing ends was for no limit. */
static const double NO_LIMIT = 100;
/* A little more is tried when nothing was refused for so long; for many times
 * as long as being refused costs. */
static const double HOLD_SECONDS = 20, HOLD_TIMES = 40;
static const double LEAST_HOLD = 10, LONGEST_HOLD = 120;
/* Refused again after more than this, it was by chance. */
static const double SOON_SECONDS = 3;
/* In this time it comes back to where it was refused by chance. */
static const double BACK_SECONDS = 20;

static double least_of(double a, double b)
{
  return a < b ? a : b;
}

static double most_of(double a, double b)
{
  return a > b ? a : b;
}

/* Whether the service wants requests to come one by one. */
static bool is_even(const signet_limit *limit)
{
  return limit->burst < FEW_AT_ONCE && !limit->counted;
}

static bool counts_seconds(const signet_limit *limit)
{
  return !is_even(limit) && !limit->bucket;
}

static void put(signet_limit *limit, double ceiling, double per_second)
{
  limit->ceiling = most_of(ceiling, signet_limit_least);
  limit->per_second = most_of(per_second, signet_limit_least);
  limit->base = limit->per_second;
  limit->age = 0;
  limit->trying = false;
  limit->taught = false;
  limit->noted = 0;
  limit->earlier[0] = limit->per_second;
  limit->earlier[1] = limit->per_second;
}

void signet_limit_set(signet_limit *limit, double per_second)
{
  limit->burst = 1;
  limit->cost = HOLD_SECONDS / HOLD_TIMES;
  limit->soon = 0;
  limit->searching = false;
  limit->bucket = false;
  limit->counted = false;
  limit->step = 1;
  limit->sure = 0;
  put(limit, per_second / BELOW_REFUSED, per_second);
  limit->taught = true;
}

/* Not what is only tried; and what came down to the least was lowered by
 * something else than a rate. */
double signet_limit_known(const signet_limit *limit)
{
  double rate = limit->searching ? limit->per_second : limit->base;
  if (!limit->searching && counts_seconds(limit))
    rate = most_of(rate, limit->ceiling * SAFE_TAUGHT);
  if (limit->per_second <= signet_limit_least || rate <= signet_limit_least ||
      (limit->searching && limit->guessed))
    return 0;
  return rate;
}

/* ---- how requests are sent ---- */

unsigned signet_limit_made_up(const signet_limit *limit, double seconds)
{
  double missed = limit->per_second * least_of(seconds, 1);
  if (is_even(limit))
    return 0;
  return (unsigned)(MADE_UP * least_of(limit->burst, missed));
}

double signet_limit_spacing(const signet_limit *limit)
{
  bool hastens = counts_seconds(limit) && !limit->searching &&
                 limit->per_second < SIGNET_STARTS;
  return limit->per_second * (hastens ? HASTE : 1);
}

int64_t signet_limit_wait(const signet_limit *limit, double per_second,
                          int64_t now_ns)
{
  double most = least_of(per_second, SIGNET_STARTS);
  unsigned count = (unsigned)most;
  count += count < most; /* upwards; ceil() would want another library */
  if (count == 0 || count >= SIGNET_STARTS || !counts_seconds(limit) ||
      signet_starts_known(&limit->starts) < count)
    return 0;
  int64_t next = signet_starts_last(&limit->starts, count) +
                 (int64_t)(count / per_second / NS);
  return next > now_ns ? next - now_ns : 0;
}

/* ---- growing ---- */

static double hold(const signet_limit *limit)
{
  double seconds = HOLD_SECONDS;
  if (is_even(limit))
    seconds =
        least_of(most_of(limit->cost * HOLD_TIMES, LEAST_HOLD), LONGEST_HOLD);
  return seconds * (double)(1U << limit->sure);
}

static void search(signet_limit *limit, double seconds)
{
  double speed = is_even(limit) ? EVENLY : QUICKLY;
  double most = 2 / limit->per_second; /* at a step, after whatever delay */
  limit->age += seconds;
  if (!is_even(limit) && limit->age < PROBE_SECONDS)
    limit->per_second = limit->base * PROBE;
  else
    limit->per_second *= 1 + least_of(seconds, most) * speed;
  if (limit->per_second > limit->ceiling * NO_LIMIT)
    limit->per_second = 0;
}

/* Beyond the ceiling the slower the nearer. */
static void try_more(signet_limit *limit, double from)
{
  double over = limit->age - hold(limit);
  double up = 1 + 0.01 * over * over;
  limit->per_second = from * up;
  limit->trying = true;
  if (up > 2)
    limit->searching = true;
}

/* In steps through what nobody knows, then gently: what was refused once may
 * have come unevenly only. */
static void grow_evenly(signet_limit *limit, double seconds)
{
  double top = limit->ceiling * BELOW_REFUSED;
  if (limit->age <= 0 && limit->step > 1 && limit->per_second < top) {
    double step = least_of(limit->step, 1 + seconds * EVENLY);
    limit->per_second = least_of(limit->per_second * step, top);
    limit->base = limit->per_second;
    return;
  }
  limit->age += seconds;
  if (limit->age > hold(limit))
    try_more(limit, most_of(top, limit->base));
  else if (top > limit->base)
    limit->per_second =
        limit->base +
        (top - limit->base) * least_of(limit->age / BACK_SECONDS, 1);
}

static void grow(signet_limit *limit, double seconds)
{
  limit->age += seconds;
  if (limit->age > hold(limit))
    try_more(limit, limit->ceiling);
  else
    limit->per_second =
        limit->ceiling * (SAFE + (1 - SAFE) * limit->age / hold(limit));
}

void signet_limit_grow(signet_limit *limit, double seconds)
{
  if (limit->searching)
    search(limit, seconds);
  else if (is_even(limit))
    grow_evenly(limit, seconds);
  else
    grow(limit, seconds);
  if (limit->age - limit->noted >= 1) {
    limit->noted = limit->age;
    limit->earlier[1] = limit->earlier[0];
    limit->earlier[0] = limit->per_second;
  }
}

/* ---- what a refusal tells ---- */

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
  return signet_refusal_bucket(refusal, &limit->starts, limit->burst);
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
  double wide = refused * BELOW_REFUSED / accepted;
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
  limit->searching = false;
  put(limit, refused, accepted);
}

/* What was accepted since requests started again is what the bucket held then,
 * `burst` at most, and what it was filled with. */
static void lower_much(signet_limit *limit, const signet_refusal *refusal)
{
  double was = limit->per_second;
  double count = most_of(signet_refusal_accepted(refusal, &limit->starts), 1);
  double filled = 1 - limit->burst / count;
  double least = was * least_of(most_of(filled, 0.8), SAFE_EVENLY);
  put(limit, (least + was) / 2 / BELOW_REFUSED, least);
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
    put(limit, was * 0.995 / BELOW_REFUSED, was * SAFE_EVENLY);
}

/* A search that began with few at once met what counts those of a second. */
static bool lower_few(signet_limit *limit, const signet_refusal *refusal)
{
  if (!limit->searching || limit->burst < LEAST_COUNT ||
      accepted_rate(limit, refusal) > limit->burst * SAME_FEW)
    return false;
  limit->counted = true;
  put(limit, limit->burst, limit->burst * SAFE); /* still a guess */
  return true;
}

static void lower_evenly(signet_limit *limit, const signet_refusal *refusal)
{
  if (lower_few(limit, refusal))
    return;
  bool climbing = limit->step > 1 && limit->age < 1;
  signet_bracket found = measure(limit, refusal);
  if (climbing && found.accepted <= 0) {
    /* Too few to tell: it climbs again, from a little further down. */
    put(limit, limit->ceiling, limit->per_second * 0.8);
  } else if (limit->searching || climbing) {
    if (found.refused <= 0)
      found.refused = limit->per_second;
    if (found.accepted <= 0)
      found.accepted = found.refused / 4;
    if (climbing) /* one search between two rates is enough */
      found.refused = least_of(found.refused, found.accepted / BELOW_REFUSED);
    set_bracket(limit, least_of(found.accepted * SAFE_EVENLY, found.refused),
                found.refused);
  } else if (limit->trying) {
    limit->step = 1;
    confirm(limit, true);
    put(limit, limit->base / BELOW_REFUSED, limit->base);
  } else {
    lower_a_little(limit, refusal);
  }
}

/* ---- where many at once are accepted ---- */

/* Too much at once: either the service bears less, or its bucket wasn't full.
 */
static bool lower_burst(signet_limit *limit, const signet_refusal *refusal)
{
  double burst = limit->burst;
  double count = signet_refusal_accepted(refusal, &limit->starts);
  double filled = signet_refusal_refill(refusal, &limit->starts).refused;
  if (after(refusal) >= AT_ONCE_SECONDS || count >= burst)
    return false;
  if (count < 1)
    return true; /* what is allowed was used up before the pause */
  if ((limit->guessed || count < burst / 2) && filled > 0 &&
      filled < limit->per_second) {
    limit->searching = true;
    put(limit, filled, filled * SAFE);
    return true;
  }
  limit->burst = least_of(count, burst * 0.9);
  limit->burst_time = after(refusal);
  if (limit->searching && limit->base <= burst && limit->base > limit->burst)
    put(limit, limit->burst, limit->burst * SAFE);
  return true;
}

/* What a bucket accepted at once holds more than it does: it was filled. */
static signet_bracket measure_bucket(signet_limit *limit,
                                     const signet_refusal *refusal)
{
  double burst = limit->burst;
  signet_bracket found = measure(limit, refusal);
  for (int i = 0; i < 4 && limit->burst_time > 0; i++) {
    double filled = found.accepted * limit->burst_time;
    limit->burst = most_of(burst - filled, burst / 4);
    found = measure(limit, refusal);
  }
  limit->burst_time = 0;
  signet_bracket refill = signet_refusal_refill(refusal, &limit->starts);
  found.accepted = most_of(found.accepted, refill.accepted);
  found.refused = most_of(found.refused, refill.refused);
  return found;
}

static void lower_bucket(signet_limit *limit, const signet_refusal *refusal)
{
  double was = limit->per_second;
  signet_bracket found = measure_bucket(limit, refusal);
  double lower = least_of(was * 0.8, found.refused * SAFE_EVENLY);
  lower = most_of(lower, found.accepted * SAFE_EVENLY);
  lower = least_of(lower, was * 0.97);
  confirm(limit, is_same(lower, limit->ceiling));
  limit->bucket = true;
  limit->searching = false;
  put(limit, most_of(found.refused, lower), lower);
}

static void lower_count(signet_limit *limit, const signet_refusal *refusal)
{
  double accepted = most_of(accepted_rate(limit, refusal), 1);
  double lower = least_of(accepted, limit->earlier[1]);
  if (limit->searching)
    lower = 2 * accepted * limit->per_second / (accepted + limit->per_second);
  if (after(refusal) < 1)
    lower = least_of(most_of(accepted, limit->per_second * 0.7),
                     limit->per_second * 0.95);
  confirm(limit, is_same(lower, limit->ceiling));
  limit->searching = false;
  put(limit, lower, lower * SAFE);
}

static void lower(signet_limit *limit, const signet_refusal *refusal)
{
  bool bucket = limit->bucket;
  if (lower_burst(limit, refusal))
    return;
  if (limit->searching)
    bucket = accepted_rate(limit, refusal) > limit->burst * SAME_COUNT;
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
  limit->burst = least_of(accepted, most_of(rate, 1));
  limit->burst_time = after(refusal);
  limit->bucket = false;
  limit->counted = false;
  limit->guessed = after(refusal) >= 1;
  limit->searching = true;
  limit->sure = 0;
  double guess = is_even(limit) ? FIRST_GUESS : rate * SAFE;
  put(limit, guess, guess);
}

void signet_limit_lower(signet_limit *limit, const signet_refusal *refusal)
{
  double accepted = signet_starts_accepted(&limit->starts, refusal->resumed_ns,
                                           refusal->ended_ns);
  if (accepted <= 0)
    return; /* whatever is sent is refused: that tells no rate */
  limit->cost = (double)(refusal->ended_ns - refusal->refused_ns) * NS;
  if (signet_gain_note(&limit->gain, refusal, accepted, limit->per_second))
    limit->per_second = 0; /* the pauses that are asked for are enough */
  else if (limit->per_second <= 0)
    begin(limit, refusal, accepted);
  else if (is_even(limit))
    lower_evenly(limit, refusal);
  else
    lower(limit, refusal);
}
