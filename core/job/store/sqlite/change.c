/* SPDX-License-Identifier: MIT */
/* What the writer's thread does to the database: batches, jobs and steps are
 * put, and committed. */

#include "job/store/sqlite/change.h"

#include "job/store/sqlite/connect.h"
#include "job/store/sqlite/log.h"
#include "job/store/sqlite/script.h"
#include "job/store/sqlite/statement.h"

#include "model/error_fill.h"

#include <errno.h>

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

  if (!begin(store, error))
    return false;
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

  if (store->taken.length == 0)
    return true;
  signet_store_bind_number(&binding, store->taken_number);
  signet_store_bind_number(&binding, store->taken_last);
  signet_store_bind_bytes(&binding, store->taken.data, store->taken.length);
  return signet_store_run(store, SIGNET_STORE_PUT_BATCH, binding.code, error);
}

/* Without a transaction, putting the batch is one. */
void signet_store_commit_taken(void *user)
{
  signet_sqlite_store *store = user;
  signet_store_change *commit = &store->commit;
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

void signet_store_put_taken(void *user)
{
  signet_sqlite_store *store = user;
  signet_store_change *commit = &store->commit;

  signet_error_init(&commit->error);
  commit->good =
      begin(store, &commit->error) && put_taken(store, &commit->error);
  store->batched = commit->good;
}

void signet_store_change_job(void *user)
{
  const signet_store_job_change *change = user;
  const signet_job_row *row = change->row;
  signet_sqlite_store *store = change->store;
  signet_store_change *commit = &store->commit;
  signet_store_binding binding = {.statement =
                                      store->statements[SIGNET_STORE_PUT_JOB]};

  signet_error_init(&commit->error);
  commit->good = begin(store, &commit->error);
  if (!commit->good)
    return;
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

void signet_store_change_step(void *user)
{
  const signet_store_step_change *change = user;
  signet_sqlite_store *store = change->store;
  signet_store_change *commit = &store->commit;
  signet_store_binding binding = {.statement =
                                      store->statements[SIGNET_STORE_PUT_STEP]};

  signet_error_init(&commit->error);
  commit->good = begin(store, &commit->error);
  if (!commit->good)
    return;
  signet_store_bind_number(&binding, store->job);
  signet_store_bind_text(&binding, change->name);
  signet_store_bind_text(&binding, change->value);
  commit->good = signet_store_run(store, SIGNET_STORE_PUT_STEP, binding.code,
                                  &commit->error);
}
