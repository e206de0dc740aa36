/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOBS_H
#define SIGNET_JOBS_H

/**
 * @file signet/jobs.h
 * Jobs that are in journals: which there are, which one is meant, and what can
 * be done with it. All of it is what `signet jobs`, `show`, `resume` and `undo`
 * go by; bindings/examples/jobs.c does the same in a program of its own.
 *
 * These functions take no lock and wait for none. They tell how the journal was
 * at that moment; a job that is resumed or undone asks again.
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

/** What is left of a job, to be planned. */
typedef enum signet_job_rest {
  SIGNET_REST_PLAN = 0,      /**< what its plan has and it did not do */
  SIGNET_REST_NO_PLAN = 1,   /**< it runs a script: `error` says so */
  SIGNET_REST_CONTINUED = 2, /**< another job has it: `error` says so */
  SIGNET_REST_LOST = 3       /**< its journal lost what it wrote, so that it has
                                  to be resumed first: `error` says so */
} signet_job_rest;

/** Whether what is left of a job can be planned: signet_job_plan() on an
 * account with an overlay, and signet_plan_apply_options.from. @param error
 * filled unless it can */
SIGNET_API signet_job_rest signet_job_what_is_left(const signet_job_view *job,
                                                   signet_error *error);

/** Who works for a job that runs: "process 17 on HOST since TIME", in local
 * time. @param size  at least 160. @return false: it isn't known, and @p out is
 * "" */
SIGNET_API bool signet_job_process(const signet_job_view *job, char *out,
                                   size_t size);

/**
 * @name The end of a job, and what helps then
 *
 * The run that ends knows best what helps after it, and keeps it with the job;
 * of one that crashed it is read from its writes.
 * @{
 */

/** What helps after a job. */
typedef enum signet_job_next {
  SIGNET_NEXT_RESUME = 0,      /**< resuming it */
  SIGNET_NEXT_CAUSE = 1,       /**< the same, when what its script says is put
                                    right */
  SIGNET_NEXT_PARKED = 2,      /**< the same, after a pause or a review */
  SIGNET_NEXT_CONFIRM = 3,     /**< the same, with deletes confirmed */
  SIGNET_NEXT_MAX_DELETES = 4, /**< the same, without that limit */
  SIGNET_NEXT_MAX_CHANGES = 5, /**< the same, without that limit */
  SIGNET_NEXT_SETTINGS = 6,    /**< the same, with other settings */
  SIGNET_NEXT_UNDO = 7,        /**< taking back what was written: nothing lifts
                                    what refused the rest */
  SIGNET_NEXT_NOTHING = 8,     /**< nothing: it is over, or wrote nothing */
  SIGNET_NEXT_ANEW = 9,        /**< another run: resuming repeats no refusal */
  SIGNET_NEXT_REST = 10,       /**< a plan of what is left, for the same reason:
                                    see signet_plan_apply_options.from */
  SIGNET_NEXT_LEFT = 11,       /**< nothing: resuming finds the same edits of
                                    others */
  SIGNET_NEXT_DECIDE = 12,     /**< a person decides what came of what is
                                    unknown */
  SIGNET_NEXT_UNDO_REST = 13,  /**< undoing it again, which takes the rest back
                                */
  SIGNET_NEXT_OTHER = 14       /**< the job that carries out what it left */
} signet_job_next;

/** How a run came out. Initialise with zeros, or as SIGNET_JOB_ENDING_INIT. */
typedef struct signet_job_ending {
  uint32_t version;         /**< SIGNET_JOB_ENDING_VERSION */
  signet_job_counts counts; /**< of its entries */
  signet_error error;      /**< what ended it before its end; kind SIGNET_OK and
                                no message: nothing did */
  bool interrupted;        /**< somebody ended it, or its time was over */
  bool parked;             /**< it does not wait for a pause or a review */
  int64_t parked_until_ms; /**< of a pause, since 1970; 0: of none */
  bool by_hand;            /**< a person's commands, which no resume repeats */
  bool raised;             /**< its script ended with an error that may not come
                                again */
  bool raised_by_script;   /**< the same, with an error of the script's own */
  uint64_t repeated;       /**< entries that failed before anything was sent,
                                and will fail so again */
  uint64_t drifted;        /**< steps of a plan that met edits of others */
  signet_job_state state;  /**< set by signet_job_finish() */
  signet_job_next next;    /**< set by signet_job_finish() */
} signet_job_ending;

/** The version of signet_job_ending that this header describes. */
#define SIGNET_JOB_ENDING_VERSION 1
/* clang-format off */
/** A run that did nothing, and came to its end. */
#define SIGNET_JOB_ENDING_INIT \
  { SIGNET_JOB_ENDING_VERSION, { 0, 0, 0, 0, 0 }, SIGNET_ERROR_INIT, false, \
    false, 0, false, false, false, 0, 0, SIGNET_JOB_RUNNING, \
    SIGNET_NEXT_NOTHING }
/* clang-format on */

/** Counts an entry, or a step of a plan, that failed with @p error: whether a
 * resumed job would find the same. For each SIGNET_EVENT_FAILED of an engine,
 * and each event of an apply that has an error. */
SIGNET_API void signet_job_ending_count(signet_job_ending *ending,
                                        const signet_error *error);

/** Takes the error that ended the job's script: what a person reads, and
 * whether a resumed job may come further. `interrupted` is set before.
 * @param error  of the kind SIGNET_OK or SIGNET_ERROR_SCRIPT: the script's own
 */
SIGNET_API void signet_job_ending_raise(signet_job_ending *ending,
                                        const signet_job *job,
                                        const signet_error *error);

/**
 * Ends a job as the command does: compares what it wrote with the account,
 * stepping the loop, unless the run was interrupted or its credentials were
 * refused; counts what is contradicted as unknown, and what an undo leaves
 * alone as failed; keeps with the job what helps next; and writes how it ended.
 * In place of signet_job_audit() and signet_job_end(), before the account is
 * closed.
 * @param ending    how the run came out; the counts are corrected, `state` and
 *                  `next` are set
 * @param mismatch  as in signet_job_audit(); may be NULL
 * @return false: the audit could not be made, or the journal not written;
 *         @p error says which. The job has ended all the same where it could
 */
SIGNET_API bool signet_job_finish(signet_job *job, signet_job_ending *ending,
                                  signet_job_mismatch_fn mismatch, void *user,
                                  signet_error *error);

/** Takes what the audits of this run contradict from the entries that are done,
 * and counts it as unknown. @return how much that is */
SIGNET_API uint64_t signet_job_count_contradicted(const signet_job *job,
                                                  signet_job_counts *counts);

/** Some of a job's writes. */
typedef struct signet_job_named {
  uint64_t count;  /**< how many there are */
  char names[320]; /**< the first few: "update signature 7, …" */
} signet_job_named;

/** Writes of earlier runs that a resumed run did not ask for again. */
typedef struct signet_job_unclaimed {
  signet_job_named left;    /**< had no effect, and nothing that the run has
                                  seen explains it: the job is not done */
  signet_job_named changed; /**< of entries that somebody else changed since,
                                  or deleted */
  signet_job_named done;    /**< were done, and the run has not looked */
} signet_job_unclaimed;

/** What a resumed run that came to its end did not ask for again; zeros for any
 * other. Before signet_job_end(). */
SIGNET_API void signet_job_get_unclaimed(const signet_job *job,
                                         const signet_job_ending *ending,
                                         signet_job_unclaimed *all);

/** What helps after a run that came out so. Before signet_job_end(). */
SIGNET_API signet_job_next
signet_job_what_next(const signet_job *job, const signet_job_ending *ending);

/** Keeps it with the job; of one without an id nothing is kept. Before
 * signet_job_end(). @param until_ms  of a pause, since 1970; 0: of none */
SIGNET_API bool signet_job_keep_next(signet_job *job, signet_job_next next,
                                     int64_t until_ms, signet_error *error);

/** What the last run of a job has kept. @param until_ms  of a pause, since
 * 1970; 0: of none. @return false: nothing */
SIGNET_API bool signet_job_read_next(const char *state_dir, const char *id,
                                     signet_job_next *next, int64_t *until_ms);

/** What helps after a job of the journals: what it has kept; else what its
 * state and its writes say. */
SIGNET_API signet_job_next signet_job_next_of(const char *state_dir,
                                              const signet_job_view *job,
                                              int64_t *until_ms);
/** @} */

#ifdef __cplusplus
}
#endif
#endif
