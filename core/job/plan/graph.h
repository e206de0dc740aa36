/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_GRAPH_H
#define SIGNET_JOB_PLAN_GRAPH_H

#include "job/plan/apply_state.h"

/** Makes steps, entries and what waits for what. @return false: memory */
bool signet_apply_link(signet_plan_apply *apply);
void signet_apply_unlink(signet_plan_apply *apply);
/** A step becomes ready. */
void signet_apply_enqueue(signet_plan_apply *apply, uint32_t step);
/** One thing less that a step waits for. */
void signet_apply_release(signet_plan_apply *apply, uint32_t step,
                          signet_apply_block block, uint32_t cause);
/** Ends a step that is open or runs. @param error  of a failed one, else NULL
 */
void signet_apply_end_step(signet_plan_apply *apply, uint32_t step,
                           signet_plan_result result, const signet_error *error,
                           const char *reason);
/** Ends a step of an undo that has nothing to do, since somebody did it. */
void signet_apply_end_restored(signet_plan_apply *apply, uint32_t step);
/** Whether its review is one that the script waited for, and steps after it
 * need. */
bool signet_apply_is_awaited(const signet_plan_apply *apply, uint32_t step);
/** Its review is decided, or won't be: the steps that need that go on, or are
 * blocked. */
void signet_apply_review_ended(signet_plan_apply *apply, uint32_t step,
                               signet_apply_block block);

#endif
