/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOBS_H
#define SIGNET_JOBS_H

/**
 * @file signet/jobs.h
 * Jobs that are in journals: which there are, which one is meant, and what can
 * be done with it. All of it is what `signet jobs`, `show`, `resume` and `undo`
 * go by; bindings/examples/jobs.c does the same in a program of its own.
 *
 * Nothing here holds a journal or is held up by one: what is told is as it was
 * at that moment, and the job that is resumed or undone asks again.
 */

#include "signet/job.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Jobs as they were at one moment. */
typedef struct signet_jobs signet_jobs;

/**
 * Reads the jobs in the journals of a state directory.
 * @param state_dir  a folder or a URL, as in signet_job_options
 * @param prefix     only those whose id begins so; NULL: all
 * @return the newest first; free with signet_jobs_free(). NULL: @p error says
 *         why; a state directory that is not there has no jobs, which is no
 *         error
 */
SIGNET_API signet_jobs *signet_jobs_read(const char *state_dir,
                                         const char *prefix,
                                         signet_error *error);

/**
 * Reads the one job that a word of a user means.
 * @param word  the job's id, or how it begins
 * @return that one alone; free with signet_jobs_free(). NULL: no job, or more
 *         than one, is meant (SIGNET_ERROR_VALIDATION); or a journal can't be
 *         read
 */
SIGNET_API signet_jobs *signet_jobs_read_one(const char *state_dir,
                                             const char *word,
                                             signet_error *error);

/** Frees them. NULL is allowed. */
SIGNET_API void signet_jobs_free(signet_jobs *jobs);

/** How many there are. */
SIGNET_API size_t signet_jobs_count(const signet_jobs *jobs);

/**
 * Job @p index, from 0, borrowed; NULL: out of range. No text of it is NULL:
 * one that is not known is "". The state of a job that says that it runs, and
 * that no process works for, is "crashed".
 */
SIGNET_API const signet_job_view *signet_jobs_at(const signet_jobs *jobs,
                                                 size_t index);

/** The journal, from 0, that a process holds which has not told what job it
 * works for, borrowed; NULL: out of range. */
SIGNET_API const char *signet_jobs_busy_at(const signet_jobs *jobs,
                                           size_t index);

/**
 * The job that a user means who names none: the newest one of an account that
 * did not come to its end and does not run.
 * @param account  as signet_account_identity() gives it
 * @return borrowed from @p jobs. NULL: there is none (SIGNET_ERROR_VALIDATION),
 *         or only one that runs now (SIGNET_ERROR_REFUSED)
 */
SIGNET_API const signet_job_view *signet_jobs_to_resume(const signet_jobs *jobs,
                                                        const char *account,
                                                        signet_error *error);

/** Whether a job works on this account. @return false:
 * SIGNET_ERROR_CONFIGURATION, @p error names both */
SIGNET_API bool signet_job_is_of(const signet_job_view *job,
                                 const char *account, signet_error *error);

/** What resuming a job would do. */
typedef enum signet_job_resumes {
  SIGNET_RESUMES_SCRIPT = 0,  /**< runs its script again */
  SIGNET_RESUMES_PLAN = 1,    /**< goes on with its plan: of an apply */
  SIGNET_RESUMES_UNDO = 2,    /**< goes on with its plan: of an undo */
  SIGNET_RESUMES_NOTHING = 3, /**< it is done: `error` says so */
  SIGNET_RESUMES_NOT = 4      /**< it was taken back: `error` says so */
} signet_job_resumes;

/** Says how a job is resumed. @param error  filled for the last two */
SIGNET_API signet_job_resumes
signet_job_how_to_resume(const signet_job_view *job, signet_error *error);

/** Who works for a job that runs: "process 17 on HOST since TIME", in local
 * time. @param size  at least 160. @return false: it isn't known, and @p out is
 * "" */
SIGNET_API bool signet_job_process(const signet_job_view *job, char *out,
                                   size_t size);

#ifdef __cplusplus
}
#endif
#endif
