/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_WRITES_H
#define SIGNET_HOST_WRITES_H

/* What a REPL may write: nothing, or what a run may, as a job of its own. */

#include "host/session/session.h"

/** Lets the REPL write: a new job begins with its first write. */
void signet_host_writes_open(struct session *session);

/**
 * Ends the job, and tells how to take it back. The REPL is read-only after it.
 * @param status  of the session so far @param counts  of its entries
 * @return the exit status
 */
int signet_host_writes_close(struct session *session, int status,
                             signet_counts *counts);

/** Begins anew where the job could not get at its journal: the next write tries
 * it again. @param kind  what the last chunk failed with */
void signet_host_writes_mend(struct session *session, signet_error_kind kind);

#endif
