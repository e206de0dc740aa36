/* SPDX-License-Identifier: MIT */
/* What SQLite's result codes mean to who runs a job, and what to do. */

#include "job/store/sqlite/explain.h"

#include "model/error_fill.h"
#include "model/text.h"

#include <errno.h>
#include <string.h>

static bool is_full(int code, int number)
{
  return (code & 0xff) == SQLITE_FULL || number == ENOSPC || number == EDQUOT;
}

static bool explain_io(sqlite3 *database, int code, const char *shown,
                       signet_error *error)
{
  /* SQLite 3.40 keeps no number of what fails in a COMMIT. */
  int left = errno, kept = sqlite3_system_errno(database);
  int number = kept != 0 ? kept : left;

  if (is_full(code, number)) {
    return signet_error_set(error, SIGNET_ERROR_STORE,
                            "the disk is full, the journal %s can't be "
                            "written: make room and start again",
                            shown);
  }
  if (number == EFBIG) {
    return signet_error_set(error, SIGNET_ERROR_STORE,
                            "the journal %s has reached the largest size that "
                            "a file may have here (ulimit -f): raise the limit "
                            "and start again",
                            shown);
  }
  return signet_error_set(
      error, SIGNET_ERROR_STORE,
      "the journal %s can't be read or written (%s): check "
      "the disk, then start again",
      shown, number != 0 ? strerror(number) : sqlite3_errstr(code & 0xff));
}

bool signet_store_explain(sqlite3 *database, int code, const char *shown,
                          signet_error *error)
{
  char words[160];
  /* The connection's words are of its last call. */
  const char *message = (sqlite3_errcode(database) & 0xff) == (code & 0xff)
                            ? sqlite3_errmsg(database)
                            : sqlite3_errstr(code & 0xff);

  switch (code & 0xff) {
  case SQLITE_NOMEM:
    return signet_error_set(error, SIGNET_ERROR_MEMORY,
                            "out of memory in the journal %s", shown);
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return signet_error_set(error, SIGNET_ERROR_LOCKED,
                            "the journal %s is in use by another process: try "
                            "again when that has ended",
                            shown);
  case SQLITE_NOTADB:
    return signet_error_set(error, SIGNET_ERROR_STORE,
                            "%s is no journal, or its beginning is damaged: "
                            "move it away, or put a copy in its place",
                            shown);
  case SQLITE_IOERR:
    if (code == SQLITE_IOERR_NOMEM)
      return signet_store_explain(database, SQLITE_NOMEM, shown, error);
    return explain_io(database, code, shown, error);
  case SQLITE_FULL:
  case SQLITE_CANTOPEN:
  case SQLITE_READONLY:
  case SQLITE_PERM:
    return explain_io(database, code, shown, error);
  default:
    (void)signet_text_escape(words, sizeof words, message, strlen(message));
    return signet_error_set(
        error, SIGNET_ERROR_STORE,
        (code & 0xff) == SQLITE_CORRUPT
            ? "the journal %s is damaged (%s): move it away, or put a copy in "
              "its place"
            : "the journal %s can't be used: %s",
        shown, words);
  }
}
