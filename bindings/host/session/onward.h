/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_ONWARD_H
#define SIGNET_HOST_ONWARD_H

/* What helps after a job that did not come to its end, as a sentence with a
 * command. Which it is, signet/jobs.h says. */

#include "host/session/advice.h"
#include "host/session/session.h"
#include "signet/jobs.h"

/** @param status  with which the command ends */
signet_job_next signet_host_onward_of(const struct session *session, int status,
                                      const signet_counts *counts);

/** Keeps it with the job, if that has an id. Before signet_job_end(). */
void signet_host_onward_keep(struct session *session, signet_job_next onward);

/** Says it at the end of a run. */
void signet_host_onward_tell(struct session *session, signet_job_next onward);

/** Says it of another job, as that kept it. */
void signet_host_onward_tell_of(struct session *session, const char *job);

/** It as one line. @param out  "": there is nothing to say */
void signet_host_onward_line(const struct host *host, signet_job_next onward,
                             const char *job, char *out, size_t size);

/** Room for such a line. */
enum { ONWARD_SIZE = ADVICE_SIZE + 120 };

#endif
