/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_JOB_CLAIMS_H
#define SIGNET_JOB_CLAIMS_H

/* Whether a resumed run asks for the writes of the first one. */

#include "job/job.h"

/** Whether a write that no earlier run knows may go. */
signet_claim signet_claims_ask(signet_job *job, signet_call *call);
/** The caller read something. */
void signet_claims_look(signet_job *job, const signet_call *call);
void signet_claims_end(signet_job *job);

#endif
