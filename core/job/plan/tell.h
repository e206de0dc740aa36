/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_TELL_H
#define SIGNET_JOB_PLAN_TELL_H

#include "job/plan/apply_state.h"

/** Tells the host. */
void signet_apply_tell(signet_plan_apply *apply,
                       const signet_plan_event *event);
/** Nothing new begins; what runs comes to its end. */
void signet_apply_fail(signet_plan_apply *apply, const signet_error *error);
void signet_apply_no_memory(signet_plan_apply *apply);
/** Looks at what is to be done next, from the loop. */
void signet_apply_turn(signet_plan_apply *apply);
/** Lets the calls that keep lists coming end. */
void signet_apply_stop_reviews(signet_plan_apply *apply);

#endif
