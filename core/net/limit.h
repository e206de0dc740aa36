/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_LIMIT_H
#define SIGNET_NET_LIMIT_H

/*
 * The rate that a service allows, as far as its refusals tell. It is searched
 * for from below, the faster the longer none comes; a refusal then shows it:
 * between the rate of what was accepted last and that of what was refused. From
 * there on it stays a little below, and something more is tried rarely.
 *
 * Services count differently, and where a few requests at once are refused,
 * requests must come evenly to be accepted at all: there the distance of single
 * requests measures the rate, elsewhere what was accepted in a second.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIGNET_LIMIT_STARTS = 64 };

typedef struct signet_limit {
  double per_second; /* in force; 0: none was met */
  double ceiling;    /* what was refused, or where accepted more is unlikely */
  double burst;      /* requests at once that were accepted, at most */
  bool taught;       /* as an earlier run found it */
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
  int64_t starts[SIGNET_LIMIT_STARTS]; /* of the last requests */
  unsigned started;                    /* of all, how many */
  unsigned resumed;                    /* …before they started again */
} signet_limit;

/** What was seen between two pauses. */
typedef struct signet_verdict {
  int64_t resumed_ns; /* when requests started again after the one before */
  int64_t refused_ns; /* when the first that was refused had started */
  int64_t ended_ns;   /* when the pause that followed was over */
  unsigned accepted;  /* how many were since `resumed_ns` */
  double rate;        /* …a second, in the last one before the refusal */
} signet_verdict;

/** No less than this is ever in force. */
extern const double signet_limit_least;

/** Learns from a refusal. */
void signet_limit_lower(signet_limit *limit, const signet_verdict *verdict);
/** Grows after @p seconds in which it held requests back: what isn't asked for
 * proves nothing. */
void signet_limit_grow(signet_limit *limit, double seconds);
/** Notes that a request starts. */
void signet_limit_note_start(signet_limit *limit, int64_t now_ns);
/** What is worth keeping: found by a search, or on the way to it; 0: nothing.
 */
double signet_limit_known(const signet_limit *limit);
/** Begins with a rate that was found before. */
void signet_limit_set(signet_limit *limit, double per_second);

#endif
