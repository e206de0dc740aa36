/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_FORMER_H
#define SIGNET_JOB_PLAN_FORMER_H

#include "job/plan/apply_state.h"

/** Keeps what was decided in the journal, with what is put next. */
void signet_apply_keep(signet_plan_apply *apply);
/** Reads what earlier runs of the job wrote, and which reviews they saw
 * decided. @return false: `error` of the apply is set */
bool signet_apply_recall(signet_plan_apply *apply);
/** How many changes of the step's entry the journal answers. */
uint32_t signet_apply_answered(const signet_plan_apply *apply, uint32_t step);
/** Whether the job that a plan is made from has carried the step out. */
bool signet_apply_was_done(signet_plan_apply *apply, uint32_t step,
                           const signet_fields *fields);

#endif
