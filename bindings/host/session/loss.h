/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_LOSS_H
#define SIGNET_HOST_LOSS_H

/* What a damaged journal has lost, in words. */

#include "host/output/json.h"
#include "host/session/session.h"

/** Room for the clause. */
enum { LOSS_SIZE = 160 };

/** "at least 3 commits after 2026-11-30 12:04:05 are lost", and since when that
 * is accepted. */
void signet_host_loss_clause(const signet_job_loss *loss, char *out,
                             size_t size);
/** The same as a member of an object; none where nothing is lost. */
void signet_host_loss_json(json_object *object, const signet_job_loss *loss);
/** Tells at a run's beginning that its journal is damaged. */
void signet_host_loss_tell(struct session *session);
/** Tells at its end what was found of it. */
void signet_host_loss_tell_found(struct session *session);

#endif
