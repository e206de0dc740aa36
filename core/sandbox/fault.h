/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_SANDBOX_FAULT_H
#define SIGNET_SANDBOX_FAULT_H

/* Rules that spoil answers. Every rule counts the requests that it matches;
 * the first one whose turn it is decides what happens. */

#include "signet/error.h"

struct json_object;
struct MHD_Response;
struct signet_buffer;

typedef enum sandbox_close {
  SANDBOX_CLOSE_NOT = 0,
  SANDBOX_CLOSE_BEFORE, /* the effect */
  SANDBOX_CLOSE_AFTER
} sandbox_close;

typedef struct sandbox_fault {
  struct sandbox_fault *next;
  unsigned references; /* the list's, and those of requests under way */
  uint64_t id;
  char *method; /* NULL: any */
  char *path;   /* shell pattern on the path */
  int64_t nth;  /* the first request that it hits, from 1 */
  int64_t every;
  int64_t count;      /* how often it hits, 0: without end */
  int64_t per_second; /* requests that it spares, 0: none */
  int64_t burst;      /* so many of them may come at once */
  bool counted;       /* …in each second of the clock: no bucket */
  double spared;      /* how many it would spare now */
  int64_t spared_ns;  /* when that was counted, by a clock that only rises */
  int64_t seen;
  int64_t fired;
  /* what happens */
  int status; /* 0: the service's own answer */
  char *body; /* NULL: {"code","message"} that fit the status */
  size_t body_length;
  struct json_object *headers; /* names and texts, or NULL */
  sandbox_close close;
  bool effect;      /* the request is carried out */
  bool late_effect; /* …when the delay is over */
  int64_t delay_ms;
  int64_t cut_after; /* bytes of the body, then it closes; -1: all */
} sandbox_fault;

typedef struct sandbox_faults {
  sandbox_fault *first;
  uint64_t last_id;
} sandbox_faults;

/** The rule that hits this request, with a reference to be given back; NULL:
 * none. Counts. */
sandbox_fault *sandbox_faults_match(sandbox_faults *faults, const char *method,
                                    const char *path);
void sandbox_fault_release(sandbox_fault *fault);
/** @return false: there is no rule of that id */
bool sandbox_faults_remove(sandbox_faults *faults, uint64_t id);
void sandbox_faults_clear(sandbox_faults *faults);

#endif
