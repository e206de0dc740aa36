/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_PACER_H
#define SIGNET_NET_PACER_H

/*
 * When the next request may start. Three things limit it:
 * - the rates that the user gave, of all requests, of reads and of writes;
 * - how many may be in flight: that begins small, doubles each round trip as
 *   long as all goes well, up to the maximum that the user gave, and shrinks
 *   when requests fail or take much longer than usual;
 * - the rate that the service allows, which net/limit.h finds, in the way in
 *   which the service seems to count: evenly where it allows no two at once,
 *   else so many in a second, and after a pause some of those that it held up.
 * It knows no clock and no network: times are nanoseconds that the caller
 * passes, which never go back.
 */

#include "net/limit.h"
#include "net/rate.h"
#include "signet/account.h"

#include <stdbool.h>

typedef struct signet_pacer_options {
  unsigned concurrency; /* at most so many in flight */
  double rate;          /* requests per second, 0: no limit */
  double read_rate;
  double write_rate;
  signet_pace pace;
} signet_pacer_options;

/** How a request ended. */
typedef struct signet_pacer_reply {
  int64_t began_ns;
  int status;    /* 0: there was no reply */
  bool failed;   /* …or it broke off */
  bool write;    /* it was one */
  bool ordinary; /* as large as most: its time compares with others' */
} signet_pacer_reply;

/* Rounds of as many replies as there were requests in flight. */
typedef struct signet_pacer_round {
  unsigned size;
  unsigned ended;
  unsigned failed;
  unsigned timed[2]; /* reads, writes whose time counts */
  double seconds[2]; /* their times together */
} signet_pacer_round;

typedef struct signet_pacer {
  signet_pacer_options given;
  signet_rate rates[3]; /* of all, of reads, of writes */
  signet_rate found;    /* follows `limit` */
  signet_limit limit;
  unsigned in_flight;
  double window; /* how many may be in flight */
  bool doubling;
  bool filled; /* the window held something back in this round */
  signet_pacer_round round;
  int64_t slowed_ns;    /* when it last shrank because replies were slow */
  double usual[2];      /* seconds that a read, a write takes */
  int64_t throttled_ns; /* when the last 429 came that counts */
  int64_t refused_ns;   /* when the first request that met it had started */
  int64_t earlier_ns;   /* …the 429 before it; 0: there was none */
  int64_t resumed_ns;   /* when requests started again after it */
  int64_t taken_ns;     /* when the last request started */
  bool waited;          /* for `found`, since then */
  double taught;        /* a limit that stands although it wasn't met */
  unsigned made_up;     /* so many more may start at once after a pause */
} signet_pacer;

void signet_pacer_init(signet_pacer *pacer, const signet_pacer_options *options,
                       int64_t now_ns);

/** Whether a request may start. @return 0: it may; more: in so many
 * nanoseconds; -1: when one in flight has ended */
int64_t signet_pacer_wait(signet_pacer *pacer, bool write, int64_t now_ns);
/** One starts that may. */
void signet_pacer_start(signet_pacer *pacer, bool write, int64_t now_ns);
/** One has ended; NULL: without a word, it was taken back. */
void signet_pacer_end(signet_pacer *pacer, const signet_pacer_reply *reply,
                      int64_t now_ns);

/** Goes on at another pace. */
void signet_pacer_change(signet_pacer *pacer, signet_pace pace, int64_t now_ns);

/** How many requests a second it sends at most because the service seems to
 * allow no more, once that is found; 0: no such limit, or not yet.
 * @param taught  set: as signet_pacer_teach() was told */
double signet_pacer_held(const signet_pacer *pacer, bool *taught);

/** What was found out about the service so far. */
void signet_pacer_learned(const signet_pacer *pacer, signet_learned *learned);
/** Begins with what an earlier run found out. */
void signet_pacer_teach(signet_pacer *pacer, const signet_learned *learned,
                        int64_t now_ns);

#endif
