/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_SQLITE_H
#define SIGNET_JOB_STORE_SQLITE_SQLITE_H

/* The parts of the SQLite store: the file, the connection, the log, the rows.
 */

#include "job/store/sqlite/chain.h"
#include "job/store/sqlite/damage.h"
#include "job/store/sqlite/file.h"
#include "job/store/sqlite/folder.h"
#include "job/store/sqlite/snapshot.h"
#include "job/store/sqlite/writer.h"
#include "model/buffer.h"

#include <sqlite3.h>
#include <sys/types.h>

/** How a journal was found. */
typedef struct signet_store_found {
  bool used; /* it was not closed after its last change */
  bool made; /* there was none */
  bool old;  /* an older version wrote it */
  signet_store_state state;
  int64_t lost;             /* commits, at least; 0: not counted */
  signet_store_break place; /* where its chain breaks */
} signet_store_found;

/**
 * Opens the file for this process alone, checks it and brings its schema up to
 * date. One whose log is damaged is left as it is.
 * @return NULL: @p error says why
 */
sqlite3 *signet_store_connect(const signet_store_file *file,
                              signet_store_found *found, signet_error *error);

/**
 * Opens the pages of a snapshot, as they are checked and brought up to date:
 * nothing is written to the file. They must stay until the connection is
 * closed.
 * @return NULL: @p error says why
 */
sqlite3 *signet_store_connect_snapshot(const signet_store_file *file,
                                       const signet_store_snapshot *snapshot,
                                       signet_store_found *found,
                                       signet_error *error);

/** Whether the first page of a database says that it has a log. */
bool signet_store_says_used(const unsigned char *page);

/** Notes in the file itself that it has a log, or needs none any more: a copy
 * that lacks the log is known by it. Once the log that says so is moved into
 * the file. @return a result code */
int signet_store_note_use(sqlite3 *database, bool used);
/** Moves the log into the file, all of it. @return a result code */
int signet_store_move_log(sqlite3 *database);

/** Brings the writes of a journal of version 1 into batches, within a
 * transaction. @return a result code */
int signet_store_migrate_rows(sqlite3 *database);

/** Fills @p error from a result code of SQLite. @return false */
bool signet_store_explain(sqlite3 *database, int code, const char *shown,
                          signet_error *error);

/** The write-ahead log of a connection. */
typedef struct signet_store_log {
  sqlite3 *database;
  int64_t page_size;
  int64_t pages;    /* in use after the last commit */
  int64_t size;     /* of the file, as far as it was made here */
  int64_t sequence; /* of the last batch that was committed */
  const char *journal;
  int mark; /* the file that says how far it has got, -1: none yet */
} signet_store_log;

/** Begins to watch the log, which must not move while it is watched. */
bool signet_store_log_open(signet_store_log *log, sqlite3 *database,
                           const char *journal);
void signet_store_log_close(signet_store_log *log);
/** After a commit: moves a long log into the file, and makes room in a short
 * one, so that the next commits change its content and not its size. */
void signet_store_log_tend(signet_store_log *log);

typedef enum signet_store_statement {
  SIGNET_STORE_BEGIN,
  SIGNET_STORE_COMMIT,
  SIGNET_STORE_FIND_JOB,
  SIGNET_STORE_LAST_BATCH,
  SIGNET_STORE_PUT_JOB,
  SIGNET_STORE_DROP_SCRIPT,
  SIGNET_STORE_PUT_SCRIPT,
  SIGNET_STORE_SIZE_SCRIPT,
  SIGNET_STORE_GET_SCRIPT,
  SIGNET_STORE_PUT_BATCH,
  SIGNET_STORE_PUT_STEP,
  SIGNET_STORE_GET_STEP,
  SIGNET_STORE_EACH_JOB,
  SIGNET_STORE_EACH_BATCH,
  SIGNET_STORE_STATEMENT_COUNT
} signet_store_statement;

/** Batches are kept under job << BITS | number, so that those of a job stand
 * together, in order. */
enum { SIGNET_STORE_BATCH_BITS = 32 };

/** How what the writer was asked for last came out: the writer's until it has
 * ended. */
typedef struct signet_store_change {
  bool good;
  signet_error error;
} signet_store_change;

typedef struct signet_sqlite_store {
  signet_store store; /* first: the interface's pointer is ours */
  signet_store_file file;
  pid_t owner;                    /* the process that opened it */
  bool reader;                    /* of the snapshot: nothing is changed, … */
  signet_store_snapshot snapshot; /* … and there is no writer */
  int share;                      /* the account's lock (share.c), -1: none */
  int holder;           /* the file that says who has it (holder.c), -1: none */
  signet_error failure; /* why it takes nothing more; SIGNET_OK: it does */
  int64_t job;          /* number of the last job looked up */
  char job_id[SIGNET_JOB_ID_SIZE]; /* its id, "": none yet */
  int64_t writes;                  /* the last number of its writes */
  int64_t batches;                 /* the same of its batches */
  signet_buffer fresh;    /* what its writes put since the last batch */
  signet_store_head head; /* of the chain, the batch that is put included */
  bool reading_jobs;
  bool reading_writes;
  bool committing; /* a commit was begun, and not asked for since */
  signet_store_found found;
  bool accepted; /* what is lost of a damaged log is given up */
  bool marked;   /* what was put says that the file has a log */
  bool noted;    /* the file itself says so */
  bool batched;  /* a batch is put, and not committed yet */

  /* From here on the writer's, while it works. */
  signet_writer writer;
  sqlite3 *database;
  sqlite3_stmt *statements[SIGNET_STORE_STATEMENT_COUNT];
  signet_store_log log;
  signet_buffer taken; /* the batch that is being put */
  int64_t taken_number;
  int64_t taken_last;
  int64_t taken_sequence;
  signet_store_change commit;
} signet_sqlite_store;

/** Opens the file, with a thread that changes it (sqlite.c). NULL: @p error */
signet_sqlite_store *signet_store_begin(const char *path, signet_error *error);
void signet_store_end(signet_sqlite_store *store);

/** What the writer does with what was taken (change.c); it leaves in the
 * store's commit how that came out. */
void signet_store_commit_taken(void *store);
/** The same without a commit. */
void signet_store_put_taken(void *store);

typedef struct signet_store_job_change {
  signet_sqlite_store *store;
  const signet_job_row *row;
} signet_store_job_change;

typedef struct signet_store_step_change {
  signet_sqlite_store *store;
  const char *name;
  const char *value;
} signet_store_step_change;

void signet_store_change_job(void *change);
void signet_store_change_step(void *change);

/** What every call asks first. @return false: @p error says why it takes
 * nothing more */
bool signet_store_alive(const signet_sqlite_store *store, signet_error *error);
/** After a change that failed, it and what was put with it are taken back.
 * @return false, @p error from the code */
bool signet_store_give_up(signet_sqlite_store *store, int code,
                          signet_error *error);
/** Fills @p error with what was lost. @return false */
bool signet_store_refuse_damage(const signet_sqlite_store *store,
                                signet_error *error);
/** Reads the chain and what it tells (loss.c). @return false: @p error */
bool signet_store_look_at_chain(signet_sqlite_store *store,
                                signet_error *error);
/** Begins the chain anew, after what came from elsewhere. For the writer.
 * @return a result code */
int signet_store_restart_chain(signet_sqlite_store *store);
/** Lets reads see what was put: waits for the writer. */
bool signet_store_flush(signet_sqlite_store *store, signet_error *error);
/** Looks a job up. @return false: @p error; *found false: there is none */
bool signet_store_find_job(signet_sqlite_store *store, const char *id,
                           bool *found, signet_error *error);

/** Prepares all statements (statement.c). @return false: @p error */
bool signet_store_prepare(signet_sqlite_store *store, signet_error *error);
void signet_store_finalize(signet_sqlite_store *store);

/** Fills a statement's parameters one after the other. */
typedef struct signet_store_binding {
  sqlite3_stmt *statement;
  int index; /* of the parameter that was filled last */
  int code;  /* of the first one that could not be */
} signet_store_binding;

/** Text is borrowed until the statement is left; NULL is stored as none. */
void signet_store_bind_text(signet_store_binding *binding, const char *text);
void signet_store_bind_bytes(signet_store_binding *binding, const void *bytes,
                             size_t length);
void signet_store_bind_number(signet_store_binding *binding, int64_t number);
/** The statement must leave nothing borrowed behind: neither text nor rows. */
void signet_store_leave(sqlite3_stmt *statement);

/** For the writer: runs a statement that has no rows.
 * @param bound  a result code of its parameters @return false: @p error */
bool signet_store_run(signet_sqlite_store *store, signet_store_statement which,
                      int bound, signet_error *error);
/** For the writer: keeps the text of a job; NULL: what is kept stays.
 * @return false: @p error (script.c) */
bool signet_store_put_script(signet_sqlite_store *store, const char *job,
                             const char *text, signet_error *error);

/** The text of the job that was looked up last.
 * @param text  set to it, to be freed; NULL: it has none @return a result code
 */
int signet_store_read_script(const signet_sqlite_store *store, char **text);

/** The writing half of the interface (put.c). */
bool signet_store_put_job(signet_store *store, const signet_job_row *row,
                          signet_error *error);
bool signet_store_put_write(signet_store *store, signet_write_row *row,
                            signet_error *error);
bool signet_store_put_step(signet_store *store, const char *job,
                           const char *name, const char *value,
                           signet_error *error);
bool signet_store_commit(signet_store *store, signet_error *error);
bool signet_store_begin_commit(signet_store *store, void (*ended)(void *user),
                               void *user, signet_error *error);
bool signet_store_end_commit(signet_store *store, signet_error *error);

/** The reading half of the interface (read.c). */
bool signet_store_each_job(signet_store *store, const char *prefix,
                           signet_job_row_fn function, void *user,
                           signet_error *error);
bool signet_store_each_write(signet_store *store, const char *job,
                             signet_write_row_fn function, void *user,
                             signet_error *error);
bool signet_store_get_step(signet_store *store, const char *job,
                           const char *name, char **value, signet_error *error);
bool signet_store_get_script(signet_store *store, const char *job, char **text,
                             signet_error *error);
bool signet_store_take_over(signet_store *store, const signet_store *other,
                            signet_error *error);

/** What was lost (loss.c). */
bool signet_store_damage(signet_store *store, signet_error *error);
bool signet_store_accept(signet_store *store, signet_error *error);
bool signet_store_get_loss(signet_store *store, const char *job, bool running,
                           signet_store_loss *loss, signet_error *error);

/** Who has the journal (holder.c); of a reader, who had it. */
void signet_store_tell_holder(signet_store *store,
                              const signet_job_running *self);
void signet_store_tell(signet_store *store, int64_t writes,
                       const signet_job_counts *counts, const char *waits);
void signet_store_note(signet_store *store, const char *note);
bool signet_store_former_note(const signet_store *store, char *job, char *note);
void signet_store_leave_holder(signet_store *store, const char *job);
bool signet_store_held_by(const signet_store *store,
                          signet_job_running *holder);
/** All of the interface but how it is closed. */
#define SIGNET_STORE_OPERATIONS                                                \
  .put_job = signet_store_put_job, .put_write = signet_store_put_write,        \
  .put_step = signet_store_put_step, .commit = signet_store_commit,            \
  .begin_commit = signet_store_begin_commit,                                   \
  .end_commit = signet_store_end_commit, .take_over = signet_store_take_over,  \
  .each_job = signet_store_each_job, .each_write = signet_store_each_write,    \
  .get_step = signet_store_get_step, .get_script = signet_store_get_script,    \
  .damage = signet_store_damage, .accept = signet_store_accept,                \
  .get_loss = signet_store_get_loss, .tell_holder = signet_store_tell_holder,  \
  .tell = signet_store_tell, .note = signet_store_note,                        \
  .former_note = signet_store_former_note, .leave = signet_store_leave_holder, \
  .held_by = signet_store_held_by

#endif
