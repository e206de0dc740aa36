/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_RETRY_STATE_H
#define SIGNET_ACCOUNT_RETRY_STATE_H

/* What an account and its steps remember about repeated requests (retry.h). */

#include "net/http.h"

enum { HTTP_TOO_MANY_REQUESTS = 429 };

struct signet_step;

/** Of a step. */
typedef struct signet_attempts {
  unsigned number;    /* of the attempt that runs, from 1 */
  unsigned failed;    /* attempts that count against the limit */
  unsigned throttled; /* attempts that were answered 429 */
  unsigned answered;  /* failures since whose predecessor anything succeeded */
  unsigned waited_ms; /* for more of these, before the write was looked at
                         again and began anew */
  bool begun;         /* counted in signet_retry.steps */
  bool running;       /* counted in signet_retry.running */
  int64_t since;      /* loop's time of the first of these */
  int64_t asked_ms;   /* signet_http_asked() then */
  uint64_t successes; /* of the account before it */
  uint64_t last;      /* so, at the last failure */
  signet_timer *timer;
  struct signet_step_queue *queue; /* that it waits in; NULL: in none */
  struct signet_step *next;
  struct signet_step *previous;
} signet_attempts;

typedef struct signet_step_queue {
  struct signet_step *first;
  struct signet_step *last;
} signet_step_queue;

struct signet_retry;

/** The breaker of an account. */
typedef struct signet_breaker {
  bool open;
  bool asking;       /* the probe runs, to tell whether it should open */
  bool spent;        /* the service was given up; until something succeeds */
  bool reached;      /* the service has answered at least once */
  unsigned failures; /* in a row */
  int64_t since;     /* loop's time when it opened */
  int64_t pause_ms;  /* before the next probe */
  signet_timer *timer;
  signet_exchange probe;
  char path[48];                                        /* of the probe */
  void (*told)(struct signet_retry *retry, bool there); /* what it was asked */
  char problem[160]; /* what the last failure was */
} signet_breaker;

/** Of an account. */
typedef struct signet_retry {
  struct signet_account *account;
  void (*resend)(struct signet_step *step); /* sends its request once more */
  void (*end)(struct signet_step *step);    /* its error is that of the last
                                               attempt */
  unsigned attempts;
  int64_t backoff_ms;
  int64_t backoff_max_ms;
  unsigned budget_percent;
  unsigned budget_floor;
  unsigned breaker_failures; /* 0: there is no breaker */
  int64_t breaker_pause_ms;
  int64_t outage_ms;
  uint64_t first;           /* requests that repeated nothing */
  uint64_t repeated;        /* requests that did, within the budget */
  uint64_t successes;       /* replies that showed the service to be well */
  uint64_t random;          /* state of the generator */
  size_t running;           /* steps that are not waiting for another attempt */
  int64_t away_since;       /* loop's time of the first failure, or 429, since
                               anything succeeded; -1: there was none */
  int64_t away_asked_ms;    /* signet_http_asked() then */
  signet_timer *patience;   /* fires when it has been away for too long */
  size_t steps;             /* that have begun and not ended */
  signet_step_queue budget; /* who waits for some */
  signet_step_queue doubt; /* whose last attempt failed: is the service away? */
  signet_breaker breaker;
} signet_retry;

#endif
