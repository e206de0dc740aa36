/* SPDX-License-Identifier: MIT */
#ifndef PHASE_H
#define PHASE_H

#include "phase_service.h"

#include "account/account.h"
#include "signet/plan.h"

/* One row: the service, the account, and the call that it is about. */

enum {
  PHASE_TURN_MS = 5,
  PHASE_QUIET_TURNS = 4,
  PHASE_LONG_MS = 60000,
  PHASE_PATIENCE_TURNS = 3000
};

typedef struct phase_row {
  phase_service service;
  signet_loop *loop;
  signet_account_options options;
  signet_account *account;
  signet_overlay *overlay;
  signet_call *subject; /* what the row is about */
  signet_call *beside;
  bool recorded; /* the account has the recorder */
  bool keeps;    /* which keeps writes that are ready */
  signet_call *kept;
  char heard[1024]; /* what the recorder heard */
} phase_row;

extern phase_row row;

void phase_begin(void);
void phase_end(void);
void phase_open_account(void);

signet_call *phase_start(signet_verb verb, const char *id, const char *name);
void phase_until_requests(size_t count);
void phase_turn(int times);

/* Where a call can be. */
typedef struct phase_place {
  const char *name;
  void (*reach)(void);
  bool held; /* a reply is held back, so that each kind of it can come */
  bool kept; /* the recorder keeps the write */
} phase_place;

extern const phase_place phase_places[];
extern const size_t phase_places_count;

/* What can happen to it there. */
typedef struct phase_event {
  const char *name;
  void (*happen)(void); /* NULL: the reply comes */
  const char *reply;    /* NULL: the usual one */
  bool of_kept;         /* an answer of the recorder */
} phase_event;

extern const phase_event phase_events[];
extern const size_t phase_events_count;

#endif
