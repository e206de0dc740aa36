/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_JOURNAL_H
#define SIGNET_JOB_JOURNAL_H

/* Opening the account's journal. */

#include "job/job.h"

/** Opens the account's journal, made if need be (journal.c). NULL: @p error */
signet_store *signet_job_open_journal(const signet_job *job,
                                      signet_job_running *held_by,
                                      signet_error *error);
/** Takes over a journal that has the resumed job under another spelling of the
 * account's URL. @return false: @p error; none is no error */
bool signet_job_find_journal(const signet_job *job, signet_error *error);
/** The sentence for a journal that another job holds. */
void signet_job_explain_lock(const signet_job *job,
                             const signet_job_running *held_by,
                             signet_error *error);

/** Tells once, through the account, that the job waits for another one. */
void signet_job_tell_waiting(signet_job *job,
                             const signet_job_running *held_by);

#endif
