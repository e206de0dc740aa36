/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_ONCE_H
#define SIGNET_JOB_PLAN_ONCE_H

#include "job/plan/apply_state.h"

/** Refuses a plan that another job has begun. @return whether it did, or failed
 */
bool signet_apply_refuse_former(signet_plan_apply *apply);

#endif
