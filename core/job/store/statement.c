/* SPDX-License-Identifier: MIT */
/* The statements of a connection: their parameters, and how they are run. */

#include "job/store/sqlite.h"

#include <errno.h>
#include <string.h>

void signet_store_leave(sqlite3_stmt *statement)
{
  (void)sqlite3_reset(statement);
  (void)sqlite3_clear_bindings(statement);
}

static void keep_code(signet_store_binding *binding, int code)
{
  binding->code = binding->code != SQLITE_OK ? binding->code : code;
}

void signet_store_bind_text(signet_store_binding *binding, const char *text)
{
  binding->index++;
  if (text != NULL) {
    keep_code(binding,
              sqlite3_bind_text64(binding->statement, binding->index, text,
                                  strlen(text), SQLITE_STATIC, SQLITE_UTF8));
  }
}

void signet_store_bind_number(signet_store_binding *binding, int64_t number)
{
  keep_code(binding,
            sqlite3_bind_int64(binding->statement, ++binding->index, number));
}

/* Borrowed as text is. */
void signet_store_bind_bytes(signet_store_binding *binding, const void *bytes,
                             size_t length)
{
  keep_code(binding, sqlite3_bind_blob64(binding->statement, ++binding->index,
                                         bytes, length, SQLITE_STATIC));
}

/* Nothing can be added to a half of it. */
bool signet_store_give_up(signet_sqlite_store *store, int code,
                          signet_error *error)
{
  (void)signet_store_explain(store->database, code, store->file.shown, error);
  if (!sqlite3_get_autocommit(store->database)) {
    (void)sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
  }
  return false;
}

/* A text that could not be bound would be stored as none. */
bool signet_store_run(signet_sqlite_store *store, signet_store_statement which,
                      int bound, signet_error *error)
{
  sqlite3_stmt *statement = store->statements[which];
  int code = bound;

  if (code == SQLITE_OK) {
    errno = 0; /* so that what it is after a failure belongs to that */
    code = sqlite3_step(statement);
  }
  if (code != SQLITE_DONE) {
    (void)signet_store_give_up(store, code, error);
  }
  signet_store_leave(statement);
  return code == SQLITE_DONE;
}
