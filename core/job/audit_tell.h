/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_AUDIT_TELL_H
#define SIGNET_JOB_AUDIT_TELL_H

#include "job/audit.h"

/** What is doubted still becomes unknown in the journal. @return false: `error`
 * is set */
bool signet_audit_contradict(signet_audit *audit);

#endif
