/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_HAR_ENTRY_H
#define SIGNET_HOST_HAR_ENTRY_H

#include "signet/trace.h"

struct json_object; /* json-c's */

/** One request as an entry of a HAR file; to be put. NULL: out of memory. */
struct json_object *signet_host_har_entry(const signet_trace *trace);

#endif
