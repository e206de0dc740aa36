/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_WAL_H
#define SIGNET_JOB_STORE_SQLITE_WAL_H

/*
 * A write-ahead log as bytes: sqlite.org/fileformat2.html, "The Write-Ahead
 * Log". SQLite takes its frames up to the last commit before the first one that
 * does not fit, and so does this.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  SIGNET_STORE_WAL_HEADER = 32,
  SIGNET_STORE_WAL_FRAME = 24, /* the head of one */
  SIGNET_STORE_WAL_PAGE_MAXIMUM = 65536
};

/** A log that is being read: set either source, and the rest to zeros. */
typedef struct signet_store_wal {
  int file;                   /* the log … */
  const unsigned char *bytes; /* … or what it held, unless NULL … */
  size_t size;                /* … and how much of that */
  uint32_t page;              /* the size of one */
  uint32_t salt[2];           /* of this log */
  int64_t frames;             /* that fit */
  int64_t committed;          /* those up to the last commit */
  bool begins;                /* its head fits */
  bool big_endian;            /* how the words of the sums are read */
  uint32_t sum[2];
  unsigned char frame[SIGNET_STORE_WAL_FRAME + SIGNET_STORE_WAL_PAGE_MAXIMUM];
} signet_store_wal;

/** Reads all frames that fit. @return false: this begins no log */
bool signet_store_wal_read(signet_store_wal *wal);
/** How many commits stand behind the last one that fits, at least. */
int64_t signet_store_wal_lost(signet_store_wal *wal);
/** Removes what a commit that was cut short left behind the last one: another
 * one that is cut short would not cover all of it, and the rest would look as
 * if it followed a lost commit. The file must be open for writing. */
void signet_store_wal_clear_rest(signet_store_wal *wal);
/** Reads a frame that fits. @param number  set to its page's, from 1
 * @param pages  set to how many the file has after it, if it is a commit, else
 *               to 0
 * @return the page's bytes, borrowed until the next one is read */
const unsigned char *signet_store_wal_frame(signet_store_wal *wal,
                                            int64_t index, uint32_t *number,
                                            uint32_t *pages);

#endif
