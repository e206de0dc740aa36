/* SPDX-License-Identifier: MIT */
/* Two journals of one account become one. */

#include "job/store/sqlite/merge.h"

#include "job/store/sqlite/explain.h"
#include "job/store/sqlite/loss.h"

#include "model/error_fill.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Jobs get numbers after those that are there, and their rows go along. What
 * was taken over before, in an attempt that a crash ended, is left as it is. */
static const char take_rows[] =
    "BEGIN IMMEDIATE;"
    "INSERT INTO main.jobs (id, type, state, name, arguments, account, parent,"
    " started_ms, ended_ms, done, failed, skipped, unknown, waiting)"
    " SELECT id, type, state, name, arguments, account, parent, started_ms,"
    " ended_ms, done, failed, skipped, unknown, waiting"
    " FROM former.jobs AS f"
    " WHERE NOT EXISTS (SELECT 1 FROM main.jobs AS j WHERE j.id = f.id)"
    " ORDER BY f.number;"
    "INSERT OR IGNORE INTO main.scripts (number, content)"
    " SELECT j.number << 32 | (s.number & 0xffffffff), s.content"
    " FROM former.scripts AS s JOIN former.jobs AS f"
    " ON f.number = s.number >> 32 JOIN main.jobs AS j ON j.id = f.id"
    " ORDER BY 1;"
    "INSERT OR IGNORE INTO main.batches (number, last, content)"
    " SELECT j.number << 32 | (b.number & 0xffffffff), b.last, b.content"
    " FROM former.batches AS b JOIN former.jobs AS f ON f.number = b.number >> "
    "32 JOIN main.jobs AS j ON j.id = f.id ORDER BY 1;"
    "INSERT OR IGNORE INTO main.steps (job, name, value)"
    " SELECT j.number, s.name, s.value FROM former.steps AS s"
    " JOIN former.jobs AS f ON f.number = s.job"
    " JOIN main.jobs AS j ON j.id = f.id";

typedef struct merging {
  signet_sqlite_store *store;
  const signet_store_file *former;
} merging;

static int attach(sqlite3 *database, const char *path)
{
  sqlite3_stmt *statement;
  int code =
      sqlite3_prepare_v2(database, "ATTACH ?1 AS former", -1, &statement, NULL);

  if (code == SQLITE_OK)
    code = sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
  if (code == SQLITE_OK)
    (void)sqlite3_step(statement);
  return sqlite3_finalize(statement) != SQLITE_OK ? sqlite3_errcode(database)
                                                  : code;
}

/* Under a name that no journal has, for whoever wants to look at it. */
static bool set_aside(const signet_store_file *former, signet_error *error)
{
  char aside[sizeof former->path + 8];

  (void)snprintf(aside, sizeof aside, "%s.merged", former->path);
  return rename(former->path, aside) == 0 ||
         signet_error_set(error, SIGNET_ERROR_STORE,
                          "the journal %s can't be renamed: %s", former->shown,
                          strerror(errno));
}

static void merge(void *user)
{
  const merging *both = user;
  signet_sqlite_store *store = both->store;
  signet_store_change *commit = &store->commit;
  int code = attach(store->database, both->former->path);

  signet_error_init(&commit->error);
  if (code == SQLITE_OK)
    code = sqlite3_exec(store->database, take_rows, NULL, NULL, NULL);
  if (code == SQLITE_OK)
    code = signet_store_restart_chain(store);
  if (code == SQLITE_OK)
    code = sqlite3_exec(store->database, "COMMIT", NULL, NULL, NULL);
  commit->good = code == SQLITE_OK ||
                 signet_store_explain(store->database, code,
                                      both->former->shown, &commit->error);
  if (!sqlite3_get_autocommit(store->database))
    (void)sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
  (void)sqlite3_exec(store->database, "DETACH former", NULL, NULL, NULL);
  commit->good = commit->good && set_aside(both->former, &commit->error);
}

static bool check_other(const signet_sqlite_store *store, signet_store *other,
                        signet_error *error)
{
  return (!store->accepted || signet_store_accept(other, error)) &&
         !signet_store_damage(other, error);
}

/* Opening the other one checks it, brings it up to date and empties its log. */
bool signet_store_take_over(signet_store *base, const signet_store *other,
                            signet_error *error)
{
  signet_sqlite_store *store = (signet_sqlite_store *)base;
  const signet_store_file *file = &((const signet_sqlite_store *)other)->file;
  signet_sqlite_store *former = signet_store_begin(file->path, error);
  merging both = {store, file};
  bool good;

  if (former == NULL)
    return false;
  good = check_other(store, &former->store, error);
  signet_store_end(former);
  if (!good)
    return false;
  signet_writer_run(&store->writer, merge, &both);
  *store->job_id = '\0';
  if (!store->commit.good)
    *error = store->commit.error;
  return store->commit.good;
}
