/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_UNDO_H
#define SIGNET_JOB_UNDO_H

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

/** @return false: out of memory; to be freed in any case */
bool signet_taken_begin(signet_taken *taken);
void signet_taken_free(signet_taken *taken);
/** Takes note of a write that an earlier undo did. @return false: out of
 * memory */
bool signet_taken_add(signet_taken *taken, const signet_write_row *row);
/** Whether a delete, or one more update, of that key was done. */
bool signet_taken_delete(signet_taken *taken, const char *key);
bool signet_taken_update(signet_taken *taken, const char *key);
/** The id of an entry that was made with these fields, taken from the list.
 * @param id  set to "" where there is none. @return false: out of memory */
bool signet_taken_create(signet_taken *taken, signet_kind kind,
                         const char *fields, char id[24]);

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
