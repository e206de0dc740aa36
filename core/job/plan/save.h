/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_SAVE_H
#define SIGNET_JOB_PLAN_SAVE_H

#include "job/plan/plan.h"

/** Makes text and digest. @return false: out of memory, or too long */
bool signet_plan_seal(signet_plan *plan);

#endif
