/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_PLAN_WORDS_H
#define SIGNET_HOST_PLAN_WORDS_H

/* What a plan adds up to. */

#include "signet/plan.h"

/** What a plan adds up to. */
struct plan_totals {
  size_t creates, updates, deletes, reviews, outage;
};

void signet_host_plan_totals(const signet_plan *plan,
                             struct plan_totals *totals);

#endif
