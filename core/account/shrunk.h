/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_SHRUNK_H
#define SIGNET_ACCOUNT_SHRUNK_H

/*
 * Lists that show far fewer entries than there must be. A service under load
 * may answer with an empty list, or with a part of it, and who takes that for
 * the account decides wrongly for all that is missing. So a list is compared
 * with the last one, of this run or an earlier one, without what was deleted
 * since. What is missing must be more than a quarter of that and ten entries
 * at least. Such a list is asked for again, and refused if it stays so, unless
 * the account's options say that it may shrink.
 */

#include "account/call.h"

/** How many entries of a kind there must be, as far as is known. */
typedef struct signet_seen {
  int64_t count; /* of the last list, less those deleted since */
  int64_t at_ms; /* when that was, Unix ms; 0: it isn't known */
  bool open;     /* a run that ended early may have deleted more of them */
} signet_seen;

/** Looks before a short list counts; pauses are those of settling. */
enum { SIGNET_SHORT_LOOKS = 3 };

/** Whether a list of so many entries (-1: unknown) is far too short. */
bool signet_shrunk_is(const signet_account *account, signet_kind kind,
                      int64_t listed);
/** The sentence that refuses a list of so many entries. */
void signet_shrunk_refuse(const signet_account *account, signet_kind kind,
                          int64_t listed, signet_error *error);
/** The pause before the look of that number, from 1. */
int64_t signet_shrunk_pause(const signet_account *account, unsigned look);
/** A list of so many entries was taken for what there is. */
void signet_shrunk_note(signet_account *account, signet_kind kind,
                        int64_t listed);
/** A delete took effect, or may have: it explains that a list is shorter. */
void signet_shrunk_note_delete(signet_account *account, signet_kind kind);
/** So does one of the earlier run that this one goes on with, where that ended
 * before it could say how many are left. */
void signet_shrunk_note_earlier(signet_account *account, signet_kind kind);

#endif
