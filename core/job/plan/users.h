/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_USERS_H
#define SIGNET_JOB_PLAN_USERS_H

#include "job/plan/apply_state.h"

/** Whether the step deletes a signature, and it isn't known yet who uses it. */
bool signet_apply_asks_users(const signet_plan_apply *apply, uint32_t step);
/** Whether the list shows more of them than the plan can know. @return false:
 * it does, @p error */
bool signet_apply_count_users(const signet_plan_apply *apply, uint32_t step,
                              const signet_record *sign, signet_error *error);
/** Whether the signature shows more of them than the plan takes it to have. */
bool signet_apply_may_have_users(const signet_plan_apply *apply, uint32_t step,
                                 const signet_record *sign);
/** Whether all of them are known to the plan. @return false: @p error */
bool signet_apply_check_users(const signet_plan_apply *apply, uint32_t step,
                              const signet_list *templates,
                              signet_error *error);

#endif
