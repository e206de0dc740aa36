/* SPDX-License-Identifier: MIT */
/*
 * The store on one machine. One connection, used by one thread at a time, never
 * across fork(): a child may not touch it, not even to read, and its changes
 * are refused. Nothing here is called back by SQLite.
 */

#include "job/store.h"

#include "job/store_sqlite.h"
#include "model/error_fill.h"
#include "model/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum statement {
  BEGIN,
  COMMIT,
  FIND_JOB,
  PUT_JOB,
  ADD_WRITE,
  CHANGE_WRITE,
  PUT_STEP,
  GET_STEP,
  EACH_JOB,
  EACH_WRITE,
  STATEMENT_COUNT
};

static const char *const statement_texts[STATEMENT_COUNT] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [FIND_JOB] = "SELECT number FROM jobs WHERE id = ?1",
    [PUT_JOB] =
        "INSERT INTO jobs (id, type, state, name, arguments, account, parent,"
        " started_ms, ended_ms, done, failed, skipped, unknown, waiting,"
        " script) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
        " ?13, ?14, ?15) ON CONFLICT (id) DO UPDATE SET type = ?2, state = ?3,"
        " name = ?4, arguments = ?5, account = ?6, parent = ?7,"
        " started_ms = ?8, ended_ms = ?9, done = ?10, failed = ?11,"
        " skipped = ?12, unknown = ?13, waiting = ?14, script = ?15",
    [ADD_WRITE] =
        "INSERT INTO writes (target, state, answer, error_kind, error_message,"
        " attempts, decided_ms, job, verb, kind, before, after, intended_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    [CHANGE_WRITE] =
        "INSERT OR REPLACE INTO outcomes (target, state, answer, error_kind,"
        " error_message, attempts, decided_ms, number)"
        " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, number FROM writes"
        " WHERE number = ?8",
    [PUT_STEP] = "INSERT OR REPLACE INTO steps (job, name, value)"
                 " VALUES (?1, ?2, ?3)",
    [GET_STEP] = "SELECT value FROM steps WHERE name = ?2"
                 " AND job = (SELECT number FROM jobs WHERE id = ?1)",
    [EACH_JOB] =
        "SELECT id, type, state, name, arguments, account, parent, script,"
        " started_ms, ended_ms, done, failed, skipped, unknown, waiting"
        " FROM jobs WHERE ?1 IS NULL OR substr(id, 1, length(?1)) = ?1"
        " ORDER BY number DESC",
    [EACH_WRITE] =
        "SELECT w.number, w.verb, w.kind, w.before, w.after, w.intended_ms,"
        " w.target, w.state, w.answer, w.error_kind, w.error_message,"
        " w.attempts, w.decided_ms, o.target, o.state, o.answer,"
        " o.error_kind, o.error_message, o.attempts, o.decided_ms, o.number"
        " FROM writes w LEFT JOIN outcomes o ON o.number = w.number"
        " WHERE w.job = (SELECT number FROM jobs WHERE id = ?1)"
        " ORDER BY w.number",
};

struct sqlite_store {
  signet_store store; /* first: the interface's pointer is ours */
  sqlite3 *database;
  sqlite3_stmt *statements[STATEMENT_COUNT];
  pid_t owner;          /* the process that opened it */
  signet_error failure; /* why it takes nothing more; SIGNET_OK: it does */
  int64_t job;          /* number of the last job looked up */
  char job_id[SIGNET_JOB_ID_SIZE]; /* its id, "": none yet */
  char shown[SIGNET_STORE_SHOWN_SIZE];
};

static struct sqlite_store *of(signet_store *store)
{
  return (struct sqlite_store *)store;
}

/* After a change that failed: it and what was put with it are taken back, and
 * nothing can be added to a half of it. */
static bool give_up(struct sqlite_store *store, const signet_error *error)
{
  store->failure = *error;
  if (!sqlite3_get_autocommit(store->database)) {
    (void)sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
  }
  return false;
}

static bool alive(const struct sqlite_store *store, signet_error *error)
{
  if (store->failure.kind != SIGNET_OK) {
    return signet_error_set(error, store->failure.kind, "%s",
                            store->failure.message);
  }
  return true;
}

/* The statement must leave nothing borrowed behind: neither text nor rows. */
static void leave(sqlite3_stmt *statement)
{
  (void)sqlite3_reset(statement);
  (void)sqlite3_clear_bindings(statement);
}

/* Runs a statement that has no rows. */
static bool run(struct sqlite_store *store, enum statement which,
                signet_error *error)
{
  sqlite3_stmt *statement = store->statements[which];
  int code;

  errno = 0; /* so that what it is after a failure belongs to that */
  code = sqlite3_step(statement);
  if (code != SQLITE_DONE) {
    (void)signet_store_explain(store->database, code, store->shown, error);
  }
  leave(statement);
  return code == SQLITE_DONE || give_up(store, error);
}

static bool in_transaction(const struct sqlite_store *store)
{
  return !sqlite3_get_autocommit(store->database);
}

/* What every change asks first. The process is compared once a transaction. */
static bool may_change(const struct sqlite_store *store, bool first,
                       signet_error *error)
{
  if (!alive(store, error)) {
    return false;
  }
  if (sqlite3_stmt_busy(store->statements[EACH_JOB]) ||
      sqlite3_stmt_busy(store->statements[EACH_WRITE])) {
    return signet_error_set(error, SIGNET_ERROR_STORE,
                            "the journal %s can't be changed while its rows "
                            "are read: end the reading first",
                            store->shown);
  }
  return !first || store->owner == getpid() ||
         signet_error_set(error, SIGNET_ERROR_STORE,
                          "the journal %s belongs to the process that opened "
                          "it, not to a fork of that: open it again",
                          store->shown);
}

/* The first change after a commit begins a transaction. */
static bool begin(struct sqlite_store *store, signet_error *error)
{
  bool first = !in_transaction(store);

  return may_change(store, first, error) &&
         (!first || run(store, BEGIN, error));
}

static bool commit(signet_store *base, signet_error *error)
{
  struct sqlite_store *store = of(base);

  if (!in_transaction(store)) {
    return alive(store, error);
  }
  return may_change(store, true, error) && run(store, COMMIT, error);
}

/* Fills a statement's parameters one after the other. */
struct binding {
  sqlite3_stmt *statement;
  int index; /* of the parameter that was filled last */
  int code;  /* of the first one that could not be */
};

static void bind_text(struct binding *binding, const char *text)
{
  int code = SQLITE_OK;

  binding->index++;
  if (text != NULL) {
    code = sqlite3_bind_text64(binding->statement, binding->index, text,
                               strlen(text), SQLITE_STATIC, SQLITE_UTF8);
  }
  binding->code = binding->code != SQLITE_OK ? binding->code : code;
}

static void bind_number(struct binding *binding, int64_t number)
{
  int code = sqlite3_bind_int64(binding->statement, ++binding->index, number);

  binding->code = binding->code != SQLITE_OK ? binding->code : code;
}

/* Runs a change whose parameters are bound. A text that could not be bound
 * would be stored as none. */
static bool change(struct sqlite_store *store, enum statement which,
                   const struct binding *binding, signet_error *error)
{
  if (binding->code != SQLITE_OK) {
    (void)signet_store_explain(store->database, binding->code, store->shown,
                               error);
    leave(binding->statement);
    return give_up(store, error);
  }
  return run(store, which, error);
}

static bool put_job(signet_store *base, const signet_job_row *row,
                    signet_error *error)
{
  struct sqlite_store *store = of(base);
  struct binding binding = {.statement = store->statements[PUT_JOB]};

  if (!begin(store, error)) {
    return false;
  }
  bind_text(&binding, row->id);
  bind_text(&binding, row->type);
  bind_text(&binding, row->state);
  bind_text(&binding, row->name);
  bind_text(&binding, row->arguments);
  bind_text(&binding, row->account);
  bind_text(&binding, row->parent);
  bind_number(&binding, row->started_ms);
  bind_number(&binding, row->ended_ms);
  bind_number(&binding, row->done);
  bind_number(&binding, row->failed);
  bind_number(&binding, row->skipped);
  bind_number(&binding, row->unknown);
  bind_number(&binding, row->waiting);
  bind_text(&binding, row->script);
  return change(store, PUT_JOB, &binding, error);
}

static bool no_such(struct sqlite_store *store, const char *what,
                    signet_error *error)
{
  (void)signet_error_set(error, SIGNET_ERROR_STORE,
                         "the journal %s has no such %s", store->shown, what);
  return give_up(store, error);
}

/* The number that stands for a job in the other tables. */
static bool find_job(struct sqlite_store *store, const char *id,
                     signet_error *error)
{
  sqlite3_stmt *statement = store->statements[FIND_JOB];
  struct binding binding = {.statement = statement};
  int code;

  if (*store->job_id != '\0' && strcmp(store->job_id, id) == 0) {
    return true;
  }
  bind_text(&binding, id);
  code = binding.code != SQLITE_OK ? binding.code : sqlite3_step(statement);
  if (code == SQLITE_ROW) {
    store->job = sqlite3_column_int64(statement, 0);
    *store->job_id = '\0';
    if (strlen(id) < sizeof store->job_id) {
      (void)snprintf(store->job_id, sizeof store->job_id, "%s", id);
    }
  }
  leave(statement);
  if (code == SQLITE_DONE) {
    return no_such(store, "job", error);
  }
  if (code != SQLITE_ROW) {
    (void)signet_store_explain(store->database, code, store->shown, error);
    return give_up(store, error);
  }
  return true;
}

/* What changes of a write: the first seven parameters of both statements. */
static void bind_outcome(struct binding *binding, const signet_write_row *row)
{
  bind_text(binding, row->target);
  bind_text(binding, row->state);
  bind_text(binding, row->answer);
  bind_text(binding, row->error_kind);
  bind_text(binding, row->error_message);
  bind_number(binding, row->attempts);
  bind_number(binding, row->decided_ms);
}

static bool add_write(struct sqlite_store *store, signet_write_row *row,
                      signet_error *error)
{
  struct binding binding = {.statement = store->statements[ADD_WRITE]};

  if (!find_job(store, row->job, error)) {
    return false;
  }
  bind_outcome(&binding, row);
  bind_number(&binding, store->job);
  bind_text(&binding, row->verb);
  bind_text(&binding, row->kind);
  bind_text(&binding, row->before);
  bind_text(&binding, row->after);
  bind_number(&binding, row->intended_ms);
  if (!change(store, ADD_WRITE, &binding, error)) {
    return false;
  }
  row->number = sqlite3_last_insert_rowid(store->database);
  return true;
}

static bool put_write(signet_store *base, signet_write_row *row,
                      signet_error *error)
{
  struct sqlite_store *store = of(base);
  struct binding binding = {.statement = store->statements[CHANGE_WRITE]};

  if (!begin(store, error)) {
    return false;
  }
  if (row->number == 0) {
    return add_write(store, row, error);
  }
  bind_outcome(&binding, row);
  bind_number(&binding, row->number);
  if (!change(store, CHANGE_WRITE, &binding, error)) {
    return false;
  }
  return sqlite3_changes(store->database) == 1 ||
         no_such(store, "write", error);
}

static bool put_step(signet_store *base, const char *job, const char *name,
                     const char *value, signet_error *error)
{
  struct sqlite_store *store = of(base);
  struct binding binding = {.statement = store->statements[PUT_STEP]};

  if (!begin(store, error) || !find_job(store, job, error)) {
    return false;
  }
  bind_number(&binding, store->job);
  bind_text(&binding, name);
  bind_text(&binding, value);
  return change(store, PUT_STEP, &binding, error);
}

/* Ends a reading whose last step (or parameter) gave this code. */
static bool end_reading(struct sqlite_store *store, sqlite3_stmt *statement,
                        int code, signet_error *error)
{
  bool good = code == SQLITE_DONE || code == SQLITE_ROW ||
              signet_store_explain(store->database, code, store->shown, error);

  leave(statement);
  return good;
}

static bool begin_reading(const struct sqlite_store *store,
                          sqlite3_stmt *statement, signet_error *error)
{
  return alive(store, error) &&
         (!sqlite3_stmt_busy(statement) ||
          signet_error_set(error, SIGNET_ERROR_STORE,
                           "these rows of the journal %s are being read "
                           "already: end that reading first",
                           store->shown));
}

static const char *text_at(sqlite3_stmt *statement, int column)
{
  return (const char *)sqlite3_column_text(statement, column);
}

/* After a row's texts were asked for: one that there was no memory for looks
 * like none. */
static int row_code(const struct sqlite_store *store)
{
  int code = sqlite3_errcode(store->database);

  return (code & 0xff) == SQLITE_NOMEM ? code : SQLITE_ROW;
}

static void get_job_row(sqlite3_stmt *from, signet_job_row *row)
{
  *row = (signet_job_row){
      .id = text_at(from, 0),
      .type = text_at(from, 1),
      .state = text_at(from, 2),
      .name = text_at(from, 3),
      .arguments = text_at(from, 4),
      .account = text_at(from, 5),
      .parent = text_at(from, 6),
      .script = text_at(from, 7),
      .started_ms = sqlite3_column_int64(from, 8),
      .ended_ms = sqlite3_column_int64(from, 9),
      .done = sqlite3_column_int64(from, 10),
      .failed = sqlite3_column_int64(from, 11),
      .skipped = sqlite3_column_int64(from, 12),
      .unknown = sqlite3_column_int64(from, 13),
      .waiting = sqlite3_column_int64(from, 14),
  };
}

static bool each_job(signet_store *base, const char *prefix,
                     signet_job_row_fn function, void *user,
                     signet_error *error)
{
  struct sqlite_store *store = of(base);
  sqlite3_stmt *statement = store->statements[EACH_JOB];
  struct binding binding = {.statement = statement};
  signet_job_row row;
  int code;

  if (!begin_reading(store, statement, error)) {
    return false;
  }
  bind_text(&binding, prefix);
  code = binding.code;
  while (code == SQLITE_OK || code == SQLITE_ROW) {
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
      get_job_row(statement, &row);
      code = row_code(store);
      if (code == SQLITE_ROW && !function(user, &row)) {
        break;
      }
    }
  }
  return end_reading(store, statement, code, error);
}

/* The columns from 6 are what the write began with, those from 13 what became
 * of it, where that has a row. */
static void get_write_row(sqlite3_stmt *from, const char *job,
                          signet_write_row *row)
{
  int at = sqlite3_column_type(from, 20) == SQLITE_NULL ? 6 : 13;

  *row = (signet_write_row){
      .number = sqlite3_column_int64(from, 0),
      .job = job,
      .verb = text_at(from, 1),
      .kind = text_at(from, 2),
      .before = text_at(from, 3),
      .after = text_at(from, 4),
      .intended_ms = sqlite3_column_int64(from, 5),
      .target = text_at(from, at),
      .state = text_at(from, at + 1),
      .answer = text_at(from, at + 2),
      .error_kind = text_at(from, at + 3),
      .error_message = text_at(from, at + 4),
      .attempts = sqlite3_column_int64(from, at + 5),
      .decided_ms = sqlite3_column_int64(from, at + 6),
  };
}

static bool each_write(signet_store *base, const char *job,
                       signet_write_row_fn function, void *user,
                       signet_error *error)
{
  struct sqlite_store *store = of(base);
  sqlite3_stmt *statement = store->statements[EACH_WRITE];
  struct binding binding = {.statement = statement};
  signet_write_row row;
  int code;

  if (!begin_reading(store, statement, error)) {
    return false;
  }
  bind_text(&binding, job);
  code = binding.code;
  while (code == SQLITE_OK || code == SQLITE_ROW) {
    code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
      get_write_row(statement, job, &row);
      code = row_code(store);
      if (code == SQLITE_ROW && !function(user, &row)) {
        break;
      }
    }
  }
  return end_reading(store, statement, code, error);
}

static bool get_step(signet_store *base, const char *job, const char *name,
                     char **value, signet_error *error)
{
  struct sqlite_store *store = of(base);
  sqlite3_stmt *statement = store->statements[GET_STEP];
  struct binding binding = {.statement = statement};
  int code;

  *value = NULL;
  if (!begin_reading(store, statement, error)) {
    return false;
  }
  bind_text(&binding, job);
  bind_text(&binding, name);
  code = binding.code != SQLITE_OK ? binding.code : sqlite3_step(statement);
  if (code == SQLITE_ROW) {
    const char *text = text_at(statement, 0);
    *value = text == NULL
                 ? NULL
                 : signet_memory_text(
                       text, (size_t)sqlite3_column_bytes(statement, 0));
    code = *value == NULL ? SQLITE_NOMEM : code;
  }
  return end_reading(store, statement, code, error);
}

/* What was not committed is taken back; then SQLite moves the whole log into
 * the file and removes it. A child of fork() that did so would do it under its
 * parent's hands: there the connection is left as it is. */
static void close_store(signet_store *base)
{
  struct sqlite_store *store = of(base);

  if (store->owner == getpid()) {
    for (int i = 0; i < STATEMENT_COUNT; i++) {
      (void)sqlite3_finalize(store->statements[i]);
    }
    (void)sqlite3_close(store->database);
  }
  signet_memory_free(store);
}

static const signet_store_operations operations = {
    .put_job = put_job,
    .put_write = put_write,
    .put_step = put_step,
    .commit = commit,
    .each_job = each_job,
    .each_write = each_write,
    .get_step = get_step,
    .close = close_store,
};

static bool prepare(struct sqlite_store *store, signet_error *error)
{
  for (int i = 0; i < STATEMENT_COUNT; i++) {
    int code = sqlite3_prepare_v3(store->database, statement_texts[i], -1,
                                  SQLITE_PREPARE_PERSISTENT,
                                  &store->statements[i], NULL);
    if (code != SQLITE_OK) {
      return signet_store_explain(store->database, code, store->shown, error);
    }
  }
  return true;
}

signet_store *signet_store_open_sqlite(const char *path, signet_error *error)
{
  struct sqlite_store *store;
  signet_store_file file;

  if (!signet_store_file_prepare(&file, path, error)) {
    return NULL;
  }
  store = signet_memory_zeroed(1, sizeof *store);
  if (store == NULL) {
    (void)signet_error_set(error, SIGNET_ERROR_MEMORY,
                           "out of memory for the journal %s", file.shown);
    return NULL;
  }
  store->store.operations = &operations;
  store->owner = getpid();
  (void)snprintf(store->shown, sizeof store->shown, "%s", file.shown);
  store->database = signet_store_connect(&file, error);
  if (store->database == NULL || !prepare(store, error)) {
    close_store(&store->store);
    return NULL;
  }
  return &store->store;
}
