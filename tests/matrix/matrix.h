/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_TESTS_MATRIX_H
#define SIGNET_TESTS_MATRIX_H

/*
 * One cell is one call of the client against one fault: what the server does
 * to the request, which bytes it answers, and what it does to the connection.
 * A family makes the cells of one kind of fault, for every endpoint. What the
 * outcome must be is worked out here (judge.c) from the bytes that were sent
 * and from the ledger, where the server writes what truly happened.
 */

#include "fault_server.h"
#include "signet/signet.h"

#include <stdbool.h>
#include <stdio.h>

/* A call of the client, and what the service answers to it. */
typedef struct matrix_endpoint {
  const char *name;
  signet_dialect dialect;
  signet_kind kind;
  signet_verb verb;
  const char *method;
  const char *path;
  const char *success; /* bodies */
  const char *refusal;
  const char *again; /* the refusal once the effect is there; NULL: none, a
                        second time works too */
  const char *after; /* update: what is read then; create: the new entry in the
                        list, %lld is the time */
} matrix_endpoint;

extern const matrix_endpoint matrix_endpoints[];
extern const size_t matrix_endpoint_count;

bool matrix_writes(const matrix_endpoint *endpoint);

typedef enum matrix_target {
  TARGET_SERVICE,
  TARGET_REFUSING, /* nobody listens */
  TARGET_DEAF      /* connections are never accepted */
} matrix_target;

typedef enum matrix_effect {
  EFFECT_NONE,   /* the faulty request changes nothing */
  EFFECT_BEFORE, /* it has its effect before the reply */
  EFFECT_LATE    /* some time after the reply */
} matrix_effect;

/* A call that follows must not get what belongs to the one before it. */
typedef enum matrix_again {
  AGAIN_NOT,
  AGAIN_MAY_FAIL, /* but never with a wrong answer */
  AGAIN_WORKS
} matrix_again;

typedef struct matrix_cell {
  const char *family;
  size_t index; /* in its family */
  const matrix_endpoint *endpoint;
  unsigned reused;    /* requests that the connection has served before */
  bool drops_idle;    /* which the server then closes */
  bool once;          /* only the first request meets the fault */
  bool impatient;     /* the reply ends after the client's time limit */
  bool any;           /* of a reply that isn't in order anything may come */
  bool too_large;     /* the reply is beyond the client's limit */
  matrix_again again; /* a second call follows on the same account */
  bool retries;       /* requests may be sent again, and writes are settled */
  bool must_work;     /* then it must work in the end */
  unsigned times;     /* requests that meet the fault, 0: all */
  unsigned late_ms;   /* of EFFECT_LATE */
  unsigned fields;    /* which fields a write has: a size in bytes, 0: usual */
  size_t stale;       /* lists that don't show yet what was created */
  size_t max_reply_bytes;
  matrix_target target;
  matrix_effect effect;
  fault_gate gate;
  fault_reply reply;
  size_t flip_at; /* SIZE_MAX: nothing is flipped */
  unsigned char flip_mask;
} matrix_cell;

/* What truly happened. */
typedef struct matrix_ledger {
  size_t requests; /* whole ones for the endpoint */
  size_t effects;
  size_t bytes;       /* that came in, of anything behind the warm-up */
  size_t connections; /* accepted, the warm-up's included */
  size_t reused;      /* requests on a connection that had served another */
  size_t lists;       /* in which what was created was looked for */
  size_t strange;     /* requests for something else */
} matrix_ledger;

typedef enum matrix_second {
  SECOND_NONE,
  SECOND_GOOD,
  SECOND_WRONG,
  SECOND_FAILED
} matrix_second;

/* What was seen from the client's side. */
typedef struct matrix_sight {
  signet_outcome outcome;
  signet_error error; /* kind SIGNET_OK: none */
  char id[24];
  size_t records;
  uint64_t requests;
  matrix_second second; /* what became of the call that followed */
} matrix_sight;

/* ---- cells (main.c) ---- */

/** Adds a cell with everything default for that endpoint: a fresh connection,
 * no flip, the effect before the reply. */
matrix_cell matrix_new_cell(const matrix_endpoint *endpoint);
/** Adds a copy of the cell. */
void matrix_add(const matrix_cell *cell);
/** Text that lives until the program ends. */
const char *matrix_keep(char *text);
typedef enum matrix_framing {
  FRAME_LENGTH,
  FRAME_CHUNKED,
  FRAME_CLOSE
} matrix_framing;
/** Writes "HTTP/1.1 STATUS" with the usual headers, @p headers (each with its
 * line end) and @p body. @return its length */
size_t matrix_write_reply(char *out, size_t size, int status,
                          matrix_framing framing, const char *headers,
                          const char *body);
/** The same into memory that is kept. */
const char *matrix_reply(int status, matrix_framing framing,
                         const char *headers, const char *body, size_t *length);

typedef struct matrix_family {
  const char *name;
  void (*make)(void); /* adds its cells */
} matrix_family;
extern const matrix_family matrix_families[];
extern const size_t matrix_family_count;

/* ---- the judge (judge.c) ---- */

enum {
  ALLOW_NOT_SENT = 1 << SIGNET_OUTCOME_NOT_SENT,
  ALLOW_REFUSED = 1 << SIGNET_OUTCOME_REFUSED,
  ALLOW_APPLIED = 1 << SIGNET_OUTCOME_APPLIED,
  ALLOW_THROTTLED = 1 << SIGNET_OUTCOME_THROTTLED,
  ALLOW_UNKNOWN = 1 << SIGNET_OUTCOME_UNKNOWN
};

/* What a reply's bytes say, read strictly. */
typedef struct matrix_verdict {
  unsigned allowed;  /* outcomes */
  bool loose;        /* it isn't strictly in order */
  bool says_no;      /* for certain: then a lying server is to blame */
  char created[24];  /* create: the id in it, "": none */
  size_t records;    /* list: how many, get: 1 */
  bool records_sure; /* whether that was read */
} matrix_verdict;

/** @p length is what was sent of it before its @p end. */
void matrix_judge(const matrix_endpoint *endpoint, const char *data,
                  size_t length, fault_end end, matrix_verdict *verdict);

/** NULL: all is as it must be; else what is wrong, in @p out. */
const char *matrix_check(const matrix_cell *cell, const matrix_ledger *ledger,
                         const matrix_sight *sight,
                         const matrix_verdict *verdict, char *out, size_t size);

/* ---- one cell (run.c) ---- */

typedef struct matrix_worker matrix_worker;

/** A worker has a server and carries cells out one after another. NULL: no
 * socket or thread to be had. */
matrix_worker *matrix_worker_new(void);
void matrix_worker_free(matrix_worker *worker);
/** @return whether the cell is as it must be; if not, a report goes to @p out.
 * What the client saw goes to @p sight. */
bool matrix_run(matrix_worker *worker, const matrix_cell *cell, FILE *out,
                matrix_sight *sight);
/** Whether the server makes each effect twice. */
extern bool matrix_planted;
/** Opens what the targets need; @return false: it can't be had. */
bool matrix_targets_open(void);
/** Closes it. @return false: the secret stood in a journal */
bool matrix_targets_close(void);
/** Memory functions that keep account of each thread's own. */
extern const signet_allocator matrix_allocator;

/* ---- the families ---- */

void matrix_make_cuts(void);
void matrix_make_flips(void);
void matrix_make_statuses(void);
void matrix_make_headers(void);
void matrix_make_connections(void);
void matrix_make_times(void);
void matrix_make_contents(void);
void matrix_make_resends(void);
void matrix_make_retries(void);

#endif
