/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_AWAITED_H
#define SIGNET_JOB_PLAN_AWAITED_H

#include "job/plan/apply_state.h"

/** Tells, once, which reviews are waited for. */
void signet_apply_tell_waiting(signet_plan_apply *apply);

#endif
