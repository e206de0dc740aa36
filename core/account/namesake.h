/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_NAMESAKE_H
#define SIGNET_ACCOUNT_NAMESAKE_H

/*
 * Names of signatures are unique. Where the service refuses one because it
 * exists already, one look at the list, for everybody who was refused, tells
 * which signature holds it. Where the account has deleted that one itself, its
 * name may come free late: the write is sent again some times.
 */

#include "account/call.h"

/** Takes over a call whose write was refused, if it is about a name that is
 * taken. @return false: it isn't, and the call may end */
bool signet_namesake_begin(signet_call *call);
/** Remembers the name that a deleted signature had. */
void signet_namesake_note_delete(const signet_call *call);
void signet_namesake_open(signet_account *account);
/** Once every call has ended. */
void signet_namesake_close(signet_account *account);

#endif
