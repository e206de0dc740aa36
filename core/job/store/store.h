/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_H
#define SIGNET_JOB_STORE_H

/*
 * Where jobs are kept. A narrow interface of rows and one kind of transaction,
 * so that a store on one machine and one shared by many can stand behind it.
 * Nothing here knows what a write means.
 *
 * A URL says where: sqlite:FOLDER, or just FOLDER. What is kept there is kept
 * account by account. One job at a time opens an account's store, which is the
 * lock that lets one job write to an account; it ends with its process, however
 * that ends. Anybody may read meanwhile, without being in the job's way.
 *
 * Changes between two commits become durable together or not at all: the caller
 * puts rows, and commits once whatever became ready meanwhile. Rows that were
 * put are seen by reads of the same store at once.
 *
 * A commit waits for the disk. One that was begun does so elsewhere, while the
 * caller goes on, puts rows for the next one, and learns of its end later.
 *
 * Every function that can fail fills an error of SIGNET_ERROR_STORE (or
 * _MEMORY) whose message names the file and says what to do. After a failed put
 * or commit the store takes nothing more: each later call fails the same way.
 */

#include "signet/job.h"

#include <stdbool.h>
#include <stdint.h>

/** Long enough for a job's id, which is text: 20261122T073105-4f2a. */
enum { SIGNET_JOB_ID_SIZE = 24 };

/** One job. Text is borrowed: of a put for the call, of a read until the
 * function that got the row returns. NULL text is stored as none. */
typedef struct signet_job_row {
  const char *id;
  const char *type;      /* "run", "apply", "undo" */
  const char *state;     /* "running", "done", "failed", "interrupted",
                            "parked", "undone" */
  const char *name;      /* of the script, as it was called */
  const char *script;    /* its text; of a read NULL: see get_script */
  const char *arguments; /* JSON array of strings */
  const char *account;   /* dialect, base URL and API key: never the secret */
  const char *parent; /* the job that it resumes or undoes; the plan's hash */
  int64_t started_ms; /* since 1970 */
  int64_t ended_ms;   /* 0: not yet */
  int64_t done, failed, skipped, unknown, waiting;
} signet_job_row;

/** One write of a job. Of a row that is read, verb, kind, target and state are
 * never NULL. */
typedef struct signet_write_row {
  int64_t number; /* the store's own, ascending within the job in the order of
                     puts; 0 in a new row: filled by the put */
  const char *job;
  const char *verb;   /* "create", "update", "delete", "request" */
  const char *kind;   /* "sign", "template" */
  const char *target; /* the id; of a create "" until it is known */
  const char *before; /* JSON of the whole record, NULL: none or not read */
  const char *after;  /* JSON of the fields written, NULL: of a delete */
  const char *state;  /* "intent", "done", "failed" (refused), "unknown",
                         "unsent" (no effect), "drift" (changed by
                         somebody else meanwhile) */
  const char *answer; /* the new id of a create; "": the service said that it
                         was done, and told none; else NULL */
  const char *error_kind;
  const char *error_message;
  int64_t attempts;
  int64_t intended_ms;
  int64_t decided_ms; /* 0: not yet */
  /* By the service's clock, ms since 1970; 0: not known. */
  int64_t intended_at; /* negative: see account/recorder.h */
  int64_t sent_at;     /* of the last sending, at the latest; of an intent 0 */
} signet_write_row;

typedef struct signet_store signet_store;

/** Called for each row; false ends the reading early (which is no failure). */
typedef bool (*signet_job_row_fn)(void *user, const signet_job_row *row);
typedef bool (*signet_write_row_fn)(void *user, const signet_write_row *row);

/** What a job may have lost. */
typedef struct signet_store_loss {
  bool lost;
  int64_t accepted_ms; /* since 1970; 0: nobody has yet */
  int64_t commits;     /* at least, of all jobs; 0: not counted */
  int64_t after_ms;    /* when the last one was put that is left; 0: unknown */
} signet_store_loss;

/** Room for what a job notes of its last sending: see note(). */
enum { SIGNET_STORE_NOTE_SIZE = 80 };

/** What a kind of store must do for an account that is open. */
typedef struct signet_store_operations {
  /* ---- changing ---- */

  /* Adds a job, or replaces the one of that id; no script: it keeps its own. */
  bool (*put_job)(signet_store *store, const signet_job_row *row,
                  signet_error *error);
  /* Adds a write (number 0, which is filled), or changes target, state,
   * answer, error, attempts, decided_ms and sent_at of the job's with that
   * number. */
  bool (*put_write)(signet_store *store, signet_write_row *row,
                    signet_error *error);
  /* Keeps a named JSON value of a job. */
  bool (*put_step)(signet_store *store, const char *job, const char *name,
                   const char *value, signet_error *error);
  /* Makes everything put so far durable, and waits for it. */
  bool (*commit)(signet_store *store, signet_error *error);
  /* Begins to make everything put so far durable. `ended` is called once, from
   * any thread and perhaps before this returns, when it is, or can't be; it may
   * do no more than pass that on, and is not called after close. One commit at
   * a time: the end of this one is to be asked for before the next is begun.
   * @return false: it isn't called */
  bool (*begin_commit)(signet_store *store, void (*ended)(void *user),
                       void *user, signet_error *error);
  /* Waits for the commit that was begun, if it must. @return whether all that
   * was put before it is durable */
  bool (*end_commit)(signet_store *store, signet_error *error);
  /* Takes over all that another one of the same account holds, which was opened
   * to be read, and sets that aside. After a crash between the two it can be
   * done again. @return false: nothing was taken over */
  bool (*take_over)(signet_store *store, const signet_store *other,
                    signet_error *error);

  /* ---- reading ---- */

  /* Jobs, the newest first; `prefix` NULL: all, else ids that begin so. */
  bool (*each_job)(signet_store *store, const char *prefix,
                   signet_job_row_fn function, void *user, signet_error *error);
  /* Writes of a job in the order of their numbers. */
  bool (*each_write)(signet_store *store, const char *job,
                     signet_write_row_fn function, void *user,
                     signet_error *error);
  /* *value: memory of signet_memory_*, to be freed; NULL: no such step. */
  bool (*get_step)(signet_store *store, const char *job, const char *name,
                   char **value, signet_error *error);
  /* *text: so, too, of the job's script; NULL: it has none, or there is no such
   * job. A plan's is large. */
  bool (*get_script)(signet_store *store, const char *job, char **text,
                     signet_error *error);

  /* ---- what was lost ---- */

  /* Whether the store lost what was committed to it. It can be read then, and
   * changes are refused. *error says so. */
  bool (*damage)(signet_store *store, signet_error *error);
  /* Goes on with what is left, and notes with the jobs that may have lost
   * something that it did. Without damage it does nothing. @return false: that
   * could not be noted */
  bool (*accept)(signet_store *store, signet_error *error);
  /* What a job may have lost; `running`: its row says that it runs. */
  bool (*get_loss)(signet_store *store, const char *job, bool running,
                   signet_store_loss *loss, signet_error *error);

  /* ---- who holds it ----
   * What a job tells of itself decides nothing about the lock, and where it
   * can't be told nothing is lost. */

  /* Which job it is that opened the store: its id, type, name and account. */
  void (*tell_holder)(signet_store *store, const signet_job_running *self);
  /* What that job has done by now, and what it waits for. */
  void (*tell)(signet_store *store, int64_t writes,
               const signet_job_counts *counts, const char *waits);
  /* A line about its last sending, which outlives it: an intent may have waited
   * for long before it was sent. */
  void (*note)(signet_store *store, const char *note);
  /* The last note of the holder before, if that came to no end: before this one
   * tells who it is. `job` and `note` have room for an id and a note.
   * @return false: there is none */
  bool (*former_note)(const signet_store *store, char *job, char *note);
  /* The job is going to close the store. `job`: it came to no end, so its note
   * stays; NULL: it did, or kept nothing. */
  void (*leave)(signet_store *store, const char *job);
  /* Of a store that was opened to be read: whether a job held it then.
   * *holder: what that had told; id "": it isn't known which one. */
  bool (*held_by)(const signet_store *store, signet_job_running *holder);

  void (*close)(signet_store *store);
} signet_store_operations;

struct signet_store {
  const signet_store_operations *operations;
  const char *name; /* of what is kept for this account: a file, say */
};

/** Called for each account: with its store, opened to be read and closed after
 * the call, or without one, and with the reason. @return false: that's enough
 */
typedef bool (*signet_store_fn)(void *user, signet_store *store,
                                const char *name, const signet_error *problem);

/** A kind of store, and how the accounts in one are found. `place` is what
 * stands behind the URL's scheme. The functions are those below. */
typedef struct signet_store_kind {
  const char *scheme;
  signet_store *(*open)(const char *place, const char *account,
                        signet_job_running *held_by, signet_error *error);
  signet_store *(*read)(const char *place, const char *account,
                        signet_error *error);
  bool (*each)(const char *place, signet_store_fn function, void *user,
               signet_error *error);
  bool (*holder)(const char *name, signet_job_running *holder);
  bool in_folder; /* a place is a folder of this machine */
} signet_store_kind;

/** The folder that a URL names; NULL: none. Part of @p url. */
const char *signet_store_folder(const char *url);

/**
 * Opens what is kept for an account, made if it isn't there, for this process
 * alone. Only the thread that opened it may call it.
 * @param account  dialect, base URL and key, see account/identity.h
 * @param held_by  where another one has it (SIGNET_ERROR_LOCKED): which, as far
 *                 as that has told; id "": it isn't known
 * @return NULL: @p error says why
 */
signet_store *signet_store_open(const char *url, const char *account,
                                signet_job_running *held_by,
                                signet_error *error);

/**
 * Reads what is kept for an account as it is now, beside a job that may be
 * writing to it and without being in its way. What that commits from now on is
 * not seen. Changes are refused.
 * @return NULL: @p error says why; SIGNET_ERROR_NOT_FOUND: nothing is kept
 */
signet_store *signet_store_read(const char *url, const char *account,
                                signet_error *error);

/** Reads, so, too, what is kept for each account. @return false: they can't be
 * listed, @p error */
bool signet_store_each(const char *url, signet_store_fn function, void *user,
                       signet_error *error);

/** Which job has a store of that name, as that has told. @return false: none,
 * or it isn't known */
bool signet_store_holder(const char *name, signet_job_running *holder);

#endif
