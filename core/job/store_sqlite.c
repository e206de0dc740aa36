/* SPDX-License-Identifier: MIT */
/*
 * The store on one machine. One connection, which a thread of its own opens,
 * changes and closes, since all that waits for the disk; reading lends it to
 * the caller. Never across fork(): a child may not touch it, not even to read,
 * and its changes are refused.
 *
 * Writes and their outcomes are collected here as bytes, and become one row
 * when they are committed. Nothing here is called back by SQLite.
 */

#include "job/store_sqlite.h"

#include "job/store_batch.h"
#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
  BATCH_USUAL = 8 << 20,   /* after so much a batch is put before its commit */
  BATCH_MAXIMUM = 64 << 20 /* one write may have texts of several MB */
};

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

static signet_sqlite_store *of(signet_store *store)
{
  return (signet_sqlite_store *)store;
}

bool signet_store_alive(const signet_sqlite_store *store, signet_error *error)
{
  if (store->failure.kind != SIGNET_OK) {
    return signet_error_set(error, store->failure.kind, "%s",
                            store->failure.message);
  }
  return true;
}

/* ---- what the writer does ---- */

/* The first change after a commit begins a transaction. */
static bool begin(signet_sqlite_store *store, signet_error *error)
{
  return !sqlite3_get_autocommit(store->database) ||
         signet_store_run(store, SIGNET_STORE_BEGIN, SQLITE_OK, error);
}

/* With its first writes a job goes into the file itself, which says from then
 * on that it has a log: a copy without its log is known by that, and whatever
 * becomes of the log, the job and when it began are not lost. */
static bool note_use(signet_sqlite_store *store, signet_error *error)
{
  int code;

  if (!begin(store, error)) {
    return false;
  }
  errno = 0;
  code = signet_store_note_use(store->database, true);
  store->marked = store->marked || code == SQLITE_OK;
  return code == SQLITE_OK || signet_store_give_up(store, code, error);
}

static bool move_log(signet_sqlite_store *store, signet_error *error)
{
  int code;

  errno = 0;
  code = signet_store_move_log(store->database);
  store->noted = code == SQLITE_OK;
  return store->noted || signet_store_give_up(store, code, error);
}

static bool put_taken(signet_sqlite_store *store, signet_error *error)
{
  signet_store_binding binding = {
      .statement = store->statements[SIGNET_STORE_PUT_BATCH]};

  if (store->taken.length == 0) {
    return true;
  }
  signet_store_bind_number(&binding, store->taken_number);
  signet_store_bind_number(&binding, store->taken_last);
  signet_store_bind_bytes(&binding, store->taken.data, store->taken.length);
  return signet_store_run(store, SIGNET_STORE_PUT_BATCH, binding.code, error);
}

/* Without a transaction, putting the batch is one. */
static void commit_taken(void *user)
{
  signet_sqlite_store *store = user;
  signet_store_commit *commit = &store->commit;
  bool notes = !store->noted && (store->taken.length > 0 || store->batched);

  signet_error_init(&commit->error);
  commit->good = (!notes || note_use(store, &commit->error)) &&
                 put_taken(store, &commit->error) &&
                 (sqlite3_get_autocommit(store->database) ||
                  signet_store_run(store, SIGNET_STORE_COMMIT, SQLITE_OK,
                                   &commit->error)) &&
                 (!notes || move_log(store, &commit->error));
  store->batched = false;
  if (commit->good) {
    store->log.sequence = store->taken_sequence;
    signet_store_log_tend(&store->log);
  }
}

static void put_taken_alone(void *user)
{
  signet_sqlite_store *store = user;
  signet_store_commit *commit = &store->commit;

  signet_error_init(&commit->error);
  commit->good =
      begin(store, &commit->error) && put_taken(store, &commit->error);
  store->batched = commit->good;
}

typedef struct job_change {
  signet_sqlite_store *store;
  const signet_job_row *row;
} job_change;

static void change_job(void *user)
{
  const job_change *change = user;
  const signet_job_row *row = change->row;
  signet_sqlite_store *store = change->store;
  signet_store_commit *commit = &store->commit;
  signet_store_binding binding = {.statement =
                                      store->statements[SIGNET_STORE_PUT_JOB]};

  signet_error_init(&commit->error);
  commit->good = begin(store, &commit->error);
  if (!commit->good) {
    return;
  }
  signet_store_bind_text(&binding, row->id);
  signet_store_bind_text(&binding, row->type);
  signet_store_bind_text(&binding, row->state);
  signet_store_bind_text(&binding, row->name);
  signet_store_bind_text(&binding, row->arguments);
  signet_store_bind_text(&binding, row->account);
  signet_store_bind_text(&binding, row->parent);
  signet_store_bind_number(&binding, row->started_ms);
  signet_store_bind_number(&binding, row->ended_ms);
  signet_store_bind_number(&binding, row->done);
  signet_store_bind_number(&binding, row->failed);
  signet_store_bind_number(&binding, row->skipped);
  signet_store_bind_number(&binding, row->unknown);
  signet_store_bind_number(&binding, row->waiting);
  commit->good =
      signet_store_run(store, SIGNET_STORE_PUT_JOB, binding.code,
                       &commit->error) &&
      signet_store_put_script(store, row->id, row->script, &commit->error);
}

typedef struct step_change {
  signet_sqlite_store *store;
  const char *name;
  const char *value;
} step_change;

static void change_step(void *user)
{
  const step_change *change = user;
  signet_sqlite_store *store = change->store;
  signet_store_commit *commit = &store->commit;
  signet_store_binding binding = {.statement =
                                      store->statements[SIGNET_STORE_PUT_STEP]};

  signet_error_init(&commit->error);
  commit->good = begin(store, &commit->error);
  if (!commit->good) {
    return;
  }
  signet_store_bind_number(&binding, store->job);
  signet_store_bind_text(&binding, change->name);
  signet_store_bind_text(&binding, change->value);
  commit->good = signet_store_run(store, SIGNET_STORE_PUT_STEP, binding.code,
                                  &commit->error);
}

/* ---- asking the writer ---- */

static bool refuse_fork(const signet_sqlite_store *store, signet_error *error)
{
  return store->owner == getpid() ||
         signet_error_set(error, SIGNET_ERROR_STORE,
                          "the journal %s belongs to the process that opened "
                          "it, not to a fork of that: open it again",
                          store->file.shown);
}

static bool may_change(const signet_sqlite_store *store, signet_error *error)
{
  if (!signet_store_alive(store, error)) {
    return false;
  }
  if (store->found.state != SIGNET_STORE_WHOLE && !store->accepted) {
    return signet_store_refuse_damage(store, error);
  }
  if (store->reading_jobs || store->reading_writes) {
    return signet_error_set(error, SIGNET_ERROR_STORE,
                            "the journal %s can't be changed while its rows "
                            "are read: end the reading first",
                            store->file.shown);
  }
  return true;
}

static bool fail(signet_sqlite_store *store, const signet_error *error)
{
  store->failure = *error;
  return false;
}

/* How the task that the writer has done came out. */
static bool judge(signet_sqlite_store *store, signet_error *error)
{
  if (store->commit.good) {
    return true;
  }
  *error = store->commit.error;
  return fail(store, error);
}

/* Waits for a commit that was begun, whose end may not have been asked for. */
static bool settle_commit(signet_sqlite_store *store, signet_error *error)
{
  signet_writer_wait(&store->writer);
  return !store->committing || judge(store, error);
}

/* Hands what is fresh to the writer, which has nothing to do. */
static void take_fresh(signet_sqlite_store *store)
{
  signet_buffer taken = store->taken;

  store->taken = store->fresh;
  store->fresh = taken;
  signet_buffer_clear(&store->fresh);
  if (store->taken.length > 0) {
    signet_batch_link link =
        signet_store_next_link(&store->head, signet_clock_unix_ms());

    store->taken_number =
        store->job << SIGNET_STORE_BATCH_BITS | ++store->batches;
    store->taken_last = store->writes;
    signet_batch_fill_link(&store->taken, &link);
    signet_store_set_head(&store->head, &link, store->taken_number,
                          &store->taken);
  }
  store->taken_sequence = store->head.sequence;
}

static bool put_fresh(signet_sqlite_store *store, signet_error *error)
{
  if (store->fresh.length == 0) {
    return true;
  }
  take_fresh(store);
  signet_writer_run(&store->writer, put_taken_alone, store);
  return judge(store, error);
}

bool signet_store_flush(signet_sqlite_store *store, signet_error *error)
{
  if (store->reading_jobs || store->reading_writes) {
    return signet_store_alive(store, error); /* nothing was put since */
  }
  return refuse_fork(store, error) && signet_store_alive(store, error) &&
         settle_commit(store, error) && put_fresh(store, error);
}

/* ---- jobs ---- */

static bool put_job(signet_store *base, const signet_job_row *row,
                    signet_error *error)
{
  signet_sqlite_store *store = of(base);
  job_change change = {store, row};

  if (!may_change(store, error) || !signet_store_flush(store, error)) {
    return false;
  }
  signet_writer_run(&store->writer, change_job, &change);
  return judge(store, error);
}

/* The numbers after which those of the job go on. */
static int find_last(signet_sqlite_store *store, int64_t job)
{
  sqlite3_stmt *statement = store->statements[SIGNET_STORE_LAST_BATCH];
  signet_store_binding binding = {.statement = statement};
  int code;

  signet_store_bind_number(&binding, job << SIGNET_STORE_BATCH_BITS);
  signet_store_bind_number(&binding, (job + 1) << SIGNET_STORE_BATCH_BITS);
  store->batches = 0;
  store->writes = 0;
  code = binding.code != SQLITE_OK ? binding.code : sqlite3_step(statement);
  if (code == SQLITE_ROW) {
    store->batches = sqlite3_column_int64(statement, 0) &
                     ((INT64_C(1) << SIGNET_STORE_BATCH_BITS) - 1);
    store->writes = sqlite3_column_int64(statement, 1);
  }
  signet_store_leave(statement);
  return code == SQLITE_ROW ? SQLITE_DONE : code;
}

static int look_up(signet_sqlite_store *store, const char *id, bool *found)
{
  sqlite3_stmt *statement = store->statements[SIGNET_STORE_FIND_JOB];
  signet_store_binding binding = {.statement = statement};
  int64_t job = 0;
  int code;

  signet_store_bind_text(&binding, id);
  code = binding.code != SQLITE_OK ? binding.code : sqlite3_step(statement);
  *found = code == SQLITE_ROW;
  if (*found) {
    job = sqlite3_column_int64(statement, 0);
  }
  signet_store_leave(statement);
  if (!*found) {
    return code;
  }
  *store->job_id = '\0';
  store->job = job;
  code = find_last(store, job);
  if (code == SQLITE_DONE && strlen(id) < sizeof store->job_id) {
    (void)snprintf(store->job_id, sizeof store->job_id, "%s", id);
  }
  return code;
}

bool signet_store_find_job(signet_sqlite_store *store, const char *id,
                           bool *found, signet_error *error)
{
  int code;

  *found = true;
  if (*store->job_id != '\0' && strcmp(store->job_id, id) == 0) {
    return true;
  }
  if (!signet_store_flush(store, error)) {
    return false;
  }
  code = look_up(store, id, found);
  return code == SQLITE_DONE ||
         signet_store_explain(store->database, code, store->file.shown, error);
}

static bool no_such(signet_sqlite_store *store, const char *what,
                    signet_error *error)
{
  (void)signet_error_set(error, SIGNET_ERROR_STORE,
                         "the journal %s has no such %s", store->file.shown,
                         what);
  return fail(store, error);
}

/* Of a row that is put: the job must be there. */
static bool need_job(signet_sqlite_store *store, const char *id,
                     signet_error *error)
{
  bool found;

  if (!signet_store_find_job(store, id, &found, error)) {
    return fail(store, error);
  }
  return found || no_such(store, "job", error);
}

/* ---- writes and steps ---- */

static bool put_write(signet_store *base, signet_write_row *row,
                      signet_error *error)
{
  signet_sqlite_store *store = of(base);

  if (!may_change(store, error) ||
      (store->fresh.length == 0 && !refuse_fork(store, error)) ||
      !need_job(store, row->job, error)) {
    return false;
  }
  if (store->fresh.length > BATCH_USUAL && !signet_store_flush(store, error)) {
    return false;
  }
  if (row->number > store->writes) {
    return no_such(store, "write", error);
  }
  if (store->fresh.length == 0) {
    signet_batch_reserve_link(&store->fresh);
  }
  if (row->number == 0) {
    row->number = ++store->writes;
    signet_batch_add_write(&store->fresh, row);
  } else {
    signet_batch_add_outcome(&store->fresh, row);
  }
  if (store->fresh.failed) {
    (void)signet_error_set(error, SIGNET_ERROR_MEMORY,
                           "out of memory for the journal %s",
                           store->file.shown);
    return fail(store, error);
  }
  return true;
}

static bool put_step(signet_store *base, const char *job, const char *name,
                     const char *value, signet_error *error)
{
  signet_sqlite_store *store = of(base);
  step_change change = {store, name, value};

  if (!may_change(store, error) || !signet_store_flush(store, error) ||
      !need_job(store, job, error)) {
    return false;
  }
  signet_writer_run(&store->writer, change_step, &change);
  return judge(store, error);
}

/* ---- commits ---- */

static bool may_commit(signet_sqlite_store *store, signet_error *error)
{
  return may_change(store, error) && refuse_fork(store, error) &&
         settle_commit(store, error);
}

static bool commit(signet_store *base, signet_error *error)
{
  signet_sqlite_store *store = of(base);

  if (!may_commit(store, error)) {
    return false;
  }
  take_fresh(store);
  signet_writer_run(&store->writer, commit_taken, store);
  return judge(store, error);
}

static bool begin_commit(signet_store *base, void (*ended)(void *user),
                         void *user, signet_error *error)
{
  signet_sqlite_store *store = of(base);

  if (!may_commit(store, error)) {
    return false;
  }
  take_fresh(store);
  store->committing = true;
  signet_writer_begin(&store->writer, commit_taken, store, ended, user);
  return true;
}

static bool end_commit(signet_store *base, signet_error *error)
{
  signet_sqlite_store *store = of(base);
  bool good;

  if (!refuse_fork(store, error) || !signet_store_alive(store, error)) {
    return false;
  }
  good = settle_commit(store, error);
  store->committing = false;
  return good;
}

/* ---- opening and closing ---- */

/* From now on it needs no log. Where that can't be said, the log stays as it
 * is: a file that says it has one, and has none, counts as damaged. */
static void note_end(signet_sqlite_store *store)
{
  int persist = 1;

  if (!sqlite3_get_autocommit(store->database)) {
    (void)sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
  }
  if (store->found.state != SIGNET_STORE_WHOLE && !store->accepted) {
    return;
  }
  if ((!store->marked && !store->found.used) ||
      signet_store_note_use(store->database, false) == SQLITE_OK) {
    signet_store_mark_remove(store->file.path);
  } else {
    /* A log that persists would still be cut to nothing. */
    (void)sqlite3_db_config(store->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
                            1, NULL);
    (void)sqlite3_file_control(store->database, "main",
                               SQLITE_FCNTL_PERSIST_WAL, &persist);
  }
}

static void disconnect(void *user)
{
  signet_sqlite_store *store = user;

  for (int i = 0; i < SIGNET_STORE_STATEMENT_COUNT; i++) {
    (void)sqlite3_finalize(store->statements[i]);
  }
  if (store->database != NULL) {
    note_end(store);
    signet_store_log_close(&store->log);
  }
  (void)sqlite3_close(store->database);
}

/* What was not committed is taken back; then SQLite moves the whole log into
 * the file and removes it. A child of fork() that did so would do it under its
 * parent's hands: there the connection is left as it is, and the thread is
 * none of its own. */
static void close_store(signet_store *base)
{
  signet_sqlite_store *store = of(base);

  if (store->owner == getpid()) {
    signet_writer_run(&store->writer, disconnect, store);
    signet_writer_stop(&store->writer);
  }
  signet_buffer_free(&store->fresh);
  signet_buffer_free(&store->taken);
  signet_memory_free(store);
}

static const signet_store_operations operations = {
    .put_job = put_job,
    .put_write = put_write,
    .put_step = put_step,
    .commit = commit,
    .begin_commit = begin_commit,
    .end_commit = end_commit,
    .each_job = signet_store_each_job,
    .each_write = signet_store_each_write,
    .get_step = signet_store_get_step,
    .get_script = signet_store_get_script,
    .close = close_store,
};

static bool prepare(signet_sqlite_store *store, signet_error *error)
{
  int code = SQLITE_OK;

  for (int i = 0; i < SIGNET_STORE_STATEMENT_COUNT && code == SQLITE_OK; i++) {
    code = sqlite3_prepare_v3(store->database, statement_texts[i], -1,
                              SQLITE_PREPARE_PERSISTENT, &store->statements[i],
                              NULL);
  }
  if (code == SQLITE_OK &&
      !signet_store_log_open(&store->log, store->database, store->file.path)) {
    code = sqlite3_errcode(store->database);
  }
  return code == SQLITE_OK ||
         signet_store_explain(store->database, code, store->file.shown, error);
}

static bool look_at_chain(signet_sqlite_store *store, signet_error *error)
{
  int code = signet_store_look_at_chain(store);

  return code == SQLITE_OK ||
         signet_store_explain(store->database, code, store->file.shown, error);
}

static void connect_store(void *user)
{
  signet_sqlite_store *store = user;
  signet_store_commit *opening = &store->commit;

  signet_error_init(&opening->error);
  store->database =
      signet_store_connect(&store->file, &store->found, &opening->error);
  opening->good = store->database != NULL && prepare(store, &opening->error) &&
                  look_at_chain(store, &opening->error);
}

static bool open_store(signet_sqlite_store *store, const char *path,
                       signet_error *error)
{
  int code;

  if (!signet_store_file_prepare(&store->file, path, error)) {
    return false;
  }
  store->store.operations = &operations;
  store->owner = getpid();
  store->log.mark = -1;
  signet_buffer_init(&store->fresh, BATCH_MAXIMUM);
  signet_buffer_init(&store->taken, BATCH_MAXIMUM);
  code = signet_writer_start(&store->writer);
  if (code != 0) {
    return signet_error_set(error, SIGNET_ERROR_STORE,
                            "no thread can be started for the journal %s: %s",
                            store->file.shown, strerror(code));
  }
  return true;
}

signet_store *signet_store_open_sqlite(const char *path, signet_error *error)
{
  signet_sqlite_store *store = signet_memory_zeroed(1, sizeof *store);

  if (store == NULL) {
    (void)signet_error_set(error, SIGNET_ERROR_MEMORY,
                           "out of memory for the journal");
    return NULL;
  }
  if (!open_store(store, path, error)) {
    signet_memory_free(store);
    return NULL;
  }
  signet_writer_run(&store->writer, connect_store, store);
  if (!store->commit.good) {
    *error = store->commit.error;
    close_store(&store->store);
    return NULL;
  }
  return &store->store;
}
