/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_STANDARD_ERROR_H
#define SIGNET_HOST_STANDARD_ERROR_H

/* What scripts write to io.stderr themselves. */

#include "host/output/report.h"

/** Lets it pass the report, which must outlive the engine. @return false:
 * @p error */
bool signet_host_redirect_errors(signet_engine *engine, struct report *report,
                                 signet_error *error);

#endif
