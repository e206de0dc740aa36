/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_HOLDER_H
#define SIGNET_JOB_STORE_SQLITE_HOLDER_H

/*
 * Who holds a journal, and what it does: JOURNAL-holder, which the holder
 * writes once it has the lock, so that others can tell without being in its
 * way. The lock itself is the journal's: what this file says decides nothing
 * about that, and where it can't be written nothing is lost.
 *
 * It also says when the holder last sent a write. A run that was killed leaves
 * that behind: an intent may have waited for long before it was sent.
 */

#include "job/store/store.h"

/** Writes that this process holds the journal for a job: its id, type, name and
 * account. Best effort.
 * @return the file, to be kept open; -1: it can't be written */
int signet_holder_write(const char *journal, const signet_job_running *holder);
void signet_holder_remove(const char *journal);
/** That the job let the journal go without coming to its end: the file stays
 * for what it says about the last sending. */
void signet_holder_leave(int file, const char *job);
/** What the job has done so far, and what it waits for. */
void signet_holder_tell(int file, int64_t writes,
                        const signet_job_counts *counts, const char *waits);
/** A line about its last sending. */
void signet_holder_note(int file, const char *note);

/** What the last holder left, whether it lives or not. @return false: nothing
 */
bool signet_holder_read(const char *journal, signet_job_running *holder);
/** The same of one that lives, as far as that can be told. */
bool signet_holder_find(const char *journal, signet_job_running *holder);
/** The last note. @param note  of SIGNET_STORE_NOTE_SIZE
 * @return false: there is none */
bool signet_holder_read_note(const char *journal, char *note);

#endif
