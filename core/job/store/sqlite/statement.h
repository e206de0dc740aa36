/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_STATEMENT_H
#define SIGNET_JOB_STORE_SQLITE_STATEMENT_H

#include "job/store/sqlite/sqlite.h"

/** After a change that failed, it and what was put with it are taken back.
 * @return false, @p error from the code */
bool signet_store_give_up(signet_sqlite_store *store, int code,
                          signet_error *error);
/** Prepares all statements. @return false: @p error */
bool signet_store_prepare(signet_sqlite_store *store, signet_error *error);
void signet_store_finalize(signet_sqlite_store *store);

/** Fills a statement's parameters one after the other. */
typedef struct signet_store_binding {
  sqlite3_stmt *statement;
  int index; /* of the parameter that was filled last */
  int code;  /* of the first one that could not be */
} signet_store_binding;

/** Text is borrowed until the statement is left; NULL is stored as none. */
void signet_store_bind_text(signet_store_binding *binding, const char *text);
void signet_store_bind_bytes(signet_store_binding *binding, const void *bytes,
                             size_t length);
void signet_store_bind_number(signet_store_binding *binding, int64_t number);
/** The statement must leave nothing borrowed behind: neither text nor rows. */
void signet_store_leave(sqlite3_stmt *statement);
/** For the writer: runs a statement that has no rows.
 * @param bound  a result code of its parameters @return false: @p error */
bool signet_store_run(signet_sqlite_store *store, signet_store_statement which,
                      int bound, signet_error *error);

#endif
