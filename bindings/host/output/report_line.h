/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_REPORT_LINE_H
#define SIGNET_HOST_REPORT_LINE_H

/* How single lines and objects of a report are written. The bar gives way, and
 * a script's text without a newline ends before them. */

#include "host/output/report.h"

/** What a script writes to standard error, as it is unless that is a terminal.
 */
void signet_host_report_error_text(struct report *report, const char *text,
                                   size_t length);

/** A line on standard error, whatever becomes of standard output; what is
 * foreign in it is escaped already. */
void signet_host_report_line(struct report *report, enum style style,
                             const char *text, size_t length);

/** A result that the host itself makes, not a script. */
void signet_host_report_text(struct report *report, const char *text,
                             size_t length);

/** An object of --json, which is freed. */
void signet_host_report_object(struct report *report,
                               struct json_object *object);

/** Notices whether standard output still takes what was printed. */
void signet_host_report_flush(struct report *report);

/** Standard output takes nothing any more: the run ends. */
void signet_host_report_broke(struct report *report);

/** Makes room on the terminal for a line of its own … */
void signet_host_report_open_line(struct report *report);
/** … and puts the bar back. */
void signet_host_report_close_line(struct report *report);

/** A line on standard error: "head: text", the text escaped. */
void signet_host_report_write(struct report *report, enum style style,
                              const char *head, const char *text,
                              size_t length);

#endif
