/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_LINK_H
#define SIGNET_JOB_PLAN_LINK_H

#include "job/plan/plan.h"

/** Finds what each step needs, and its round. @param hints  one for each step,
 * NULL: none. @return false: out of memory */
bool signet_plan_link(signet_plan *plan, const signet_plan_hint *hints);
/** The round of a step, of what it needs and waits for. */
size_t signet_plan_round_of(const signet_plan *plan,
                            const signet_plan_step *step);

#endif
