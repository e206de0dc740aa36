/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_PLAN_JSON_H
#define SIGNET_HOST_PLAN_JSON_H

/* A plan as JSON. */

#include "host/output/report.h"
#include "signet/plan.h"

/** A plan as objects: one for each step, then {"event":"plan",…}. */
void signet_host_plan_json(struct report *report, const signet_plan *plan);

#endif
