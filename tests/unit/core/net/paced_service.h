/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_TESTS_PACED_SERVICE_H
#define SIGNET_TESTS_PACED_SERVICE_H

/* A pacer against a simulated service, in a time of its own: nothing here
 * depends on how fast the machine is. */

#include "net/pacer.h"

enum { IN_FLIGHT = 256, STARTED = 200000 };

typedef enum limiter {
  LIMIT_NONE,
  LIMIT_FIXED,   /* so many in each second of the clock */
  LIMIT_SLIDING, /* so many in any second */
  LIMIT_BUCKET   /* a token bucket */
} limiter;

typedef struct service {
  limiter limiter;
  double rate;
  double burst;      /* of the bucket */
  int retry_after;   /* seconds; -1: it does not say */
  int latency_ms;    /* of each request */
  unsigned overload; /* requests at once from which on it takes longer; 0:
                        none */
  unsigned failing;  /* every so many-th is answered 500; 0: none */
  unsigned denying;  /* every so many-th is refused whatever the rate is; 0:
                        none */
  int late_us;       /* requests come at random up to so much later */
  double refuses[2]; /* from when to when all are refused, in seconds */
  double changes_at; /* seconds after which */
  double changes_to; /* it allows so many; 0: it never changes */
} service_model;

typedef struct request {
  int64_t began;
  int64_t ends;
  int status;
  unsigned refused; /* how often it was before */
} request;

/* A run of a job that never lacks work. */
typedef struct run {
  signet_pacer pacer;
  service_model service;
  unsigned concurrency;
  int64_t now;
  int64_t began;
  int64_t paused_until;
  request in_flight[IN_FLIGHT];
  size_t count;
  size_t most_in_flight;
  unsigned again[STARTED]; /* refused ones that wait for their next turn */
  size_t again_count;
  int64_t started[STARTED]; /* when accepted ones began */
  size_t accepted;
  size_t sent;
  size_t refused;
  unsigned worst; /* how often one request was refused */
  double tokens;
  int64_t filled;
  int64_t throttle; /* the last pause without a Retry-After */
  unsigned random;
} run;

/** The running test's. */
extern run at;

/** A job on such a service begins. */
void begin(const service_model *service, unsigned concurrency);
/** It hasn't started yet, and does so at another time. */
void begin_at(int64_t now_ns);
void go_on_for(double seconds);
/** One request starts now, and one of those in flight ends. */
void start(void);
void end_one(size_t index);
/** Requests that the service took, a second since it began. */
double accepted_a_second(void);

#endif
