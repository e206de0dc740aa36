/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_GUARD_PLAN_H
#define SIGNET_JOB_GUARD_PLAN_H

#include "job/guard.h"

/** What a plan is going to write, of each kind. */
typedef struct signet_guard_plan {
  int64_t changes[2];
  int64_t deletes[2];
  int64_t entries[2]; /* that the account has; -1: not known */
} signet_guard_plan;

/** Whether all of a plan is within the limits. @return false: @p error */
bool signet_guard_judge(const signet_guard *guard,
                        const signet_guard_plan *plan, signet_error *error);
/** Asks for the confirmation of deletes, if it needs one and there is none yet.
 * @return false: @p error */
bool signet_guard_confirm(signet_guard *guard, const signet_guard_plan *plan,
                          const signet_account *account, signet_error *error);

#endif
