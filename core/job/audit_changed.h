/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_AUDIT_CHANGED_H
#define SIGNET_JOB_AUDIT_CHANGED_H

#include "job/audit.h"

/** Believes what is doubted of entries that show neither what was there before
 * the job's writes nor what these made of it: somebody else has changed them
 * since. They are counted. @return false: `error` is set */
bool signet_audit_believe_changed(signet_audit *audit);

#endif
