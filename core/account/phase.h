/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_PHASE_H
#define SIGNET_ACCOUNT_PHASE_H

/*
 * Where a call is. Every call is in one phase, and what an interrupt (the
 * account is held) or a cancel does follows from that; phase.c has the table.
 *
 *   read:    NEW > READING [> LIST_PAUSE > READING] [> DETAILS] > ENDED
 *            > DELIVERED
 *   write:   NEW [> RECALLING] [> SHARED_READ] [> READING] [> INTENDING]
 *            > SENDING [> SHARED_READ …] > ENDED
 *   refused for its name:           SENDING > NAMING [> NAME_PAUSE > SENDING]
 *   created, but the id isn't told: SENDING > SEARCHING
 *   outcome unknown, if recorded:   SENDING > SETTLING_PAUSE
 *            > SETTLING_READ or SETTLING_SEARCH [> SETTLING_PAUSE …]
 *            [> SENDING]
 *   wait:    NEW > REVIEW or SIMULATED_REVIEW > ENDED
 */

#include <stdbool.h>

typedef enum signet_call_phase {
  SIGNET_CALL_NEW,              /* what was asked is being checked */
  SIGNET_CALL_RECALLING,        /* was it done before? the recorder looks */
  SIGNET_CALL_READING,          /* a step of its own reads */
  SIGNET_CALL_LIST_PAUSE,       /* a list that was too short is asked again */
  SIGNET_CALL_DETAILS,          /* entries of its list are read (hidden.h) */
  SIGNET_CALL_SHARED_READ,      /* it waits to see its entry (fresh.h) */
  SIGNET_CALL_INTENDING,        /* its intent is being recorded */
  SIGNET_CALL_SENDING,          /* its write is queued or sent */
  SIGNET_CALL_NAMING,           /* who holds the name? (namesake.h) */
  SIGNET_CALL_NAME_PAUSE,       /* … before it is sent once more */
  SIGNET_CALL_SEARCHING,        /* lists are to show the id of what it made */
  SIGNET_CALL_SETTLING_PAUSE,   /* its outcome is read back (settle.h) soon */
  SIGNET_CALL_SETTLING_READ,    /* … now, by its entry */
  SIGNET_CALL_SETTLING_SEARCH,  /* … now, by a list */
  SIGNET_CALL_REVIEW,           /* lists are to show that it is decided */
  SIGNET_CALL_SIMULATED_REVIEW, /* an overlay's reviewer answers */
  SIGNET_CALL_ENDED,            /* its function is about to be called */
  SIGNET_CALL_DELIVERED
} signet_call_phase;

/** What ends a call once its account is held. */
typedef enum signet_on_hold {
  SIGNET_HOLD_ENDS,     /* nothing of it has reached the service */
  SIGNET_HOLD_QUEUED,   /* so, if its step has not left */
  SIGNET_HOLD_KEEPS,    /* it comes to its end by itself, or with its list */
  SIGNET_HOLD_SETTLING, /* settling it would take too long (settle.h) */
} signet_on_hold;

/** What it waits for, where the service asks for a pause. */
typedef enum signet_waits_for {
  SIGNET_WAITS_FOR_NOTHING, /* of the service */
  SIGNET_WAITS_FOR_STEP,    /* its own */
  SIGNET_WAITS_FOR_LIST,    /* that is shared (watch.c) */
  SIGNET_WAITS_FOR_TIME     /* before it reads */
} signet_waits_for;

typedef struct signet_phase_row {
  const char *name;
  signet_on_hold on_hold;
  signet_waits_for waits_for;
  bool recorder; /* the recorder has it, and lets it go */
  bool settles;  /* its outcome is being found out by reading back */
} signet_phase_row;

const signet_phase_row *signet_phase_row_of(signet_call_phase phase);

#endif
