/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_PUT_H
#define SIGNET_JOB_STORE_SQLITE_PUT_H

#include "job/store/sqlite/sqlite.h"

/** What every call asks first. @return false: @p error says why it takes
 * nothing more */
bool signet_store_alive(const signet_sqlite_store *store, signet_error *error);
/** Lets reads see what was put: waits for the writer. */
bool signet_store_flush(signet_sqlite_store *store, signet_error *error);
/** Looks a job up. @return false: @p error; *found false: there is none */
bool signet_store_find_job(signet_sqlite_store *store, const char *id,
                           bool *found, signet_error *error);
/** The writing half of the interface. */
bool signet_store_put_job(signet_store *store, const signet_job_row *row,
                          signet_error *error);
bool signet_store_put_write(signet_store *store, signet_write_row *row,
                            signet_error *error);
bool signet_store_put_step(signet_store *store, const char *job,
                           const char *name, const char *value,
                           signet_error *error);
bool signet_store_commit(signet_store *store, signet_error *error);
bool signet_store_begin_commit(signet_store *store, void (*ended)(void *user),
                               void *user, signet_error *error);
bool signet_store_end_commit(signet_store *store, signet_error *error);

#endif
