/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_HOST_LEARNED_H
#define SIGNET_HOST_LEARNED_H

/* What runs found out about how much each account bears, kept for the next run
 * in a file of the state directory. It holds no secret; one that is damaged is
 * as good as none. */

#include "host/session/session.h"
#include "signet/account.h"

#include <stdbool.h>

/** Who learns. */
enum learner {
  LEARNER_READS,  /**< it deletes nothing */
  LEARNER_WRITES, /**< it may */
  LEARNER_RESUMES /**< so, too; its journal tells what was deleted before */
};

/** Lets @p account begin with what an earlier run found out, if any did.
 * @param state_dir  NULL: nothing is kept */
void signet_host_learned_teach(const char *state_dir, signet_account *account,
                               enum learner learner);

/** Keeps what @p account has found out. What can't be kept is found out again.
 */
void signet_host_learned_keep(const char *state_dir,
                              const signet_account *account,
                              enum learner learner);

/** The same for an account of a session, by what that does. What the session's
 * own account knows of the entries is newer than the file. */
void signet_host_learned_begin(const struct session *session,
                               signet_account *account);
void signet_host_learned_end(const struct session *session,
                             const signet_account *account);

#endif
