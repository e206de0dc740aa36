/* SPDX-License-Identifier: MIT */
/* Reading journals: what jobs there are, and what they wrote. What is read is a
 * moment's, while the job that runs goes on: its row says "running" and counts
 * nothing, its writes are as far as the last commit, and its counts are what it
 * has told of itself about a second ago. */
#include "job/job.h"
#include "job/undone.h"

#include "account/identity.h"
#include "model/error_fill.h"
#include "model/memory.h"

#include <stdio.h>
#include <string.h>

typedef struct reader {
  signet_job_view_fn function;
  void (*busy)(void *user, const char *journal);
  void *user;
  const char *prefix;
  bool stopped;
  /* Of the journal that is read: */
  const char *journal;
  const signet_undos *undos;
  signet_store *store;
  signet_job_running running; /* which job holds it; id "": none does */
  bool met;                   /* that one has a row */
  signet_error *error;
} reader;

static bool count_done(void *user, const signet_write_row *row)
{
  int64_t *writes = user;
  *writes += signet_write_state_number(row->state) == SIGNET_WRITE_DONE;
  return true;
}

/* What can't be read of a damaged journal is said where the writes themselves
 * are shown. @return false: out of memory */
static bool count_writes(const reader *reading, const char *id, int64_t *writes)
{
  signet_error problem = SIGNET_ERROR_INIT;
  *writes = 0;
  if (reading->store->operations->each_write(reading->store, id, count_done,
                                             writes, &problem) ||
      problem.kind != SIGNET_ERROR_MEMORY)
    return true;
  *reading->error = problem;
  return false;
}

/* ---- jobs ---- */

/* What became of a job since may count for more than how it ended. One that
 * another one goes on with has nothing left. */
static const char *state_of(const reader *reading, const signet_job_row *row)
{
  signet_undone undone = signet_undos_find(reading->undos, row->id, NULL);
  if (undone != SIGNET_UNDONE_NOT)
    return signet_job_state_name(signet_undone_state(undone));
  if (signet_job_state_number(row->state) != SIGNET_JOB_DONE &&
      signet_undos_heir(reading->undos, row->id) != NULL)
    return signet_job_state_name(SIGNET_JOB_CONTINUED);
  return row->state;
}

/* As far as its row tells. */
static bool says_it_runs(const signet_job_row *row)
{
  return signet_job_state_number(row->state) == SIGNET_JOB_RUNNING;
}

static bool show(reader *reading, const signet_job_view *view)
{
  reading->stopped = !reading->function(reading->user, view);
  return !reading->stopped;
}

/* While a job runs, its row says that it does, and counts nothing. */
static bool is_running(reader *reading, const signet_job_row *row)
{
  bool held = strcmp(row->id, reading->running.id) == 0;
  reading->met = reading->met || held;
  return held && says_it_runs(row);
}

static signet_job_counts counts_of(const signet_job_row *row,
                                   const signet_job_running *running)
{
  return running != NULL && running->writes >= 0
             ? running->counts
             : (signet_job_counts){row->done, row->failed, row->skipped,
                                   row->unknown, row->waiting};
}

/* What next.c has kept. @return false: `error` */
static bool was_declined(reader *reading, const signet_job_row *row,
                         int64_t writes, bool *declined)
{
  char *kept = NULL;
  *declined = false;
  if (writes > 0 || row->unknown > 0 ||
      signet_job_state_number(row->state) != SIGNET_JOB_FAILED)
    return true;
  if (!reading->store->operations->get_step(reading->store, row->id,
                                            "\x1f"
                                            "onward",
                                            &kept, reading->error))
    return false;
  *declined = kept != NULL && strcmp(kept, "yes") == 0;
  signet_memory_free(kept);
  return true;
}

static bool show_job(void *user, const signet_job_row *row)
{
  reader *reading = user;
  char account[SIGNET_IDENTITY_SIZE] = "";
  if (row->account != NULL)
    signet_identity_canonical(row->account, account);
  signet_store_loss loss;
  int64_t writes;
  bool declined;
  if (!reading->store->operations->get_loss(
          reading->store, row->id, says_it_runs(row), &loss, reading->error) ||
      !count_writes(reading, row->id, &writes) ||
      !was_declined(reading, row, writes, &declined))
    return false;
  const signet_job_running *running =
      is_running(reading, row) ? &reading->running : NULL;
  const signet_job_view view = {
      .id = row->id,
      .type = row->type,
      .state = state_of(reading, row),
      .name = row->name,
      .arguments = row->arguments,
      .account = row->account != NULL ? account : NULL,
      .parent = row->parent,
      .started_ms = row->started_ms,
      .ended_ms = row->ended_ms,
      .counts = counts_of(row, running),
      .loss = {loss.lost, loss.commits, loss.after_ms, loss.accepted_ms, 0},
      .writes = writes,
      .running = running,
      .journal = reading->journal,
      .declined = declined,
  };
  return show(reading, &view);
}

/* A job that holds the journal and has no row: it has written nothing. */
static bool is_without_row(const reader *reading)
{
  const char *id = reading->running.id, *prefix = reading->prefix;
  return id[0] != '\0' && !reading->met &&
         (prefix == NULL || strncmp(id, prefix, strlen(prefix)) == 0);
}

static void show_without_row(reader *reading)
{
  const signet_job_running *running = &reading->running;
  const signet_job_view view = {
      .id = running->id,
      .type = running->type,
      .state = signet_job_state_name(SIGNET_JOB_RUNNING),
      .name = running->name,
      .account = running->account[0] != '\0' ? running->account : NULL,
      .started_ms = running->since_ms,
      .counts = running->counts,
      .running = running,
      .journal = reading->journal,
  };
  show(reading, &view);
}

static bool take_running(void *user, const signet_job_row *row)
{
  signet_job_running *running = user;
  if (!says_it_runs(row))
    return true;
  snprintf(running->id, sizeof running->id, "%s", row->id);
  running->since_ms = row->started_ms;
  return false;
}

/* A process that doesn't tell what it works for is taken for the newest job
 * that says that it runs. */
static bool find_holder(reader *reading, signet_error *error)
{
  signet_job_running *running = &reading->running;
  signet_store *store = reading->store;
  reading->met = false;
  if (!store->operations->held_by(store, running)) {
    running->id[0] = '\0';
    return true;
  }
  if (running->id[0] != '\0')
    return true;
  *running = (signet_job_running){.writes = -1};
  if (reading->busy != NULL)
    reading->busy(reading->user, reading->journal);
  return store->operations->each_job(store, NULL, take_running, running, error);
}

static bool show_jobs(reader *reading, signet_error *error)
{
  signet_undos undos;
  signet_store *store = reading->store;
  bool good = signet_undos_read(&undos, store, error);
  reading->undos = &undos;
  reading->error = error;
  good = good && find_holder(reading, error) &&
         store->operations->each_job(store, reading->prefix, show_job, reading,
                                     error) &&
         error->kind == SIGNET_OK;
  if (good && !reading->stopped && is_without_row(reading))
    show_without_row(reading);
  reading->undos = NULL;
  signet_undos_free(&undos);
  return good;
}

/* One that changes too fast to be read: its job tells of itself at least. */
static void show_holder(reader *reading)
{
  reading->met = false;
  if (!signet_store_holder(reading->journal, &reading->running)) {
    if (reading->busy != NULL)
      reading->busy(reading->user, reading->journal);
  } else if (is_without_row(reading)) {
    show_without_row(reading);
  }
}

typedef struct jobs_reading {
  reader reader;
  signet_error *error;
  bool failed;
} jobs_reading;

static bool read_jobs(void *user, signet_store *store, const char *name,
                      const signet_error *problem)
{
  jobs_reading *reading = user;
  reader *one = &reading->reader;
  one->journal = name;
  one->store = store;
  if (store != NULL) {
    reading->failed = !show_jobs(one, reading->error);
  } else if (problem->kind == SIGNET_ERROR_LOCKED) {
    show_holder(one);
  } else {
    *reading->error = *problem;
    reading->failed = true;
  }
  return !reading->failed && !one->stopped;
}

bool signet_job_running_read(const char *journal, signet_job_running *running)
{
  return signet_store_holder(journal, running);
}

const char *signet_jobs_folder(const char *state_dir)
{
  return state_dir != NULL ? signet_store_folder(state_dir) : NULL;
}

bool signet_jobs_each(const char *state_dir, const char *prefix,
                      signet_job_view_fn function,
                      void (*busy)(void *user, const char *journal), void *user,
                      signet_error *error)
{
  signet_error_init(error);
  jobs_reading reading = {.reader = {.function = function,
                                     .busy = busy,
                                     .user = user,
                                     .prefix = prefix},
                          .error = error};
  return signet_store_each(state_dir, read_jobs, &reading, error) &&
         !reading.failed;
}

/* ---- writes ---- */

typedef struct writes_reading {
  const char *id;
  signet_write_view_fn function;
  void *user;
  bool found;
  bool failed;
  signet_error *error;
} writes_reading;

static bool show_write(void *user, const signet_write_row *row)
{
  writes_reading *reading = user;
  signet_write_view view = {
      row->number,     row->verb,          row->kind,     row->target,
      row->before,     row->after,         row->state,    row->answer,
      row->error_kind, row->error_message, row->attempts, row->intended_ms,
      row->decided_ms,
  };
  return reading->function(reading->user, &view);
}

static bool is_job(void *user, const signet_job_row *row)
{
  writes_reading *reading = user;
  reading->found = strcmp(row->id, reading->id) == 0;
  return !reading->found;
}

static bool is_held_for(const signet_store *store, const char *id)
{
  signet_job_running running;
  return store->operations->held_by(store, &running) &&
         strcmp(running.id, id) == 0;
}

static bool read_writes(void *user, signet_store *store, const char *name,
                        const signet_error *problem)
{
  writes_reading *reading = user;
  (void)name;
  if (store == NULL) {
    *reading->error = *problem;
    return true; /* it may stand in another one */
  }
  if (!store->operations->each_job(store, reading->id, is_job, reading,
                                   reading->error) ||
      (reading->found &&
       !store->operations->each_write(store, reading->id, show_write, reading,
                                      reading->error)))
    reading->failed = true;
  reading->found = reading->found || is_held_for(store, reading->id);
  return !reading->found && !reading->failed;
}

bool signet_job_writes_each(const char *state_dir, const char *id,
                            signet_write_view_fn function, void *user,
                            signet_error *error)
{
  signet_error_init(error);
  writes_reading reading = {id, function, user, false, false, error};
  if (!signet_store_each(state_dir, read_writes, &reading, error) ||
      reading.failed)
    return false;
  if (reading.found)
    return true;
  if (error->kind == SIGNET_OK)
    signet_error_set(error, SIGNET_ERROR_NOT_FOUND,
                     "no journal in %s has a job %s", state_dir, id);
  return false;
}
