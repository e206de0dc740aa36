/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_SQLITE_H
#define SIGNET_JOB_STORE_SQLITE_SQLITE_H

/*
 * The inside of a SQLite store.
 *
 *   folder.c     journals in a folder: one file for each account
 *   file.c       the path, and what lies beside it
 *   connect.c    the connection: checked, and of today's schema
 *   log.c        the write-ahead log; wal.c reads it by itself
 *   damage.c     whether a log is whole
 *   snapshot.c   a copy of the pages, for readers
 *   writer.c     the thread that changes the file; change.c is what it does
 *   put.c        the writing half of the interface; batch.c packs what is put
 *   read.c       the reading half
 *   chain.c      how each batch names the one before it
 *   loss.c       what a broken chain says that was lost
 *   hold.c       who has the journal; holder.c is the file that says so
 */

#include "job/store/sqlite/chain.h"
#include "job/store/sqlite/connect.h"
#include "job/store/sqlite/log.h"
#include "job/store/sqlite/writer.h"
#include "job/store/store.h"
#include "model/buffer.h"

#include <sqlite3.h>
#include <sys/types.h>

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

/** Opens the file, with a thread that changes it. NULL: @p error */
signet_sqlite_store *signet_store_begin(const char *path, signet_error *error);
void signet_store_end(signet_sqlite_store *store);

#endif
