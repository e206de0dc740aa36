/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_REPORT_EVENT_H
#define SIGNET_HOST_REPORT_EVENT_H

/* What a script, its engine and its accounts tell while they run. */

#include "host/output/report.h"

/** Takes an event of the engine; for signet_engine_options.event. */
void signet_host_report_event(void *user, const signet_event *event);

/** The same of a pause of an account that the host itself has opened; for
 * signet_account_on_pause(). */
void signet_host_report_pause(signet_account *account, int64_t milliseconds,
                              const char *reason, void *user);

/** What an account has to say to a person; for signet_account_on_notice(). */
void signet_host_report_notice(signet_account *account, const char *text,
                               void *user);

/** The same of the rate that the service accepts; for signet_account_on_rate().
 */
void signet_host_report_rate(signet_account *account, double per_second,
                             bool learned, void *user);

/** Something that is not as it should be, but ends nothing. */
void signet_host_report_warning(struct report *report, const char *sentence);

/** Something worth a line, unless -q. */
void signet_host_report_note(struct report *report, const char *sentence);

#endif
