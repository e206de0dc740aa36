/* SPDX-License-Identifier: MIT */
/* What a damaged journal has lost, and which jobs it may have lost it of. */

#include "job/store/sqlite/loss.h"

#include "job/store/sqlite/explain.h"
#include "job/store/sqlite/statement.h"

#include "model/clock.h"
#include "model/error_fill.h"
#include "model/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

/* A step of the job, under a name that no script's step has. */
static const char loss_name[] = "\x1f"
                                "damage";

static signet_sqlite_store *of(signet_store *store)
{
  return (signet_sqlite_store *)store;
}

/* ---- the chain ---- */

/* One that the mark says to have got further is an older copy; one that was
 * made just now has nothing to do with an older mark. */
static void compare_with_mark(signet_sqlite_store *store)
{
  signet_store_mark mark = {.sequence = store->snapshot.sequence};
  signet_store_found *found = &store->found;
  int64_t marked;

  if (!store->reader)
    signet_store_mark_read(store->file.path, &mark);
  marked = mark.sequence;
  if (marked <= store->head.sequence || found->made)
    return;
  found->lost = marked - store->head.sequence;
  if (found->state == SIGNET_STORE_WHOLE)
    found->state = SIGNET_STORE_CUT;
}

bool signet_store_look_at_chain(signet_sqlite_store *store, signet_error *error)
{
  signet_store_found *found = &store->found;
  int code =
      signet_store_read_chain(store->database, &store->head, &found->place);

  if (code != SQLITE_OK) {
    return signet_store_explain(store->database, code, store->file.shown,
                                error);
  }
  compare_with_mark(store);
  if (found->state == SIGNET_STORE_WHOLE && found->place.number != 0)
    found->state = SIGNET_STORE_BROKEN;
  store->log.sequence = store->head.sequence;
  return true;
}

int signet_store_restart_chain(signet_sqlite_store *store)
{
  static const char sql[] =
      "INSERT INTO batches (number, last, content) VALUES ((SELECT"
      " coalesce(max(number), 0) + 1 FROM batches WHERE number < 1 << 32), 0,"
      " ?1) RETURNING number";
  signet_batch_link link;
  signet_buffer content;
  sqlite3_stmt *statement = NULL;
  signet_store_break ignored;
  int64_t number = 0;
  int code = signet_store_read_chain(store->database, &store->head, &ignored);

  signet_buffer_init(&content, SIGNET_BATCH_LINK_SIZE);
  signet_batch_reserve_link(&content);
  if (code == SQLITE_OK && content.failed)
    code = SQLITE_NOMEM;
  if (code == SQLITE_OK) {
    link = signet_store_next_link(&store->head, signet_clock_unix_ms());
    signet_batch_fill_link(&content, &link);
    code = sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL);
  }
  if (code == SQLITE_OK) {
    code = sqlite3_bind_blob64(statement, 1, content.data, content.length,
                               SQLITE_STATIC);
  }
  while (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
    number = sqlite3_column_int64(statement, 0);
  if (code == SQLITE_OK) {
    code = sqlite3_finalize(statement);
    signet_store_set_head(&store->head, &link, number, &content);
  } else {
    (void)sqlite3_finalize(statement);
  }
  signet_buffer_free(&content);
  return code;
}

/* ---- telling ---- */

/* "at least 3 commits after 2026-11-30 12:04:05 are lost" */
static void describe_loss(const signet_sqlite_store *store, char *out,
                          size_t size)
{
  int64_t lost = store->found.lost > 0 ? store->found.lost : 1;
  time_t seconds = (time_t)(store->head.put_ms / 1000);
  struct tm local;
  char when[40] = "";

  if (seconds > 0 && localtime_r(&seconds, &local) != NULL)
    (void)strftime(when, sizeof when, " after %Y-%m-%d %H:%M:%S", &local);
  (void)snprintf(out, size, "at least %" PRId64 " commit%s%s %s lost", lost,
                 lost == 1 ? "" : "s", when, lost == 1 ? "is" : "are");
}

/* "batch 3 of job 20261130T120405-4f2a" */
static void name_batch(const signet_sqlite_store *store, char *out, size_t size)
{
  int64_t number = store->found.place.number;
  sqlite3_stmt *statement = NULL;
  const char *id = NULL;

  if (sqlite3_prepare_v2(store->database,
                         "SELECT id FROM jobs WHERE number = ?1", -1,
                         &statement, NULL) == SQLITE_OK &&
      sqlite3_bind_int64(statement, 1, number >> SIGNET_STORE_BATCH_BITS) ==
          SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW)
    id = (const char *)sqlite3_column_text(statement, 0);
  (void)snprintf(out, size, "batch %" PRId64 " of %s%.30s",
                 number & ((INT64_C(1) << SIGNET_STORE_BATCH_BITS) - 1),
                 id != NULL ? "job " : "a job that is not there",
                 id != NULL ? id : "");
  (void)sqlite3_finalize(statement);
}

bool signet_store_refuse_damage(const signet_sqlite_store *store,
                                signet_error *error)
{
  char what[120];
  const char *shown = store->file.shown;

  describe_loss(store, what, sizeof what);
  switch (store->found.state) {
  case SIGNET_STORE_BROKEN:
    name_batch(store, what, sizeof what);
    return signet_error_set(
        error, SIGNET_ERROR_STORE,
        "the journal %s is damaged: %s is missing or changed; put a copy in "
        "its place, or go on without it with --accept-damage (in "
        "Lua: accept_damage)",
        shown, what);
  case SIGNET_STORE_NO_LOG:
    return signet_error_set(
        error, SIGNET_ERROR_STORE,
        "the log of the journal %s is missing (the file of that name and "
        "-wal), and %s: put it back, or go on without it with --accept-damage "
        "(in "
        "Lua: accept_damage)",
        shown, what);
  default:
    return signet_error_set(
        error, SIGNET_ERROR_STORE,
        "the journal %s is damaged: its log breaks off, and %s; put a copy in "
        "its place, or go on without them with --accept-damage (in "
        "Lua: accept_damage)",
        shown, what);
  }
}

static bool is_damaged(const signet_sqlite_store *store)
{
  return store->found.state != SIGNET_STORE_WHOLE && !store->accepted;
}

bool signet_store_damage(signet_store *base, signet_error *error)
{
  const signet_sqlite_store *store = of(base);

  return is_damaged(store) && !signet_store_refuse_damage(store, error);
}

/* ---- accepting ---- */

/* The log of a job goes into the file with its first writes, whatever there was
 * of others' before. So only jobs that did not end can have lost something,
 * but for older versions, and for a batch that is named. */
static int mark_jobs(signet_sqlite_store *store, const char *value)
{
  static const char sql[] =
      "INSERT OR REPLACE INTO steps (job, name, value)"
      " SELECT number, ?1, ?2 FROM jobs WHERE state = 'running'"
      " OR number = ?3 OR (?4 AND state IS NOT 'done')";
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL);
  signet_store_binding binding = {.statement = statement};

  if (code != SQLITE_OK)
    return code;
  signet_store_bind_text(&binding, loss_name);
  signet_store_bind_text(&binding, value);
  signet_store_bind_number(&binding, store->found.place.number >>
                                         SIGNET_STORE_BATCH_BITS);
  signet_store_bind_number(&binding, store->found.old);
  if (binding.code == SQLITE_OK)
    (void)sqlite3_step(statement);
  code = sqlite3_finalize(statement);
  return binding.code != SQLITE_OK ? binding.code : code;
}

static void note_acceptance(void *user)
{
  signet_sqlite_store *store = user;
  signet_store_change *commit = &store->commit;
  char value[80];
  int code = sqlite3_exec(store->database, "BEGIN IMMEDIATE", NULL, NULL, NULL);

  (void)snprintf(value, sizeof value, "%" PRId64 " %" PRId64 " %" PRId64,
                 signet_clock_unix_ms(), store->found.lost, store->head.put_ms);
  signet_error_init(&commit->error);
  if (code == SQLITE_OK)
    code = mark_jobs(store, value);
  if (code == SQLITE_OK)
    code = signet_store_restart_chain(store);
  if (code == SQLITE_OK)
    code = sqlite3_exec(store->database, "COMMIT", NULL, NULL, NULL);
  commit->good =
      code == SQLITE_OK || signet_store_give_up(store, code, &commit->error);
}

static void let_log_go(const signet_sqlite_store *store)
{
  int persist = 0;

  (void)sqlite3_db_config(store->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0,
                          NULL);
  (void)sqlite3_file_control(store->database, "main", SQLITE_FCNTL_PERSIST_WAL,
                             &persist);
}

bool signet_store_accept(signet_store *base, signet_error *error)
{
  signet_sqlite_store *store = of(base);

  if (!is_damaged(store))
    return true;
  signet_writer_run(&store->writer, note_acceptance, store);
  if (!store->commit.good) {
    *error = store->commit.error;
    return false;
  }
  store->accepted = true;
  let_log_go(store);
  return true;
}

/* ---- reading ---- */

bool signet_store_get_loss(signet_store *base, const char *job, bool running,
                           signet_store_loss *loss, signet_error *error)
{
  const signet_sqlite_store *store = of(base);
  char *value;

  *loss = (signet_store_loss){false, 0, 0, 0};
  if (!base->operations->get_step(base, job, loss_name, &value, error))
    return false;
  if (value != NULL) {
    loss->lost =
        sscanf(value, "%" SCNd64 " %" SCNd64 " %" SCNd64, &loss->accepted_ms,
               &loss->commits, &loss->after_ms) == 3;
    signet_memory_free(value);
  }
  if (is_damaged(store) && (running || store->found.old))
    *loss = (signet_store_loss){true, 0, store->found.lost, store->head.put_ms};
  return true;
}
