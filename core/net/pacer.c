/* SPDX-License-Identifier: MIT */
#include "net/pacer.h"

enum { NS_PER_MS = 1000000, START_WINDOW = 8, SURE_MAXIMUM = 3 };

static const double NS = 1e-9;
/* How much of what was accepted is asked for from then on. */
static const double SAFE = 0.95;
/* How fast it grows while nobody knows where it is: by so much a second. */
static const double SLOWLY = 0.05, QUICKLY = 1.1;
/* A little more is tried when nothing was refused for so long. */
static const double HOLD_SECONDS = 10;
/* Replies that take so much longer than usual say that it is too much. */
static const double SLOW_FACTOR = 2, SLOW_SECONDS = 0.5;
/* How long it stays with fewer requests at once then, before it tries more. */
static const int64_t REST_NS = INT64_C(10) * 1000000000;

static double least_of(double a, double b)
{
  return a < b ? a : b;
}

static double most_of(double a, double b)
{
  return a > b ? a : b;
}

/* ---- the pace ---- */

/* Gently is a quarter of the requests at once, and half of every rate. */
static double share(const signet_pacer *pacer)
{
  return pacer->given.pace == SIGNET_PACE_GENTLE ? 0.5 : 1;
}

static double most(const signet_pacer *pacer)
{
  double count = pacer->given.concurrency;
  if (pacer->given.pace == SIGNET_PACE_GENTLE)
    count /= 4;
  return count >= 1 ? count : 1;
}

static void set_rates(signet_pacer *pacer, int64_t now_ns)
{
  const signet_pacer_options *given = &pacer->given;
  const double rates[] = {given->rate, given->read_rate, given->write_rate};
  for (size_t i = 0; i < 3; i++)
    signet_rate_change(&pacer->rates[i], rates[i] * share(pacer), now_ns);
}

void signet_pacer_init(signet_pacer *pacer, const signet_pacer_options *options,
                       int64_t now_ns)
{
  *pacer = (signet_pacer){.given = *options, .doubling = true};
  for (size_t i = 0; i < 3; i++)
    signet_rate_init(&pacer->rates[i], 0, now_ns);
  signet_rate_init(&pacer->found, 0, now_ns);
  set_rates(pacer, now_ns);
  for (size_t i = 0; i < 3; i++)
    pacer->rates[i].tokens = pacer->rates[i].burst;
  pacer->window =
      options->pace == SIGNET_PACE_FAST ? most(pacer) : START_WINDOW;
  pacer->throttled_ns = -1;
  pacer->slowed_ns = now_ns - REST_NS;
  pacer->resumed_ns = now_ns;
  pacer->taken_ns = now_ns;
}

void signet_pacer_change(signet_pacer *pacer, signet_pace pace, int64_t now_ns)
{
  pacer->given.pace = pace;
  set_rates(pacer, now_ns);
  signet_rate_change(&pacer->found, pacer->limit.per_second * share(pacer),
                     now_ns);
  if (pace == SIGNET_PACE_FAST && pacer->doubling)
    pacer->window = most(pacer);
}

/* ---- what was accepted ---- */

static int64_t slot_of(int64_t ns)
{
  return ns / ((int64_t)SIGNET_PACER_SLOT_MS * NS_PER_MS);
}

static void count_accepted(signet_pacer *pacer, int64_t began_ns)
{
  int64_t slot = slot_of(began_ns);
  if (slot > pacer->slot + SIGNET_PACER_SLOTS)
    pacer->slot = slot - SIGNET_PACER_SLOTS;
  while (pacer->slot < slot)
    pacer->accepted[++pacer->slot % SIGNET_PACER_SLOTS] = 0;
  if (slot > pacer->slot - SIGNET_PACER_SLOTS)
    pacer->accepted[slot % SIGNET_PACER_SLOTS]++;
}

/* How many requests a second were accepted, of those that were sent in the
 * second before the refused one. */
static double accepted_rate(const signet_pacer *pacer)
{
  int64_t last = slot_of(pacer->refused_ns);
  int64_t first = last - 1000 / SIGNET_PACER_SLOT_MS + 1;
  int64_t from = first * SIGNET_PACER_SLOT_MS * NS_PER_MS;
  double count = 0;
  for (int64_t slot = first; slot <= last; slot++)
    if (slot >= 0 && slot <= pacer->slot &&
        slot > pacer->slot - SIGNET_PACER_SLOTS)
      count += pacer->accepted[slot % SIGNET_PACER_SLOTS];
  double rate = count / ((double)(pacer->refused_ns - from) * NS);
  return rate > 1 ? rate : 1;
}

/* ---- the rate that the service allows ---- */

static double hold(const signet_pacer_limit *limit)
{
  return HOLD_SECONDS * (double)(1U << limit->sure);
}

/* Grows while it holds requests back: what isn't asked for proves nothing. */
static void grow_limit(signet_pacer_limit *limit, double seconds)
{
  limit->age += seconds;
  if (limit->searching) {
    limit->per_second *= 1 + seconds * (limit->age < 1 ? SLOWLY : QUICKLY);
  } else {
    double over = limit->age - hold(limit);
    double up = over < 0 ? SAFE + (1 - SAFE) * limit->age / hold(limit)
                         : 1 + 0.01 * over * over;
    limit->per_second = limit->ceiling * up;
    if (up > 2)
      limit->searching = true;
  }
  if (limit->age - limit->noted >= 1) {
    limit->noted = limit->age;
    limit->earlier[1] = limit->earlier[0];
    limit->earlier[0] = limit->per_second;
  }
}

static void set_limit(signet_pacer *pacer, double ceiling, double per_second)
{
  signet_pacer_limit *limit = &pacer->limit;
  limit->ceiling = ceiling > 0.01 ? ceiling : 0.01;
  limit->per_second = per_second > 0.01 ? per_second : 0.01;
  limit->age = 0;
  limit->noted = 0;
  limit->earlier[0] = limit->per_second;
  limit->earlier[1] = limit->per_second;
}

/* The first 429 of all tells little: too much was asked at once. */
static void begin_limit(signet_pacer *pacer)
{
  double accepted = accepted_rate(pacer);
  pacer->limit.searching = true;
  set_limit(pacer, accepted, accepted);
}

static void lower_limit(signet_pacer *pacer)
{
  signet_pacer_limit *limit = &pacer->limit;
  double active = (double)(pacer->refused_ns - pacer->resumed_ns) * NS;
  double accepted = accepted_rate(pacer);
  double lower = least_of(accepted, limit->earlier[1]);
  if (limit->searching)
    lower = 2 * accepted * limit->per_second / (accepted + limit->per_second);
  if (active < 1)
    lower = least_of(most_of(accepted, limit->per_second * 0.7),
                     limit->per_second * 0.95);
  bool same = lower <= limit->ceiling * 1.1 && lower >= limit->ceiling * 0.9;
  limit->sure = !same                        ? 0
                : limit->sure < SURE_MAXIMUM ? limit->sure + 1
                                             : limit->sure;
  limit->searching = false;
  set_limit(pacer, lower, lower * SAFE);
}

/* The first request after a pause: by now all that left before it has ended. */
static void resume(signet_pacer *pacer, int64_t now_ns)
{
  if (pacer->limit.per_second == 0)
    begin_limit(pacer);
  else
    lower_limit(pacer);
  pacer->resumed_ns = now_ns;
  signet_rate_init(&pacer->found, pacer->limit.per_second * share(pacer),
                   now_ns);
}

static bool is_resuming(const signet_pacer *pacer)
{
  return pacer->throttled_ns >= pacer->resumed_ns;
}

/* ---- starting ---- */

int64_t signet_pacer_wait(signet_pacer *pacer, bool write, int64_t now_ns)
{
  double window = least_of(pacer->window, most(pacer));
  if (pacer->in_flight + 1 > window && pacer->in_flight > 0) {
    pacer->filled = true;
    return -1;
  }
  if (is_resuming(pacer))
    resume(pacer, now_ns);
  int64_t found = signet_rate_wait(&pacer->found, now_ns);
  int64_t all = signet_rate_wait(&pacer->rates[0], now_ns);
  int64_t own = signet_rate_wait(&pacer->rates[write ? 2 : 1], now_ns);
  if (found > 0)
    pacer->waited = true;
  all = all > own ? all : own;
  return found > all ? found : all;
}

void signet_pacer_start(signet_pacer *pacer, bool write, int64_t now_ns)
{
  double seconds = (double)(now_ns - pacer->taken_ns) * NS;
  pacer->in_flight++;
  signet_rate_take(&pacer->rates[0]);
  signet_rate_take(&pacer->rates[write ? 2 : 1]);
  signet_rate_take(&pacer->found);
  if (pacer->waited && pacer->taken_ns >= pacer->resumed_ns) {
    grow_limit(&pacer->limit, seconds < 1 ? seconds : 1);
    signet_rate_change(&pacer->found, pacer->limit.per_second * share(pacer),
                       now_ns);
  }
  pacer->waited = false;
  pacer->taken_ns = now_ns;
}

/* ---- ending ---- */

static bool is_slow(signet_pacer *pacer)
{
  bool slow = false;
  for (size_t i = 0; i < 2; i++) {
    const signet_pacer_round *round = &pacer->round;
    if (round->timed[i] == 0)
      continue;
    double mean = round->seconds[i] / round->timed[i];
    double *usual = &pacer->usual[i];
    if (*usual == 0 || mean < *usual)
      *usual = mean;
    slow = slow || mean > *usual * SLOW_FACTOR + SLOW_SECONDS;
    *usual += (mean - *usual) * 0.002; /* what lasts becomes usual */
  }
  return slow;
}

static void end_round(signet_pacer *pacer, int64_t now_ns)
{
  double failed = (double)pacer->round.failed / pacer->round.ended;
  double least = most(pacer) / 4;
  bool slow = is_slow(pacer);
  if (failed > 0.1) {
    pacer->window *= 1 - failed / 2;
    pacer->doubling = false;
  } else if (slow && pacer->window > least) {
    pacer->window = most_of(least, pacer->window * 0.8);
    pacer->doubling = false;
    pacer->slowed_ns = now_ns;
  } else if (!slow && !pacer->doubling && pacer->filled &&
             now_ns - pacer->slowed_ns > REST_NS) {
    pacer->window += most_of(1, pacer->window / 8);
  }
  pacer->window = least_of(most_of(pacer->window, 1), pacer->given.concurrency);
  pacer->round = (signet_pacer_round){0};
  pacer->filled = false;
}

static void take_time(signet_pacer *pacer, const signet_pacer_reply *reply,
                      int64_t now_ns)
{
  pacer->round.timed[reply->write]++;
  pacer->round.seconds[reply->write] += (double)(now_ns - reply->began_ns) * NS;
}

void signet_pacer_end(signet_pacer *pacer, const signet_pacer_reply *reply,
                      int64_t now_ns)
{
  if (pacer->round.size == 0)
    pacer->round.size = pacer->in_flight;
  pacer->in_flight--;
  if (reply == NULL)
    return;
  if (reply->status == 429) {
    if (reply->began_ns > pacer->throttled_ns && !is_resuming(pacer)) {
      pacer->throttled_ns = now_ns;
      pacer->refused_ns = reply->began_ns;
    }
    return;
  }
  bool failed = reply->failed || reply->status >= 500;
  pacer->round.ended++;
  pacer->round.failed += failed;
  if (reply->status != 0)
    count_accepted(pacer, reply->began_ns);
  if (!failed && reply->ordinary)
    take_time(pacer, reply, now_ns);
  if (!failed && pacer->doubling && pacer->filled &&
      pacer->window < pacer->given.concurrency)
    pacer->window += 1;
  if (pacer->round.ended >= pacer->round.size)
    end_round(pacer, now_ns);
}

/* ---- what is kept for the next run ---- */

void signet_pacer_learned(const signet_pacer *pacer, signet_learned *learned)
{
  const signet_pacer_limit *limit = &pacer->limit;
  learned->rate = limit->searching ? limit->per_second : limit->ceiling;
  learned->concurrency = pacer->doubling ? 0 : (unsigned)pacer->window;
}

void signet_pacer_teach(signet_pacer *pacer, const signet_learned *learned,
                        int64_t now_ns)
{
  if (learned->rate > 0) {
    set_limit(pacer, learned->rate, learned->rate * SAFE);
    signet_rate_init(&pacer->found, pacer->limit.per_second * share(pacer),
                     now_ns);
  }
  if (learned->concurrency > 0 && learned->concurrency < pacer->window)
    pacer->window = learned->concurrency;
}
