/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_STORE_SQLITE_SHARE_H
#define SIGNET_JOB_STORE_SQLITE_SHARE_H

/* The lock of an account that is used through several APIs. Each API has a
 * journal of its own; one job at a time writes to the account, whichever it is.
 */

#include "signet/error.h"

/**
 * Takes the lock until the file is closed, or its process ends.
 * @param account  as the store is told it: "configs https://host key KEY"
 * @return the file; -1: @p error says why. SIGNET_ERROR_LOCKED: another has it
 */
int signet_share_take(const char *folder, const char *account,
                      signet_error *error);
/** URL and key of an account, whichever API comes before them. */
const char *signet_share_part(const char *account);

#endif
