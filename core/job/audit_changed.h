/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_AUDIT_CHANGED_H
#define SIGNET_JOB_AUDIT_CHANGED_H

#include "job/audit.h"

/** Notes, of a look that leaves doubt, which entries show what was there before
 * a write. @return false: `error` is set */
bool signet_audit_note_former(signet_audit *audit);
/** Believes what is doubted of entries that never showed what was there before
 * the job's writes, and show a later change: somebody else has changed them
 * since. They are counted. @return false: `error` is set */
bool signet_audit_believe_changed(signet_audit *audit);

#endif
