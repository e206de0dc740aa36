/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_PARK_H
#define SIGNET_HOST_PARK_H

/* --park: where the service asks for a pause that is longer than the run waits,
 * or a script does nothing but wait for reviews, the run ends as if it were
 * interrupted, and its job can be resumed. An apply parks by itself what waits
 * for a review. */

#include "host/session/session.h"

/** Takes a pause of an account. Without --park, or where the pause is no longer
 * than --outage and what is left of --deadline, nothing comes of it. */
void signet_host_park_take(struct session *session, int64_t milliseconds,
                           const char *reason);

/** The same of the host's own account; for signet_account_on_pause(). It is
 * reported as well. */
void signet_host_park_on_pause(signet_account *account, int64_t milliseconds,
                               const char *reason, void *user);

/** Looks now and then, while a script runs, whether it only waits for reviews.
 */
void signet_host_park_begin(struct session *session);
void signet_host_park_end(struct session *session);

/** Whether the run ends for such a pause or review. */
bool signet_host_park_is(const struct session *session);

/** Gives a parked job that has written nothing its place in the journal. Before
 * signet_job_end(). */
void signet_host_park_keep(struct session *session);

/** Says what the run does not wait for, and how to go on. */
void signet_host_park_tell(struct session *session);

#endif
