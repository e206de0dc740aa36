/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_WATCH_PLAN_H
#define SIGNET_ACCOUNT_WATCH_PLAN_H

/* When the next shared list is due. */

#include "account/watch.h"

/** The least time from one list to the next, where something happens. */
int64_t signet_watch_least_interval(const signet_watch *watch);
/** The next list for those who wait for a review: that takes its time, and the
 * pauses grow. */
void signet_watch_plan_review(signet_watch *watch);
/** A list at once, for those who search. */
void signet_watch_plan_first_search(signet_watch *watch);
/** The next one after a list that failed, however many search, and whenever
 * they began. */
void signet_watch_plan_next_search(signet_watch *watch);
/** For one more who searches: at once, unless lists fail; then together with
 * the others, if nothing else has shown since that the service is well. */
void signet_watch_plan_search(signet_watch *watch);

#endif
