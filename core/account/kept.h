/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_KEPT_H
#define SIGNET_ACCOUNT_KEPT_H

/* What an account has read of its entries, and for how long that is believed:
 * what is read again before a write, see fresh.h. */

#include "account/call.h"

/** Whether images grow old: a copy belongs to nobody else. */
bool signet_kept_grows_old(const signet_account *account);
/** Whether what was read then isn't believed any more. */
bool signet_kept_is_old(const signet_account *account, int64_t read_ms);
/** Keeps what was delivered to the caller. */
void signet_kept_add(signet_account *account, signet_kind kind,
                     signet_list *list, int64_t read_ms);
/** The entry is written: nothing that was read of it counts any more. */
void signet_kept_forget(signet_account *account, signet_kind kind,
                        const char *id);
/** It has been written by now: a list that was begun before says nothing. */
void signet_kept_note_write(signet_account *account, signet_kind kind,
                            const char *id);
/** Frees the last lists, which nobody needs for a while. */
void signet_kept_drop(signet_account *account);

#endif
