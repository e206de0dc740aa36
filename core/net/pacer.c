/* SPDX-License-Identifier: MIT */
#include "net/pacer.h"

#include "net/limit_lower.h"

enum { NS_PER_MS = 1000000, START_WINDOW = 8 };

static const double NS = 1e-9;
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

/* The rate by which single requests are held apart. */
static double spacing(const signet_pacer *pacer)
{
  return signet_limit_spacing(&pacer->limit) * share(pacer);
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
  pacer->found.even = true;
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
  signet_rate_change(&pacer->found, spacing(pacer), now_ns);
  if (pace == SIGNET_PACE_FAST && pacer->doubling)
    pacer->window = most(pacer);
}

/* ---- the rate that the service allows ---- */

/* The first request after a pause: by now all that left before it has ended. */
static void resume(signet_pacer *pacer, int64_t now_ns)
{
  const signet_refusal refusal = {.earlier_ns = pacer->earlier_ns,
                                  .resumed_ns = pacer->resumed_ns,
                                  .refused_ns = pacer->refused_ns,
                                  .ended_ns = now_ns};
  double seconds = (double)(now_ns - pacer->refused_ns) * NS;
  signet_limit_lower(&pacer->limit, &refusal);
  pacer->earlier_ns = pacer->refused_ns;
  pacer->resumed_ns = now_ns;
  pacer->made_up =
      (unsigned)(signet_limit_made_up(&pacer->limit, seconds) * share(pacer));
  signet_rate_init(&pacer->found, spacing(pacer), now_ns);
}

static bool is_resuming(const signet_pacer *pacer)
{
  return pacer->throttled_ns >= pacer->resumed_ns;
}

/* ---- starting ---- */

static int64_t found_wait(signet_pacer *pacer, int64_t now_ns)
{
  double per_second = pacer->limit.per_second * share(pacer);
  int64_t counted = signet_limit_wait(&pacer->limit, per_second, now_ns);
  int64_t spaced =
      pacer->made_up > 0 ? 0 : signet_rate_wait(&pacer->found, now_ns);
  return counted > spaced ? counted : spaced;
}

int64_t signet_pacer_wait(signet_pacer *pacer, bool write, int64_t now_ns)
{
  double window = least_of(pacer->window, most(pacer));
  if (pacer->in_flight + 1 > window && pacer->in_flight > 0) {
    pacer->filled = true;
    return -1;
  }
  if (is_resuming(pacer))
    resume(pacer, now_ns);
  int64_t found = found_wait(pacer, now_ns);
  int64_t all = signet_rate_wait(&pacer->rates[0], now_ns);
  int64_t own = signet_rate_wait(&pacer->rates[write ? 2 : 1], now_ns);
  if (found > 0)
    pacer->waited = true;
  all = all > own ? all : own;
  return found > all ? found : all;
}

/* Seconds since the last request for which the limit was the reason. */
static double asked_for(const signet_pacer *pacer, int64_t now_ns)
{
  double seconds = (double)(now_ns - pacer->taken_ns) * NS;
  double most = 2 / signet_limit_least;
  return seconds < most ? seconds : most;
}

void signet_pacer_start(signet_pacer *pacer, bool write, int64_t now_ns)
{
  pacer->in_flight++;
  signet_rate_take(&pacer->rates[0]);
  signet_rate_take(&pacer->rates[write ? 2 : 1]);
  signet_starts_add(&pacer->limit.starts, now_ns);
  if (pacer->made_up > 0)
    pacer->made_up--;
  else
    signet_rate_take(&pacer->found);
  if (pacer->waited && pacer->taken_ns >= pacer->resumed_ns) {
    signet_limit_grow(&pacer->limit, asked_for(pacer, now_ns));
    signet_rate_change(&pacer->found, spacing(pacer), now_ns);
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

/* Of those that left together one counts: the first. */
static void take_refusal(signet_pacer *pacer, int64_t began_ns, int64_t now_ns)
{
  bool first = !is_resuming(pacer) && began_ns > pacer->throttled_ns;
  bool earlier = is_resuming(pacer) && began_ns >= pacer->resumed_ns &&
                 began_ns < pacer->refused_ns;
  if (first)
    pacer->throttled_ns = now_ns;
  if (first || earlier)
    pacer->refused_ns = began_ns;
}

void signet_pacer_end(signet_pacer *pacer, const signet_pacer_reply *reply,
                      int64_t now_ns)
{
  if (pacer->round.size == 0)
    pacer->round.size = pacer->in_flight;
  pacer->in_flight--;
  if (reply == NULL)
    return;
  if (reply->status == 429 || reply->status == 0)
    signet_starts_refuse(&pacer->limit.starts, reply->began_ns);
  if (reply->status == 429) {
    take_refusal(pacer, reply->began_ns, now_ns);
    return;
  }
  bool failed = reply->failed || reply->status >= 500;
  pacer->round.ended++;
  pacer->round.failed += failed;
  if (!failed && reply->ordinary)
    take_time(pacer, reply, now_ns);
  if (!failed && pacer->doubling && pacer->filled &&
      pacer->window < pacer->given.concurrency)
    pacer->window += 1;
  if (pacer->round.ended >= pacer->round.size)
    end_round(pacer, now_ns);
}

double signet_pacer_held(const signet_pacer *pacer, bool *taught)
{
  const signet_limit *limit = &pacer->limit;
  bool settled = limit->stage == SIGNET_LIMIT_HOLD &&
                 (limit->taught || limit->past.age >= 1);
  *taught = limit->taught;
  return settled ? limit->per_second * share(pacer) : 0;
}

/* ---- what is kept for the next run ---- */

void signet_pacer_learned(const signet_pacer *pacer, signet_learned *learned)
{
  const signet_limit *limit = &pacer->limit;
  learned->rate = pacer->taught;
  if (limit->per_second > 0)
    learned->rate = signet_limit_known(limit);
  learned->concurrency = pacer->doubling ? 0 : (unsigned)pacer->window;
}

/* A rate that was given is tried out whatever was found before. */
void signet_pacer_teach(signet_pacer *pacer, const signet_learned *learned,
                        int64_t now_ns)
{
  if (pacer->given.rate > 0) {
    bool untried = learned->rate >= pacer->given.rate;
    pacer->taught = untried ? learned->rate : 0;
  } else if (learned->rate > signet_limit_least) {
    signet_limit_set(&pacer->limit, learned->rate);
    signet_rate_init(&pacer->found, spacing(pacer), now_ns);
  }
  if (learned->concurrency > 0 && learned->concurrency < pacer->window)
    pacer->window = learned->concurrency;
}
