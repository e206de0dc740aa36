/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_PLAN_SHOW_H
#define SIGNET_HOST_PLAN_SHOW_H

/* A plan for people. */

#include "host/output/report.h"
#include "signet/plan.h"

/** A plan for people, on standard output. */
void signet_host_plan_show(struct report *report, const signet_plan *plan);

#endif
