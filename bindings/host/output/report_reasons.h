/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_REPORT_REASONS_H
#define SIGNET_HOST_REPORT_REASONS_H

/* Why entries failed or were skipped: what many have in common is written once,
 * with their count. */

#include "host/output/report.h"

/** Writes how many more entries failed for the reason that was written last. */
void signet_host_report_facts(struct report *report);

/** Whether an error is about the run, so that every entry has the same. */
bool signet_host_report_is_of_run(const signet_error *error);

/** Whether it is what was told last of the run.
 * @param fact  set to what there is to tell */
bool signet_host_report_is_fact(const struct report *report,
                                const signet_error *error, const char *message,
                                char *fact, size_t size);

/** A reason is written once. @return whether this one was written already */
bool signet_host_report_knows(struct report *report, const signet_error *error,
                              const char *message);

/** Counts an entry that was skipped. */
void signet_host_report_count_reason(struct report *report, const char *reason);
/** Writes why entries were skipped, and begins anew. */
void signet_host_report_reasons(struct report *report);

#endif
