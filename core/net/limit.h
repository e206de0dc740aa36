/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_LIMIT_H
#define SIGNET_NET_LIMIT_H

/*
 * The rate that a service allows, as far as its refusals tell. It is searched
 * for from below, the faster the longer none comes; a refusal then shows it:
 * between the rate of what was accepted last and that of what was refused. From
 * there on it stays a little below, and something more is tried rarely.
 *
 * Services count differently. Where a few requests at once are refused, they
 * must come evenly to be accepted at all. Where many are, the service either
 * counts those of a second, or it has a bucket that holds less than it is
 * filled with in a second; what was refused tells which. Where refusals come by
 * chance, no rate is in force (net/gain.h).
 */

#include "net/gain.h"

#include <stddef.h>

typedef struct signet_limit {
  double per_second; /* in force; 0: none was met */
  double ceiling;    /* what was refused, or where accepted more is unlikely */
  double burst;      /* requests at once that were accepted, at most */
  double burst_time; /* seconds in which they were */
  bool bucket;       /* …and it allows more than that in a second */
  bool taught;       /* as an earlier run found it */
  bool counted;      /* few at once, but as many in a second */
  bool guessed;      /* …from what came spread over a longer time */
  bool searching;    /* not measured yet: grows fast */
  double step;       /* by which it climbs towards the ceiling */
  unsigned soon;     /* how often in a row it was refused soon, ungrown */
  double base;       /* what it was when it had climbed */
  double cost;       /* seconds that the last refusal took */
  bool trying;       /* more than is known to be accepted */
  unsigned sure;     /* how often in a row it was about the same */
  double age;        /* seconds in which it held requests back */
  double earlier[2]; /* its value one and two such seconds ago */
  double noted;      /* the age when those were kept */
  signet_gain gain;
  signet_starts starts;
} signet_limit;

/** No less than this is ever in force. */
extern const double signet_limit_least;

/** Learns from a refusal. */
void signet_limit_lower(signet_limit *limit, const signet_refusal *refusal);
/** Grows after @p seconds in which it held requests back: what isn't asked for
 * proves nothing. */
void signet_limit_grow(signet_limit *limit, double seconds);
/** How many may start at once after a pause of @p seconds: what wasn't sent in
 * it. */
unsigned signet_limit_made_up(const signet_limit *limit, double seconds);
/** The rate by which single requests are held apart. Where the service counts
 * those of a second they may come a little faster, as signet_limit_wait() holds
 * them back then. */
double signet_limit_spacing(const signet_limit *limit);
/** How many nanoseconds to wait so that no more than @p per_second start in any
 * second, where the service counts them. */
int64_t signet_limit_wait(const signet_limit *limit, double per_second,
                          int64_t now_ns);
/** What is worth keeping: found by a search, or on the way to it; 0: nothing.
 */
double signet_limit_known(const signet_limit *limit);
/** Begins with a rate that was found before. */
void signet_limit_set(signet_limit *limit, double per_second);

#endif
