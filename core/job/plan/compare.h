/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_COMPARE_H
#define SIGNET_JOB_PLAN_COMPARE_H

#include "job/plan/apply_state.h"

/** The JSON of the entry as the step has seen it, for the write to rest on;
 * free with signet_memory_free(). NULL: out of memory */
char *signet_apply_expected(const signet_plan_apply *apply, uint32_t step);
/** Whether the entry (NULL: it is gone) is what a step of the plan expects;
 * else the error says what is not. A wait that the step may do first is told by
 * `await_own`. */
bool signet_apply_compare(signet_plan_apply *apply, uint32_t step,
                          const signet_record *record, signet_error *error);
/** Whether the step of an undo, which deletes what the job made, is to look for
 * the entry itself: that a list doesn't show it proves nothing. */
bool signet_apply_deletes_absent(const signet_plan_apply *apply, uint32_t step,
                                 const signet_record *live);
/** Whether the signature that a template is to show can be used. */
bool signet_apply_check_sign(signet_plan_apply *apply, uint32_t step,
                             signet_error *error);

#endif
