/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_RETRY_STATE_H
#define SIGNET_ACCOUNT_RETRY_STATE_H

/* What an account and its steps remember about repeated requests (retry.h). */

#include "net/http.h"

struct signet_step;

/** Of a step. */
typedef struct signet_attempts {
  unsigned number;    /* of the attempt that runs, from 1 */
  unsigned failed;    /* attempts that count against the limit */
  unsigned throttled; /* attempts that were answered 429 */
  bool running;       /* counted in signet_retry.running */
  int64_t since;      /* loop's time of the first attempt */
  uint64_t successes; /* of the account before it */
  signet_timer *timer;
  bool waiting; /* for budget */
  struct signet_step *next;
  struct signet_step *previous;
} signet_attempts;

/** The breaker of an account. */
typedef struct signet_breaker {
  bool open;
  bool spent;        /* the service was given up; until something succeeds */
  bool reached;      /* the service has answered at least once */
  unsigned failures; /* in a row */
  int64_t since;     /* loop's time when it opened */
  int64_t pause_ms;  /* before the next probe */
  signet_timer *timer;
  signet_exchange probe;
  char problem[160]; /* what the last failure was */
} signet_breaker;

/** Of an account. */
typedef struct signet_retry {
  struct signet_account *account;
  unsigned attempts;
  int64_t backoff_ms;
  int64_t backoff_max_ms;
  unsigned budget_percent;
  unsigned budget_floor;
  unsigned breaker_failures; /* 0: there is no breaker */
  int64_t breaker_pause_ms;
  int64_t outage_ms;
  uint64_t first;     /* requests that repeated nothing */
  uint64_t repeated;  /* requests that did, within the budget */
  uint64_t successes; /* replies that showed the service to be well */
  uint64_t random;    /* state of the generator */
  size_t running;     /* steps that are not waiting for another attempt */
  struct signet_step *first_waiting; /* for budget */
  struct signet_step *last_waiting;
  signet_breaker breaker;
} signet_retry;

#endif
