/* SPDX-License-Identifier: MIT */
/* The statements of a connection, their parameters, and how they are run. */

#include "job/store/sqlite/statement.h"

#include "job/store/sqlite/explain.h"

#include <errno.h>
#include <string.h>

static const char *const statement_texts[SIGNET_STORE_STATEMENT_COUNT] = {
    [SIGNET_STORE_BEGIN] = "BEGIN IMMEDIATE",
    [SIGNET_STORE_COMMIT] = "COMMIT",
    [SIGNET_STORE_FIND_JOB] = "SELECT number FROM jobs WHERE id = ?1",
    [SIGNET_STORE_LAST_BATCH] =
        "SELECT number, last FROM batches WHERE number BETWEEN ?1 AND ?2"
        " ORDER BY number DESC LIMIT 1",
    [SIGNET_STORE_PUT_JOB] =
        "INSERT INTO jobs (id, type, state, name, arguments, account, parent,"
        " started_ms, ended_ms, done, failed, skipped, unknown, waiting)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
        " ?13, ?14) ON CONFLICT (id) DO UPDATE SET type = ?2, state = ?3,"
        " name = ?4, arguments = ?5, account = ?6, parent = ?7,"
        " started_ms = ?8, ended_ms = ?9, done = ?10, failed = ?11,"
        " skipped = ?12, unknown = ?13, waiting = ?14",
    [SIGNET_STORE_DROP_SCRIPT] =
        "DELETE FROM scripts WHERE number BETWEEN"
        " (SELECT number << 32 FROM jobs WHERE id = ?1) AND"
        " (SELECT number << 32 | 0xffffffff FROM jobs WHERE id = ?1)",
    [SIGNET_STORE_PUT_SCRIPT] =
        "INSERT INTO scripts (number, content) SELECT number << 32 | ?2, ?3"
        " FROM jobs WHERE id = ?1",
    [SIGNET_STORE_SIZE_SCRIPT] =
        "SELECT sum(length(content)) FROM scripts"
        " WHERE number BETWEEN ?1 << 32 AND ?1 << 32 | 0xffffffff",
    [SIGNET_STORE_GET_SCRIPT] =
        "SELECT content FROM scripts"
        " WHERE number BETWEEN ?1 << 32 AND ?1 << 32 | 0xffffffff"
        " ORDER BY number",
    [SIGNET_STORE_PUT_BATCH] =
        "INSERT INTO batches (number, last, content) VALUES (?1, ?2, ?3)",
    [SIGNET_STORE_PUT_STEP] =
        "INSERT OR REPLACE INTO steps (job, name, value) VALUES (?1, ?2, ?3)",
    [SIGNET_STORE_GET_STEP] =
        "SELECT value FROM steps WHERE name = ?2"
        " AND job = (SELECT number FROM jobs WHERE id = ?1)",
    [SIGNET_STORE_EACH_JOB] =
        "SELECT id, type, state, name, arguments, account, parent,"
        " started_ms, ended_ms, done, failed, skipped, unknown, waiting"
        " FROM jobs WHERE ?1 IS NULL OR substr(id, 1, length(?1)) = ?1"
        " ORDER BY number DESC",
    [SIGNET_STORE_EACH_BATCH] = "SELECT content FROM batches"
                                " WHERE number BETWEEN ?1 AND ?2"
                                " ORDER BY number",
};

bool signet_store_prepare(signet_sqlite_store *store, signet_error *error)
{
  int code = SQLITE_OK;

  for (int i = 0; i < SIGNET_STORE_STATEMENT_COUNT && code == SQLITE_OK; i++) {
    code = sqlite3_prepare_v3(store->database, statement_texts[i], -1,
                              SQLITE_PREPARE_PERSISTENT, &store->statements[i],
                              NULL);
  }
  return code == SQLITE_OK ||
         signet_store_explain(store->database, code, store->file.shown, error);
}

void signet_store_finalize(signet_sqlite_store *store)
{
  for (int i = 0; i < SIGNET_STORE_STATEMENT_COUNT; i++)
    (void)sqlite3_finalize(store->statements[i]);
}

/* A statement that is not reset keeps its transaction open; one that keeps its
 * bindings would read texts that are gone. */
void signet_store_leave(sqlite3_stmt *statement)
{
  (void)sqlite3_reset(statement);
  (void)sqlite3_clear_bindings(statement);
}

/* The first failure is what is told; those that follow are its consequence. */
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
  if (!sqlite3_get_autocommit(store->database))
    (void)sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
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
  if (code != SQLITE_DONE)
    (void)signet_store_give_up(store, code, error);
  signet_store_leave(statement);
  return code == SQLITE_DONE;
}
