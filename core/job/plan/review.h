/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_REVIEW_H
#define SIGNET_JOB_PLAN_REVIEW_H

#include "job/plan/apply_state.h"

/** Awaits the review of a step that was done. */
void signet_apply_await(signet_plan_apply *apply, uint32_t step);
/** Awaits one that was under way before. */
void signet_apply_await_former(signet_plan_apply *apply, uint32_t step,
                               bool of_sign, int64_t id);
/** Whether reviews are awaited. */
bool signet_apply_awaits(const signet_plan_apply *apply);
/** Looks at all that is awaited, once. */
void signet_apply_park(signet_plan_apply *apply);
void signet_apply_drop_reviews(signet_plan_apply *apply);

#endif
