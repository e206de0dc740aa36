/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_MEMO_H
#define SIGNET_JOB_MEMO_H

/* What a job did in earlier runs, to be answered instead of done again. A
 * write is known by a digest of its operation, target and content; equal ones
 * are answered in the order in which they were done. An update of a template
 * may name some fields only and is completed from the entry, so that its
 * digest leaves the content out, and the fields are looked up in what was
 * written. */

#include "signet/record.h"

typedef enum signet_memo_state {
  SIGNET_MEMO_DONE,    /* it took effect */
  SIGNET_MEMO_REFUSED, /* a complete reply said no */
  SIGNET_MEMO_DRIFT,   /* somebody else changed the entry meanwhile */
  SIGNET_MEMO_UNKNOWN  /* it can't be told, so it isn't sent again */
} signet_memo_state;

typedef struct signet_memo_entry {
  uint64_t digest[2];
  struct signet_memo_entry *next; /* of the same bucket, in order */
  signet_memo_state state;
  bool used;
  int64_t number; /* of the write in the journal */
  char answer[24];
  signet_error_kind kind; /* of a refusal, with its message, owned */
  char *message;
  char *after; /* JSON of what was written, where the digest leaves it out */
} signet_memo_entry;

typedef struct signet_memo {
  signet_memo_entry **first; /* buckets, with their ends */
  signet_memo_entry **last;
  size_t capacity;
  size_t count;
} signet_memo;

/** Whether the content of such writes is compared, not part of the digest. */
bool signet_memo_compares(const char *verb, const char *kind);
/** The digest of a write. @param after may be NULL
 * @return false: out of memory, and `digest` is of no use */
bool signet_memo_digest(const char *verb, const char *kind, const char *target,
                        const char *after, uint64_t digest[2]);
/** The digest of a text of some type, byte for byte. */
void signet_memo_digest_text(const char *type, const char *text,
                             uint64_t digest[2]);
/** @param after  what was written, kept where it is to be compared
 * @return false: out of memory */
bool signet_memo_add(signet_memo *memo, const uint64_t digest[2],
                     signet_memo_state state, int64_t number,
                     const char *answer, const char *after);
/** The same for a write that was refused. @param message  copied */
bool signet_memo_add_refusal(signet_memo *memo, const uint64_t digest[2],
                             int64_t number, signet_error_kind kind,
                             const char *message, const char *after);
/** Takes the first unused entry of that digest. @param fields  what is asked
 * for, where it is to be compared. @param taken  set to NULL: there is none
 * @return false: out of memory. Whoever took that for none would send the write
 * a second time. */
bool signet_memo_take(signet_memo *memo, const uint64_t digest[2],
                      const signet_fields *fields,
                      const signet_memo_entry **taken);
void signet_memo_free(signet_memo *memo);

#endif
