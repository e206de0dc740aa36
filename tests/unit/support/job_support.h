/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_TESTS_JOB_SUPPORT_H
#define SIGNET_TESTS_JOB_SUPPORT_H

/* A job on an account on a world, with its journals in a folder of its own.
 * Every function asserts that what it does works, unless it returns that. */

#include "account_on_world.h"
#include "folder.h"
#include "job/job.h"
#include "job/store/sqlite/folder.h"

/** The id of the job that journal_begin() puts. */
#define EARLIER "20260101T000000-0001"

/** When the writes that journal_write() puts were intended, by the service's
 * clock: at the world's time, unless the test sets it. */
extern int64_t journal_at;

/** Of the running test. */
extern char job_folder[200];
extern signet_job *job;
extern signet_job_options job_options;
extern signet_error job_error;
/** How job_close() ends it; done, unless a test sets it. */
extern signet_job_state job_end_state;

/** Effects come at once here: what is open is decided without long looks. For
 * each account that is opened. */
void job_quick(void);

void job_begin(void);
void job_begin_in(folder_place place);
void job_end(void);

/** Makes `job` from `job_options` and attaches the account. */
void job_open(void);
/** Ends it and frees it. @return what ending said */
bool job_close(void);

/** An earlier run's journal, to be resumed: puts its job. */
void journal_begin(void);
/** Puts one of its writes, with "intent" or another state. */
void journal_write(const char *verb, const char *kind, const char *target,
                   const char *before, const char *after, const char *state);
/** Puts a create that came to an entry. */
void journal_write_done(const char *verb, const char *kind, const char *after,
                        const char *answer);
/** Puts a create of a signature that the service refused. */
void journal_refusal(const char *after, const char *kind, const char *message);
/** Puts another job, without a write. */
void journal_job(const char *id);
void journal_end(void);
/** Takes the file away. */
void journal_remove(void);

/** Writes of signatures, begun. */
signet_call *create_sign(signet_account *account, const char *name);
signet_call *rename_sign(const char *id, const char *name);

/** The whole record of an entry as JSON; free() it. */
char *image_of(signet_kind kind, const char *id);
/** The state, answer and error of the n-th write of the newest job, in `seen`.
 */
typedef struct seen_write {
  char state[16], answer[24], verb[16], target[24], error_kind[24];
} seen_write;
seen_write write_at(size_t index);
size_t write_count(void);
/** The newest job's state and counts. @return false: there is no job */
bool newest_job(char state[16], signet_job_counts *counts);

#endif
