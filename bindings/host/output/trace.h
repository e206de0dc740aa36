/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_TRACE_H
#define SIGNET_HOST_TRACE_H

/* -v, -vv and --trace: what goes over the network, on standard error and in a
 * file. What they get holds no secret any more (signet/trace.h). */

#include "host/output/har.h"
#include "host/output/report.h"

struct trace {
  struct report *report;
  int level; /* 0, 1: a line a request, 2: headers and bodies too */
  struct har har;
  const char *path; /* of the file; NULL: none */
};

/** Reads the options, and makes the file. It must be closed whatever comes of
 * it. @return false: @p error says why there is no file */
bool signet_host_trace_open(struct trace *trace, struct report *report,
                            signet_error *error);

/** The function for signet_account_on_trace(), with the trace as its user;
 * NULL: nothing is asked for. */
signet_trace_fn signet_host_trace_function(const struct trace *trace);

/** How much of each body it wants. */
size_t signet_host_trace_bytes(const struct trace *trace);

void signet_host_trace_close(struct trace *trace);

#endif
