/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_PLAN_UNDO_TAKEN_H
#define SIGNET_JOB_PLAN_UNDO_TAKEN_H

#include "job/plan/undo.h"

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

#endif
