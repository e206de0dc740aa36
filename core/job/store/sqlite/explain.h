/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_EXPLAIN_H
#define SIGNET_JOB_STORE_SQLITE_EXPLAIN_H

#include "signet/error.h"

#include <sqlite3.h>

/** Fills @p error from a result code of SQLite. @return false */
bool signet_store_explain(sqlite3 *database, int code, const char *shown,
                          signet_error *error);

#endif
