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
  SIGNET_MEMO_UNKNOWN, /* the outcome is not known, so it isn't sent again */
  SIGNET_MEMO_UNSENT,  /* it had no effect, and may be sent again */
  SIGNET_MEMO_AGAIN    /* it shows no effect, and is sent again as the same */
} signet_memo_state;

typedef struct signet_memo_entry {
  uint64_t digest[2];
  struct signet_memo_entry *next; /* of the same bucket, in order */
  signet_memo_state state;
  struct signet_memo_entry *next_of_entry; /* of the same bucket by target */
  bool used;
  bool looked;    /* this run has read the entry … */
  bool as_before; /* … and found it as it was before a write without effect */
  bool named;     /* it is known what it is about: */
  bool raw;       /* a request, to an entry */
  signet_verb verb;
  signet_kind kind;
  char target[24]; /* of a create "" */
  int64_t number;  /* of the write in the journal */
  char answer[24];
  signet_error_kind refusal; /* why it was refused, with its message, owned */
  char *message;
  char *after;  /* JSON of what was written, where the digest leaves it out */
  char *wrote;  /* so, of one that was done, else */
  char *before; /* JSON of the entry, as one that is sent again rests on it */
  char *was;    /* so, before one that took effect, or may have */
  int64_t decided_ms;  /* when that was known, Unix ms */
  int64_t attempts;    /* of one that is sent again: how often it was … */
  int64_t intended_at; /* … and since when, by the service's clock; 0: unknown;
                          of one that was done, too */
} signet_memo_entry;

typedef struct signet_memo {
  signet_memo_entry **first; /* buckets, with their ends */
  signet_memo_entry **last;
  signet_memo_entry **targets; /* buckets by kind and target */
  size_t capacity;
  size_t count;
  size_t unsent;    /* of them, those that may be sent again */
  size_t unclaimed; /* of them, those that were not taken */
} signet_memo;

/** Whether the content of such writes is compared, not part of the digest. */
bool signet_memo_compares(signet_verb verb, signet_kind kind);
/** The digest of a write. @param after may be NULL
 * @return false: out of memory, and `digest` is of no use */
bool signet_memo_digest(signet_verb verb, signet_kind kind, const char *target,
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
/** The same for a write that is sent again. */
bool signet_memo_add_again(signet_memo *memo, const uint64_t digest[2],
                           int64_t number, int64_t attempts,
                           int64_t intended_at);
/** Says what the entry that was added last is about. */
void signet_memo_name(signet_memo *memo, const uint64_t digest[2],
                      signet_verb verb, signet_kind kind, const char *target);
/** Keeps what the entry that was added last rests on; @p before may be NULL.
 * @return false: out of memory */
bool signet_memo_rest(signet_memo *memo, const uint64_t digest[2],
                      const char *before);
/** Keeps what the entry that was added last, which was done, wrote: @p wrote
 * may be NULL. @return false: out of memory */
bool signet_memo_done(signet_memo *memo, const uint64_t digest[2],
                      const char *wrote);
/** Says that the entry that was added last is a raw request to an entry.
 * @param wrote  JSON of the fields; NULL: not known. @return false: memory */
bool signet_memo_name_raw(signet_memo *memo, const uint64_t digest[2],
                          signet_kind kind, const char *target,
                          const char *wrote);
/** Keeps what the entry that was added last has changed, and when. @p was may
 * be NULL. @return false: out of memory */
bool signet_memo_changed(signet_memo *memo, const uint64_t digest[2],
                         const char *was, int64_t intended_at,
                         int64_t decided_ms);
/** The last write to that entry that took effect, a delete apart; NULL: there
 * is none. */
const signet_memo_entry *signet_memo_wrote(const signet_memo *memo,
                                           signet_kind kind, const char *id);
/** JSON of the fields that it wrote; NULL: not known. */
const char *signet_memo_content(const signet_memo_entry *entry);
/** The first write to that entry that took effect, or may have, and comes after
 * all that this run has taken; NULL: there is none. */
const signet_memo_entry *signet_memo_next(const signet_memo *memo,
                                          signet_kind kind, const char *id);
/** The last write to that target; NULL: an earlier run wrote none, nor tried.
 */
const signet_memo_entry *signet_memo_last(const signet_memo *memo,
                                          signet_kind kind, const char *target);
/** An entry about that target that was not taken, one that was done before any
 * other; NULL: there is none. */
const signet_memo_entry *signet_memo_find_entry(const signet_memo *memo,
                                                signet_kind kind,
                                                const char *target);
/** A write to that target that had no effect and was not taken; NULL: none. */
signet_memo_entry *signet_memo_unsent(const signet_memo *memo, signet_kind kind,
                                      const char *target);
/** This run has read that target. */
void signet_memo_look(signet_memo *memo, signet_kind kind, const char *target);
/** Calls for every entry that was not taken. */
void signet_memo_each_unclaimed(
    const signet_memo *memo,
    void (*function)(void *user, const signet_memo_entry *entry), void *user);
/** Takes the first unused entry of that digest, one that is to be sent again
 * only where there is no other. @param fields  what is asked
 * for, where it is to be compared. @param taken  set to NULL: there is none
 * @return false: out of memory. Whoever took that for none would send the write
 * a second time. */
bool signet_memo_take(signet_memo *memo, const uint64_t digest[2],
                      const signet_fields *fields,
                      const signet_memo_entry **taken);
/** Whether this run has asked for a write of that digest: then an entry that
 * had no effect is an earlier attempt of it. */
bool signet_memo_is_repeated(const signet_memo *memo,
                             const signet_memo_entry *entry);
void signet_memo_free(signet_memo *memo);

#endif
