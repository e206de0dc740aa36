/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_PROTECT_H
#define SIGNET_ACCOUNT_PROTECT_H

/* Entries that the account's options protect are never changed, whatever a
 * program asks for. */

#include "account/call.h"

/** Ends a write to an entry whose id is protected, and a raw PUT or DELETE
 * where anything is. @return whether it was ended */
bool signet_protect_refuse_id(signet_call *call);

/** Ends a write to an entry whose name is protected. @param before  the entry
 * as it is. @return whether it was ended */
bool signet_protect_refuse_name(signet_call *call, const signet_record *before);

/** Whether an entry is protected; `reason` gets the sentence's end that says by
 * what. */
bool signet_protect_entry(const signet_account *account, signet_kind kind,
                          const char *id, const signet_record *record,
                          char *reason, size_t size);

/** The kind of entry that a raw request seems to be about. @return false: none
 */
bool signet_request_entry(const signet_call *call, signet_kind *kind);

#endif
