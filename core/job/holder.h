/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_HOLDER_H
#define SIGNET_JOB_HOLDER_H

/*
 * Who holds a journal: JOURNAL-holder, a line that the holder writes once it
 * has the lock, so that others can tell. The lock itself is the journal's: what
 * this file says decides nothing, and where it can't be written nothing is
 * lost.
 */

#include <stdbool.h>
#include <stddef.h>

/** Writes that this process holds the journal for a job. Best effort. */
void signet_holder_write(const char *journal, const char *job);
void signet_holder_remove(const char *journal);

/** Of a journal that is held: "job ID, process N on HOST since TIME".
 * @return false: it isn't known */
bool signet_holder_describe(const char *journal, char *text, size_t size);

#endif
