/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_UNDO_H
#define SIGNET_JOB_PLAN_UNDO_H

/* How the plan that takes a job back is made, and from what. */

#include "job/store/store.h"
#include "signet/job.h"
#include "signet/plan.h"

#include <json-c/json.h>

/* What earlier undos of the job have taken back. Every member is an object by
 * "s7" (signature 7) or, for creates, by the digest of what was written. */
typedef struct signet_taken {
  json_object *updates; /* how many */
  json_object *deletes; /* true */
  json_object *creates; /* a list of the new ids, the first one first */
} signet_taken;

/** Where a plan comes from. */
typedef struct signet_undo_source {
  const char *job;
  const char *account; /* as the journal names it */
  /* Shows every write of the job, in order. */
  bool (*each)(void *user, signet_write_view_fn function, void *to,
               signet_error *error);
  void *user;
  signet_taken *taken; /* NULL: nothing */
  /* Called with a signature that the job made; true: it stays. NULL: none. */
  bool (*stays)(void *user, const char *id);
} signet_undo_source;

/** Makes the plan. NULL: @p error */
signet_plan *signet_undo_make(const signet_undo_source *source,
                              size_t *irreversible, signet_error *error);

#endif
