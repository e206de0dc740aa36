/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_LOOK_H
#define SIGNET_JOB_PLAN_LOOK_H

#include "job/plan/apply_state.h"

/** Lists the entries; goes on with the judgement, then with the steps. */
void signet_apply_look(signet_plan_apply *apply);

#endif
