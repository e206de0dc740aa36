/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_PROTECT_H
#define SIGNET_ACCOUNT_PROTECT_H

/* Entries that the account's options protect are never changed, whatever a
 * program asks for. */

#include "account/call.h"

/** Ends a write to an entry whose id is protected, and a raw PUT or DELETE
 * where anything is. @return whether it was ended */
bool signet_protect_refuse_id(signet_call *call);

/** Whether the entry must be read to know whether it is protected. */
bool signet_protect_reads(const signet_call *call);

/** Ends a write to an entry that is protected by what it is: its name, or, of a
 * template that is to be deleted, its signature. @param before  the entry as it
 * is. @return whether it was ended */
bool signet_protect_refuse_entry(signet_call *call,
                                 const signet_record *before);

#endif
