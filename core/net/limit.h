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

/** How the service counts, as far as it is known. */
typedef enum signet_limit_kind {
  SIGNET_LIMIT_EVEN,   /* requests must come one by one */
  SIGNET_LIMIT_SECOND, /* so many in a second */
  SIGNET_LIMIT_BUCKET  /* some at once, and more in a second than it holds */
} signet_limit_kind;

/**
 * What is done about the rate. Each kind of service goes through the same
 * stages:
 *
 *   stage    becomes  when
 *   NONE     SEARCH   something is refused: the rate is guessed
 *   SEARCH   SEARCH   few at once are refused: another guess
 *            HOLD     something is refused: the rate lies between what was
 *                     accepted and that
 *            NONE     it is far beyond what was refused: that was no limit
 *   HOLD     HOLD     something is refused: it falls, mostly by little
 *            TRY      nothing was refused for long
 *   TRY      HOLD     something is refused
 *            SEARCH   twice as much is accepted
 *   HOLD,    SEARCH   much less than what was known to be accepted at once is
 *   TRY               refused
 *   any      NONE     going slower does not help (net/gain.h)
 *
 * SEARCH grows fast. HOLD stays a little below the ceiling; where requests come
 * evenly it climbs there in steps first. TRY grows by little. The refusals are
 * in net/limit_lower.h, all else is here.
 */
typedef enum signet_limit_stage {
  SIGNET_LIMIT_NONE,   /* no rate is in force */
  SIGNET_LIMIT_SEARCH, /* it was not measured yet */
  SIGNET_LIMIT_HOLD,   /* it is what was measured */
  SIGNET_LIMIT_TRY     /* it is more than is known to be accepted */
} signet_limit_stage;

/** What its requests have shown of how the service counts. */
typedef struct signet_limit_counts {
  double burst;      /* requests at once that were accepted, at most */
  double burst_time; /* seconds in which they were */
  bool bucket;       /* it allows more than that in a second */
  bool counted;      /* few at once, but as many in a second */
  bool guessed;      /* from what came spread over a longer time */
} signet_limit_counts;

/** What it was in the last seconds in which it held requests back. */
typedef struct signet_limit_past {
  double age;        /* seconds since it was set */
  double noted;      /* the age when these were kept: */
  double earlier[2]; /* its value one and two such seconds ago */
} signet_limit_past;

typedef struct signet_limit {
  signet_limit_stage stage;
  double per_second; /* in force; 0: none was met */
  double ceiling;    /* what was refused, or where accepted more is unlikely */
  double base;       /* what it was when it had climbed */
  double step;       /* by which it climbs towards the ceiling */
  double cost;       /* seconds that the last refusal took */
  unsigned soon;     /* how often in a row it was refused soon, ungrown */
  unsigned sure;     /* how often in a row it was about the same */
  bool taught;       /* as an earlier run found it */
  signet_limit_counts counts;
  signet_limit_past past;
  signet_gain gain;
  signet_starts starts;
} signet_limit;

/** Where few at once are accepted, nothing else being known, it is EVEN. */
signet_limit_kind signet_limit_kind_of(const signet_limit *limit);
/** It is measured anew, or guessed: from now on it is @p per_second, below a
 * ceiling. A rate that is only tried is given up. */
void signet_limit_put(signet_limit *limit, double ceiling, double per_second);
/** None is in force any more. */
void signet_limit_clear(signet_limit *limit);

/** How much of what was accepted is asked for from then on: where requests come
 * evenly, and elsewhere. */
static const double signet_limit_safe_evenly = 0.99;
static const double signet_limit_safe = 0.95;
/** How near it climbs to what was refused. */
static const double signet_limit_below_refused = 0.95;

/** No less than this is ever in force. */
extern const double signet_limit_least;

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
