/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_ORIGIN_H
#define SIGNET_JOB_PLAN_ORIGIN_H

#include "job/plan/apply_state.h"

/** A write of the job that a plan is made from. */
void signet_apply_count_origin(signet_plan_apply *apply,
                               const signet_write_view *view);
/** Notes where that job stands. @return false: @p error; a write of it is open,
 * say */
bool signet_apply_find_origin(signet_plan_apply *apply, signet_error *error);
/** Whether a plan that was made from a job may be applied: that one must be as
 * it was then, in the journal @p store. This job takes over what is left of it,
 * but for a check. @return false: @p error */
bool signet_apply_check_origin(signet_plan_apply *apply, signet_store *store,
                               signet_error *error);

#endif
