/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_CHAIN_H
#define SIGNET_JOB_STORE_SQLITE_CHAIN_H

/*
 * The batches of a journal are a chain, whatever jobs they are of: each one has
 * the number and the digest of the one before (batch.h). What the
 * database itself can't tell is found here: a batch that is missing, or is not
 * the one that was put.
 *
 * Batches of the job 0, which is none, end what is checked: what came before
 * them was accepted, or came from another journal.
 */

#include "job/store/sqlite/batch.h"

#include <sqlite3.h>

/** The last batch of a chain. */
typedef struct signet_store_head {
  int64_t sequence; /* 0: there is none */
  int64_t number;
  int64_t put_ms;
  uint64_t digest[2];
} signet_store_head;

/** Where a chain breaks. */
typedef struct signet_store_break {
  int64_t number; /* of the batch that is missing or is another; 0: none is */
  bool missing;
} signet_store_break;

/** Reads all batches. @param found  the first one that doesn't fit
 * @return a result code of SQLite */
int signet_store_read_chain(sqlite3 *database, signet_store_head *head,
                            signet_store_break *found);

/** What the next batch says of the head. */
signet_batch_link signet_store_next_link(const signet_store_head *head,
                                         int64_t put_ms);
/** The batch that was given that link is the head now. */
void signet_store_set_head(signet_store_head *head,
                           const signet_batch_link *link, int64_t number,
                           const signet_buffer *content);

#endif
