/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_LEARNED_H
#define SIGNET_HOST_LEARNED_H

/* What runs found out about how much each account bears, kept for the next run
 * in a file of the state directory. It holds no secret; one that is damaged is
 * as good as none. */

#include "signet/account.h"

#include <stdbool.h>

/** Lets @p account begin with what an earlier run found out, if any did.
 * @param state_dir  NULL: nothing is kept */
void signet_host_learned_teach(const char *state_dir, signet_account *account);

/** Keeps what @p account has found out. What can't be kept is found out again.
 */
void signet_host_learned_keep(const char *state_dir,
                              const signet_account *account);

#endif
