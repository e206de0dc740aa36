/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_OWN_H
#define SIGNET_ACCOUNT_OWN_H

/*
 * What this account has written a moment ago. Lists and entries may lag behind
 * it: an approval from before a write is none of what was written, and an entry
 * as it was before is nobody's edit. A record shows the write if a field that
 * the write has changed is as written, or if its time is later than both what
 * was there before and the intent. What shows nothing of it for ten seconds is
 * believed.
 */

#include "account/call.h"

typedef struct signet_own_write signet_own_write;

/** The last write to each entry, of the last seconds. */
typedef struct signet_own {
  signet_own_write **slots; /* by id; NULL: nothing was written yet */
  signet_own_write *first;  /* the oldest */
  signet_own_write *last;
  size_t count;
} signet_own;

typedef enum signet_own_view {
  SIGNET_OWN_SHOWN, /* or nothing was written */
  SIGNET_OWN_LAGS,  /* it is to be looked at again */
  SIGNET_OWN_NEVER  /* it was looked at for long enough */
} signet_own_view;

/** What the entry was before its write, which is about to be intended. */
void signet_own_note_before(signet_call *call, const signet_record *before);
/** A write has come to its end. */
void signet_own_note(const signet_call *call);
/** A write is answered, which an earlier run has done.
 * @param before       the entry; NULL: unknown
 * @param intended_at  by the service's clock; not above 0: unknown
 * @param age_ms       since it was done */
void signet_own_note_earlier(signet_call *call, const signet_record *before,
                             int64_t intended_at, int64_t age_ms);
/** What a record shows of what was written to its entry last. @param record
 * NULL: the entry isn't shown at all */
signet_own_view signet_own_look(signet_account *account, signet_kind kind,
                                const char *id, const signet_record *record);
bool signet_own_lags(signet_account *account, signet_kind kind, const char *id,
                     const signet_record *record);
/** Whether it was written so short a time ago that entries may lag. */
bool signet_own_is_recent(const signet_account *account, signet_kind kind,
                          const char *id);
void signet_own_free(signet_account *account);

#endif
