/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_SETTLE_H
#define SIGNET_HOST_SETTLE_H

/* Settling what an earlier run left open may take minutes: an interrupt and a
 * deadline end it. */

#include "host/session/session.h"

/** Settles the session's job through the session's account. What could not be
 * decided before an interrupt stays open, and the job ends.
 * @return false: @p error says why nothing more is to be done */
bool signet_host_settle(struct session *session, signet_job_findings *findings,
                        signet_error *error);

#endif
