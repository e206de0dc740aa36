/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_ROW_H
#define SIGNET_JOB_ROW_H

/* What the journal knows a job and its writes by. */

#include "job/job.h"
#include "wire/json.h"

/** What a row of the journal says of a write. */
typedef struct signet_write_words {
  signet_verb verb; /* SIGNET_CREATE, _UPDATE, _DELETE, _REQUEST */
  signet_kind kind; /* of a request it means nothing */
  signet_write_state state;
} signet_write_words;
/** Reads that. A row in other words would be recognised by no write, which
 * would then be sent again. @return false: a word is none that there is */
bool signet_job_read_words(const char *verb, const char *kind,
                           const char *state, signet_write_words *words);
/** Whether a write in that state may have changed an entry. */
bool signet_job_has_effect(signet_write_state state);

/** What a raw request's row says of the entry that it is to.
 * @param body  of a PUT; else NULL
 * @return what holds the texts, to be put; NULL: it is to none, or memory */
json_object *signet_job_raw_write(const signet_write_row *row,
                                  signet_kind *kind, const char **id,
                                  const char **body);

/** Puts the job's own row, if it is to come with what is put next.
 * @return false: `error` says why */
bool signet_job_need_row(signet_job *job, signet_error *error);
/** Chooses the id that the job will have. */
void signet_job_reserve_id(signet_job *job);
/** Gives the job its id. */
void signet_job_make_id(signet_job *job);
/** The row of a write, without what it sends and what came of it. */
signet_write_row signet_job_row_of(const signet_job *job,
                                   const signet_call *call);
/** Writes the job's own row. */
bool signet_job_put(signet_job *job, signet_job_state state,
                    const signet_job_counts *counts, int64_t ended_ms,
                    signet_error *error);
/** Whether the job runs a script, and carries out no plan. */
bool signet_job_is_run(const signet_job *job);
/** Whether the job's account is decided for good. */
bool signet_job_is_bound(const signet_job *job);
void signet_job_bind(signet_job *job, signet_account *account);

#endif
