/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_JOB_H
#define SIGNET_HOST_JOB_H

/* The job of a session: its options, its settling, its end. */

#include "host/session/session.h"

/** Makes the session's job as the command line says. @return false: @p error
 */
bool signet_host_job_open(struct session *session, const struct script *script,
                          signet_error *error);

/** Opens the host's own account, to which the settings lead, and attaches the
 * job, if there is one. */
bool signet_host_job_account(struct session *session, signet_error *error);

/** Settles what earlier runs of a resumed job left open, and tells. */
bool signet_host_job_settle(struct session *session, signet_error *error);

/** Tells what settling writes that were left open came to. */
void signet_host_job_tell_settled(struct session *session,
                                  const signet_job_findings *findings);

/** Compares what was written with what the service shows, where that was not
 * done since the last write. The job's end counts and reports what it finds.
 * @param status  the run's exit status so far */
bool signet_host_job_audit(struct session *session, int status,
                           signet_error *error);

/**
 * Audits and ends the job. @param status  the run's exit status so far
 * @param counts  of the run; what the audit contradicts counts as
 *                 unknown, not as done
 * @return the exit status
 */
int signet_host_job_end(struct session *session, int status,
                        signet_counts *counts);

#endif
