/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_RESTS_H
#define SIGNET_ACCOUNT_RESTS_H

/* Judging a write by what its entry is now. Each function that answers false,
 * or true for signet_rests_unchanged() and signet_rests_refuse(), has ended the
 * call. */

#include "account/call.h"

/** A list with the one record of that JSON. NULL: it is no record, or out of
 * memory. */
signet_list *signet_record_list(signet_kind kind, const char *json);

/** Completes the fields of a template's update. @return false: it can't be */
bool signet_rests_complete(signet_call *call, const signet_record *now);
/** Ends an update as done that would change nothing, unless the account sends
 * these. @return whether it did */
bool signet_rests_unchanged(signet_call *call, const signet_record *now);
/** Whether the entry still is what was seen of it: its content and status. */
bool signet_rests_holds(const signet_call *call, const signet_record *seen,
                        const signet_record *now);
/** Ends a write with SIGNET_ERROR_CONFLICT where the entry is not what was seen
 * of it. @param read_ms  when it was, -1: the caller says what it expects
 * @return whether it did */
bool signet_rests_refuse(signet_call *call, const signet_record *seen,
                         const signet_record *now, int64_t read_ms);

/** An entry that was changed after the job had decided what to write to it, in
 * an earlier run, is a conflict.
 * @param read  this run has read it before. @return whether it is */
bool signet_rests_refuse_outdated(signet_call *call, const signet_record *now,
                                  bool read);

#endif
