/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_LEFT_H
#define SIGNET_JOB_LEFT_H

/* Writes of earlier runs that a resumed run did not ask for again. */

#include "job/job.h"
#include "signet/jobs.h"

enum { SIGNET_LEFT_NAMED = 3 };

/** What an entry of the memo is about, for a person. */
void signet_left_name(const signet_memo_entry *entry, char *out, size_t size);
/** Adds its name to a list of names, in which there is room for a few. */
void signet_left_add(char *names, size_t size, uint64_t count,
                     const signet_memo_entry *entry);
/** Whether what the run has seen may be why it does not ask for that write. */
bool signet_left_is_explained(const signet_job *job,
                              const signet_memo_entry *entry);
/** The caller read something: whether the entries of writes that had no effect
 * are as they were. */
void signet_left_look(signet_job *job, const signet_call *call);
/** Whether the run came to its end without asking for all that is left. */
bool signet_left_any(const signet_job *job, const signet_job_ending *ending);

#endif
