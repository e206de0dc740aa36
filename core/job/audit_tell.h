/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_AUDIT_TELL_H
#define SIGNET_JOB_AUDIT_TELL_H

#include "job/audit.h"

/** What is doubted still becomes unknown in the journal. @return false: `error`
 * is set */
bool signet_audit_contradict(signet_audit *audit);
/** The first field in which the record differs from what was written:
 * "sign_name "Old", and not "New"". @return false: none can be shown */
bool signet_audit_difference(const signet_last_write *last, const char *after,
                             char *out, size_t size);

#endif
