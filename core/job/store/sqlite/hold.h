/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_HOLD_H
#define SIGNET_JOB_STORE_SQLITE_HOLD_H

#include "job/store/sqlite/sqlite.h"

/** Who has the journal ; of a reader, who had it. */
void signet_store_tell_holder(signet_store *store,
                              const signet_job_running *self);
void signet_store_tell(signet_store *store, int64_t writes,
                       const signet_job_counts *counts, const char *waits);
void signet_store_note(signet_store *store, const char *note);
bool signet_store_former_note(const signet_store *store, char *job, char *note);
void signet_store_leave_holder(signet_store *store, const char *job);
bool signet_store_held_by(const signet_store *store,
                          signet_job_running *holder);

#endif
