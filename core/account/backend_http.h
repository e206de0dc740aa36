/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_BACKEND_HTTP_H
#define SIGNET_ACCOUNT_BACKEND_HTTP_H

#include "account/step.h"

/** Sends the step's request once more. */
void signet_step_resend(signet_step *step);
/** Ends the step with the error that its last attempt left. */
void signet_step_end(signet_step *step);

#endif
