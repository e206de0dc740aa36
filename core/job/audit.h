/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_AUDIT_H
#define SIGNET_JOB_AUDIT_H

/*
 * The inside of an audit: the last write to each entry, against what the
 * service shows. What is shown may lag behind, so a contradiction is looked at
 * again before it counts.
 *
 *   audit.c          its life: looks, pauses, its end
 *   audit_compare.c  the last writes, and what a look says of them
 *   audit_changed.c  what somebody else has changed since
 *   audit_tell.c     what becomes of a contradiction
 */

#include "account/call.h"
#include "account/details.h"
#include "job/audit.h"
#include "job/job.h"
#include "net/post.h"

/* Looks until a contradiction counts. So many entries are read one by one when
 * they are looked at again; more of them take a list. */
enum { SIGNET_AUDIT_LOOKS = 3, SIGNET_AUDIT_FEW = 16 };

/** The last write to an entry, which decides what it must look like now. */
typedef struct signet_last_write {
  char id[SIGNET_ID_SIZE]; /* "": a free slot */
  signet_kind kind;
  signet_verb verb;
  bool done;
  bool doubted; /* the last look contradicts it */
  bool former;  /* what it shows was there before a write of the job */
  int64_t number;
  uint64_t after;              /* a hash of what was written */
  const signet_record *record; /* in the last look; NULL: it isn't there */
} signet_last_write;

struct signet_audit {
  signet_audit *next; /* of the job */
  signet_job *job;
  signet_account *account;
  signet_audit_fn done;
  void *user;
  signet_error error; /* of what went wrong */
  signet_post post;
  signet_timer *timer;
  unsigned looks;        /* that were begun */
  size_t running;        /* calls of the present one */
  bool journal_read;     /* the last writes are known */
  bool compared;         /* the present look was */
  bool judged;           /* one was: `doubted` says what it contradicts */
  signet_call *lists[2]; /* NULL: that kind isn't looked at by a list */
  signet_call *entries[2 * SIGNET_AUDIT_FEW];
  size_t entry_count;
  signet_details *details; /* what the list shows less of, being read … */
  signet_list *whole;      /* … and as it was read; NULL: nothing */

  signet_last_write *writes; /* a table by entry */
  size_t capacity;           /* a power of two, or 0 */
  size_t used;
  bool memory;  /* it ran out while the journal was read */
  int64_t last; /* the highest number of a write … */
  int64_t open; /* … and the lowest of one that isn't decided; 0: none */
};

/** Learns which writes earlier runs have compared: how they look by now is the
 * doing of somebody else, and no contradiction. @return false: @p error */
bool signet_audit_recall(signet_job *job, signet_error *error);

/** The account is being closed: audits that look at it come to their end. */
void signet_audit_lose_account(signet_job *job, const signet_account *account);

#endif
