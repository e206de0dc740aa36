/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_BATCH_H
#define SIGNET_JOB_STORE_SQLITE_BATCH_H

/*
 * What one commit says about the writes of a job, as bytes: any number of
 * writes, as they were intended, and of outcomes. A row of a database for each
 * of them would cost more than everything else about a write.
 *
 * An item is a letter and its fields. A number is in the base-128
 * form, the lowest seven bits first and the top bit set in all bytes but the
 * last, signs folded in (0, -1, 1, -2 are 0, 1, 2, 3). A text is the number of
 * its bytes and one more (0: there is none), its bytes, and a NUL.
 *
 *   W number verb kind target before after state answer error_kind
 *     error_message attempts intended_ms decided_ms
 *   O number target state answer error_kind error_message attempts decided_ms
 *
 * Where the service's time is known, the letter is V or P, and what W or O is
 * followed by ends with one more number: intended_at, or sent_at.
 *
 * A batch begins with its link to the batch that was put before it, whatever
 * job that is of: C, and numbers of eight bytes each, the highest first. So a
 * batch that is missing, or is not the one that was put, is found. Batches of
 * older journals have none.
 */

#include "job/store/store.h"
#include "model/buffer.h"

/** Appends a write; @p out remembers what did not fit. */
void signet_batch_add_write(signet_buffer *out, const signet_write_row *row);
/** Appends what became of the write of that number. */
void signet_batch_add_outcome(signet_buffer *out, const signet_write_row *row);

/** What a batch says of itself and of the one before. */
typedef struct signet_batch_link {
  int64_t sequence;   /* from 1, in the order of commits */
  int64_t put_ms;     /* since 1970 */
  int64_t before;     /* number of the batch before, 0: this is the first */
  uint64_t digest[2]; /* of that */
} signet_batch_link;

enum { SIGNET_BATCH_LINK_SIZE = 41 };

/** Makes room for the link in an empty batch. */
void signet_batch_reserve_link(signet_buffer *out);
/** Fills that room. @p out must not be empty, nor have failed */
void signet_batch_fill_link(signet_buffer *out, const signet_batch_link *link);
/** The link that a batch begins with. @return false: it has none */
bool signet_batch_read_link(const char *content, size_t length,
                            signet_batch_link *link);
/** The digest of a batch under its number, link and all. */
void signet_batch_digest(int64_t number, const char *content, size_t length,
                         uint64_t digest[2]);

typedef enum signet_batch_item {
  SIGNET_BATCH_END,
  SIGNET_BATCH_WRITE,
  SIGNET_BATCH_OUTCOME,
  SIGNET_BATCH_LINK,
  SIGNET_BATCH_DAMAGED /* these are no items, or not whole ones */
} signet_batch_item;

/** What is left to be read of a batch. */
typedef struct signet_batch {
  const char *at;
  const char *end;
} signet_batch;

/** Takes the next item, whose texts are borrowed from the batch. An outcome
 * fills its own fields only, so it can be laid over its write. */
signet_batch_item signet_batch_next(signet_batch *batch, signet_write_row *row);

#endif
