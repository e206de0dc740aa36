/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_GUARD_ANNOUNCE_H
#define SIGNET_JOB_GUARD_ANNOUNCE_H

#include "job/guard.h"

/** Judges an announcement. @p kind as above */
signet_guard_answer
signet_guard_announce(signet_guard *guard, const signet_account *account,
                      const signet_job_announcement *announcement,
                      signet_kind *kind);
/** The kind whose entries must be counted first. @return false: none */
bool signet_guard_needs(const signet_guard *guard,
                        const signet_account *account,
                        const signet_job_announcement *announcement,
                        signet_kind *kind);

#endif
