/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_CARRY_H
#define SIGNET_JOB_PLAN_CARRY_H

#include "job/plan/apply_state.h"

/** Begins a step that is ready. */
void signet_apply_begin(signet_plan_apply *apply, uint32_t step);
void signet_apply_cancel_runs(signet_plan_apply *apply);
void signet_apply_drop_runs(signet_plan_apply *apply);

#endif
