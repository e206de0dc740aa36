/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_READ_H
#define SIGNET_JOB_STORE_SQLITE_READ_H

#include "job/store/sqlite/sqlite.h"

/** The reading half of the interface. */
bool signet_store_each_job(signet_store *store, const char *prefix,
                           signet_job_row_fn function, void *user,
                           signet_error *error);
bool signet_store_each_write(signet_store *store, const char *job,
                             signet_write_row_fn function, void *user,
                             signet_error *error);
bool signet_store_get_step(signet_store *store, const char *job,
                           const char *name, char **value, signet_error *error);
bool signet_store_get_script(signet_store *store, const char *job, char **text,
                             signet_error *error);

#endif
