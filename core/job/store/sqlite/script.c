/* SPDX-License-Identifier: MIT */
/* The text that a job carries out: a script, or a plan, which may have tens of
 * megabytes. It is kept in parts, and apart from the job's row: at each change
 * of that row SQLite would have all of it in memory, twice. */

#include "job/store/sqlite/script.h"

#include "job/store/sqlite/statement.h"
#include "model/memory.h"

#include <string.h>

enum { PART = 1 << 20 };

/* ---- putting ---- */

static int bind_part(sqlite3_stmt *statement, const char *job, int64_t number,
                     const char *text, size_t length)
{
  signet_store_binding binding = {.statement = statement};

  signet_store_bind_text(&binding, job);
  signet_store_bind_number(&binding, number);
  signet_store_bind_bytes(&binding, text, length);
  return binding.code;
}

static bool drop(signet_sqlite_store *store, const char *job,
                 signet_error *error)
{
  signet_store_binding binding = {
      .statement = store->statements[SIGNET_STORE_DROP_SCRIPT]};

  signet_store_bind_text(&binding, job);
  return signet_store_run(store, SIGNET_STORE_DROP_SCRIPT, binding.code, error);
}

bool signet_store_put_script(signet_sqlite_store *store, const char *job,
                             const char *text, signet_error *error)
{
  size_t left = text != NULL ? strlen(text) : 0;
  bool good = text == NULL || drop(store, job, error);

  for (int64_t number = 0; good && left > 0; number++) {
    size_t length = left < PART ? left : PART;
    int bound = bind_part(store->statements[SIGNET_STORE_PUT_SCRIPT], job,
                          number, text, length);

    good = signet_store_run(store, SIGNET_STORE_PUT_SCRIPT, bound, error);
    text += length;
    left -= length;
  }
  return good;
}

/* ---- getting ---- */

static int read_size(const signet_sqlite_store *store, int64_t *size)
{
  sqlite3_stmt *statement = store->statements[SIGNET_STORE_SIZE_SCRIPT];
  signet_store_binding binding = {.statement = statement};
  int code;

  *size = 0;
  signet_store_bind_number(&binding, store->job);
  code = binding.code != SQLITE_OK ? binding.code : sqlite3_step(statement);
  if (code == SQLITE_ROW)
    *size = sqlite3_column_int64(statement, 0);
  signet_store_leave(statement);
  return code;
}

/* Parts that don't fit were changed meanwhile, and by nobody. */
static int read_parts(const signet_sqlite_store *store, char *text, size_t room)
{
  sqlite3_stmt *statement = store->statements[SIGNET_STORE_GET_SCRIPT];
  signet_store_binding binding = {.statement = statement};
  int code;

  signet_store_bind_number(&binding, store->job);
  code = binding.code != SQLITE_OK ? binding.code : sqlite3_step(statement);
  for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
    const void *part = sqlite3_column_blob(statement, 0);
    size_t length = (size_t)sqlite3_column_bytes(statement, 0);

    if (part == NULL || length > room) {
      code = part == NULL ? SQLITE_NOMEM : SQLITE_CORRUPT;
      break;
    }
    memcpy(text, part, length);
    text += length;
    room -= length;
  }
  signet_store_leave(statement);
  return code;
}

int signet_store_read_script(const signet_sqlite_store *store, char **text)
{
  int64_t size;
  int code = read_size(store, &size);

  *text = NULL;
  if (code != SQLITE_ROW || size <= 0)
    return code;
  *text = signet_memory_zeroed((size_t)size + 1, 1);
  code = *text != NULL ? read_parts(store, *text, (size_t)size) : SQLITE_NOMEM;
  if (code != SQLITE_DONE) {
    signet_memory_free(*text);
    *text = NULL;
  }
  return code;
}
