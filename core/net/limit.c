/* SPDX-License-Identifier: MIT */
#include "net/limit.h"

enum { FEW_AT_ONCE = 10, SURE_MAXIMUM = 3 };

const double signet_limit_least = 0.5;

static const double NS = 1e-9;
/* How much of what was accepted is asked for from then on: where requests come
 * evenly, and elsewhere. */
static const double SAFE_EVENLY = 0.99, SAFE = 0.95;
/* How near it climbs to what was refused. */
static const double BELOW_REFUSED = 0.95;
/* Where nothing is known but that a few at once are too much. */
static const double FIRST_GUESS = 10;
/* How fast it grows while nobody knows where it is: by so much a second. */
static const double SLOWLY = 0.05, QUICKLY = 1.1, EVENLY = 2.5;
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
  return limit->burst < FEW_AT_ONCE;
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
  if (limit->per_second <= signet_limit_least || rate <= signet_limit_least ||
      (limit->searching && limit->guessed))
    return 0;
  return rate;
}

void signet_limit_note_start(signet_limit *limit, int64_t now_ns)
{
  limit->starts[limit->started++ % SIGNET_LIMIT_STARTS] = now_ns;
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
  limit->age += seconds;
  if (!is_even(limit) && limit->age < 1)
    speed = SLOWLY;
  limit->per_second *= 1 + seconds * speed;
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

/* Seconds for which all went well. */
static double active(const signet_verdict *verdict)
{
  return (double)(verdict->refused_ns - verdict->resumed_ns) * NS;
}

typedef struct bracket {
  double accepted; /* such a rate was; 0: too few were to tell */
  double refused;  /* …and such a one was not */
} bracket;

/* Of a bucket that holds `burst`: any that were accepted in a row prove that it
 * fills so fast at least, and the one that was refused that it does not fill as
 * fast as it would have needed to. */
static bracket measure(const signet_limit *limit, const signet_verdict *verdict)
{
  bracket found = {0, 0};
  int64_t last = 0; /* the one before the refused one */
  double count = 0;
  unsigned most = limit->started < SIGNET_LIMIT_STARTS ? limit->started
                                                       : SIGNET_LIMIT_STARTS;
  for (unsigned i = 1; i <= most; i++) {
    int64_t start = limit->starts[(limit->started - i) % SIGNET_LIMIT_STARTS];
    if (start >= verdict->refused_ns)
      continue;
    if (start < verdict->resumed_ns)
      break;
    count++;
    last = last == 0 ? start : last;
    double whole = (double)(verdict->refused_ns - start) * NS;
    double before = (double)(last - start) * NS;
    if (before > 0)
      found.accepted = most_of(found.accepted, (count - limit->burst) / before);
    found.refused = most_of(found.refused, (count + 1 - limit->burst) / whole);
  }
  return found;
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

/* How many requests started before the refused one, since they started again.
 */
static double started_before(const signet_limit *limit,
                             const signet_verdict *verdict)
{
  unsigned count = limit->started - limit->resumed;
  for (unsigned i = 1; i <= SIGNET_LIMIT_STARTS && count > 0; i++, count--)
    if (limit->starts[(limit->started - i) % SIGNET_LIMIT_STARTS] <
        verdict->refused_ns)
      break;
  return count;
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
static void lower_much(signet_limit *limit, const signet_verdict *verdict)
{
  double was = limit->per_second;
  double count = most_of(started_before(limit, verdict), 1);
  double filled = 1 - limit->burst / count;
  double least = was * least_of(most_of(filled, 0.8), SAFE_EVENLY);
  put(limit, (least + was) / 2 / BELOW_REFUSED, least);
}

/* Refused although nothing more was tried: one came unevenly, or, if that
 * happens soon again and again, the rate is too high after all. */
static void lower_a_little(signet_limit *limit, const signet_verdict *verdict)
{
  double was = limit->per_second;
  bool soon = active(verdict) < SOON_SECONDS;
  limit->step = 1;
  limit->sure = 0;
  limit->soon = soon ? limit->soon + 1 : 0;
  if (limit->soon > SOON_BY_CHANCE)
    lower_much(limit, verdict);
  else
    put(limit, was * 0.995 / BELOW_REFUSED, was * SAFE_EVENLY);
}

static void lower_evenly(signet_limit *limit, const signet_verdict *verdict)
{
  bool climbing = limit->step > 1 && limit->age < 1;
  bracket found = measure(limit, verdict);
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
    lower_a_little(limit, verdict);
  }
}

static void lower(signet_limit *limit, const signet_verdict *verdict)
{
  double accepted = most_of(verdict->rate, 1);
  double lower = least_of(accepted, limit->earlier[1]);
  if (limit->searching)
    lower = 2 * accepted * limit->per_second / (accepted + limit->per_second);
  if (active(verdict) < 1)
    lower = least_of(most_of(accepted, limit->per_second * 0.7),
                     limit->per_second * 0.95);
  confirm(limit, is_same(lower, limit->ceiling));
  limit->searching = false;
  put(limit, lower, lower * SAFE);
}

/* The first refusal of all tells little: too much was asked at once. */
static void begin(signet_limit *limit, const signet_verdict *verdict)
{
  limit->burst = least_of(verdict->accepted, most_of(verdict->rate, 1));
  limit->guessed = active(verdict) >= 1;
  limit->searching = true;
  limit->sure = 0;
  double guess = is_even(limit) ? FIRST_GUESS : verdict->rate;
  put(limit, guess, guess);
}

void signet_limit_lower(signet_limit *limit, const signet_verdict *verdict)
{
  if (verdict->accepted == 0) {
    limit->resumed = limit->started;
    return; /* whatever is sent is refused: that tells no rate */
  }
  limit->cost = (double)(verdict->ended_ns - verdict->refused_ns) * NS;
  if (limit->per_second <= 0) {
    begin(limit, verdict);
    return;
  }
  if (limit->guessed && active(verdict) < 0.5 &&
      verdict->accepted < limit->burst)
    limit->burst = verdict->accepted;
  if (is_even(limit))
    lower_evenly(limit, verdict);
  else
    lower(limit, verdict);
  limit->resumed = limit->started;
}
