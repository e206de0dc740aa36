/* SPDX-License-Identifier: MIT */
#include "account/phase.h"

#define ENDS SIGNET_HOLD_ENDS
#define QUEUED SIGNET_HOLD_QUEUED
#define KEEPS SIGNET_HOLD_KEEPS
#define SETTLING SIGNET_HOLD_SETTLING
#define NOTHING SIGNET_WAITS_FOR_NOTHING
#define STEP SIGNET_WAITS_FOR_STEP
#define LIST SIGNET_WAITS_FOR_LIST
#define TIME SIGNET_WAITS_FOR_TIME

/* clang-format off */
static const signet_phase_row rows[] = {
  /*                                 name               hold      waits    recorder settles */
  [SIGNET_CALL_NEW] =              {"new",             KEEPS,    NOTHING, false,   false},
  [SIGNET_CALL_RECALLING] =        {"recalling",       ENDS,     NOTHING, true,    false},
  [SIGNET_CALL_READING] =          {"reading",         QUEUED,   STEP,    false,   false},
  [SIGNET_CALL_LIST_PAUSE] =       {"list pause",      KEEPS,    NOTHING, false,   false},
  [SIGNET_CALL_DETAILS] =          {"details",         ENDS,     NOTHING, false,   false},
  [SIGNET_CALL_SHARED_READ] =      {"shared read",     ENDS,     NOTHING, false,   false},
  [SIGNET_CALL_INTENDING] =        {"intending",       ENDS,     NOTHING, true,    false},
  [SIGNET_CALL_SENDING] =          {"sending",         QUEUED,   STEP,    false,   false},
  [SIGNET_CALL_NAMING] =           {"naming",          ENDS,     NOTHING, false,   false},
  [SIGNET_CALL_NAME_PAUSE] =       {"name pause",      ENDS,     NOTHING, false,   false},
  [SIGNET_CALL_SEARCHING] =        {"searching",       KEEPS,    LIST,    false,   false},
  [SIGNET_CALL_SETTLING_PAUSE] =   {"settling pause",  SETTLING, TIME,    false,   true},
  [SIGNET_CALL_SETTLING_READ] =    {"settling read",   SETTLING, STEP,    false,   true},
  [SIGNET_CALL_SETTLING_SEARCH] =  {"settling search", KEEPS,    LIST,    false,   true},
  [SIGNET_CALL_REVIEW] =           {"review",          ENDS,     LIST,    false,   false},
  [SIGNET_CALL_SIMULATED_REVIEW] = {"simulated review", ENDS,    NOTHING, false,   false},
  [SIGNET_CALL_ENDED] =            {"ended",           KEEPS,    NOTHING, false,   false},
  [SIGNET_CALL_DELIVERED] =        {"delivered",       KEEPS,    NOTHING, false,   false},
};
/* clang-format on */

const signet_phase_row *signet_phase_row_of(signet_call_phase phase)
{
  return &rows[phase];
}
