/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_SCRIPT_H
#define SIGNET_JOB_STORE_SQLITE_SCRIPT_H

#include "job/store/sqlite/sqlite.h"

/** For the writer: keeps the text of a job; NULL: what is kept stays.
 * @return false: @p error */
bool signet_store_put_script(signet_sqlite_store *store, const char *job,
                             const char *text, signet_error *error);
/** The text of the job that was looked up last.
 * @param text  set to it, to be freed; NULL: it has none @return a result code
 */
int signet_store_read_script(const signet_sqlite_store *store, char **text);

#endif
