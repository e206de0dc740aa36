/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_OVERLAY_OVERLAY_H
#define SIGNET_OVERLAY_OVERLAY_H

/*
 * The inside of an overlay: a world that holds a copy of an account, made at
 * the first write, and a log of what was written to it. Handles of the same
 * account share an overlay, and so see each other's writes.
 *
 * New entries get ids from 9000000000000000001 on, which no service has given
 * so far: provisional ids, 19 digits as any other.
 */

#include "account/account.h"
#include "account/details.h"
#include "signet/plan.h"
#include "world/state.h"

static const int64_t SIGNET_PROVISIONAL_ID = INT64_C(9000000000000000001);

/** The mark of an entry that was not written, but whose review the simulated
 * reviewer decided; of one that was written its last write, from 1. */
static const size_t SIGNET_OVERLAY_ASSUMED = SIZE_MAX;

/** One write that the copy took. */
typedef struct signet_overlay_write {
  signet_verb verb;
  signet_kind kind;
  char id[SIGNET_ID_SIZE]; /* provisional of an entry made here */
  char *before;            /* JSON of the whole record, NULL: of a create */
  char *after;             /* JSON of the fields, NULL: of a delete */
  size_t jumps;            /* of the reviewer, before it */
  bool assumed;            /* `before` is what a review, not yet decided at the
                              service, was taken to come to */
  bool assumed_sign;       /* so does the signature that a template shows */
  bool review;             /* it went to review */
  int64_t decision;        /* what the reviewer said, 0: nothing yet */
  size_t decided;          /* the jump in which he said it */
  bool awaited;            /* somebody waited for that */
  size_t awaited_from;     /* the first write after somebody had waited */
  int64_t *outage;         /* templates that it keeps from sending, by id */
  size_t outage_count;
} signet_overlay_write;

/** An entry that may be gone by now. */
typedef struct signet_overlay_place {
  signet_kind kind;
  int64_t id;
} signet_overlay_place;

typedef enum signet_overlay_state {
  SIGNET_OVERLAY_LIVE,    /* nothing was written: reads go through */
  SIGNET_OVERLAY_COPYING, /* the lists are on their way */
  SIGNET_OVERLAY_COPIED
} signet_overlay_state;

struct signet_overlay {
  signet_layer layer;
  signet_overlay_options options;
  /* The copy is there, or can't be made; NULL: no error. */
  void (*copied)(signet_overlay *overlay, const signet_error *error);
  signet_overlay_state state;
  signet_world *world;
  char identity[SIGNET_IDENTITY_SIZE]; /* of the account, "": none was attached
                                        */
  signet_dialect dialect;
  signet_loop *loop;

  signet_account *reader; /* whose lists are on their way */
  signet_step lists[2];
  signet_error errors[2];
  size_t running;           /* of the two */
  unsigned looks;           /* lists that were too short */
  signet_timer *again;      /* asks for both again */
  signet_details *details;  /* where the list shows less than its entries */
  signet_kind detailed;     /* whose they are */
  signet_step *queue_first; /* steps that wait for the copy */
  signet_step *queue_last;

  signet_overlay_write *writes;
  size_t write_count;
  size_t write_capacity;
  signet_overlay_place *undecided; /* written, and not decided since */
  size_t undecided_count;
  size_t undecided_capacity;
  signet_plan_origin from; /* the job whose plan is carried out on it */
  uint64_t unplanned;      /* raw requests that were refused */
  bool torn; /* the copy may hold a write that the log doesn't: no memory */

  signet_call *waiting; /* calls that wait for a review */
  signet_timer *timer;
  uint64_t activity; /* steps and waits so far */
  uint64_t seen;     /* of them, when the timer was set */
  unsigned quiet;    /* how often it fired since with nothing new */
  size_t jumps;
  uint64_t decisions;
};

/** Writes go to the copy (backend.c). */
extern const signet_backend signet_backend_overlay;

#endif
