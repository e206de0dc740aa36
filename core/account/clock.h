/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_CLOCK_H
#define SIGNET_ACCOUNT_CLOCK_H

/* What an account knows of the service's time, and what it tells people. */

#include "signet/account.h"

/** Takes the service's time, in Unix seconds, from a reply that came after
 * @p taken_ms. */
void signet_account_note_date(signet_account *account, int64_t date,
                              int64_t taken_ms);
/** The service's Unix milliseconds, by this machine's clock where its own is
 * not known: to show, and for nothing that depends on it. */
int64_t signet_account_time(const signet_account *account);
/** Tells a person something, if somebody listens. */
void signet_account_notify(signet_account *account, const char *text);

#endif
