/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_OUTCOME_SET_H
#define SIGNET_ACCOUNT_OUTCOME_SET_H

#include "account/step.h"

/** Fills the step's error: "updating signature 1: " and @p reason. */
void signet_outcome_set(signet_step *step, signet_error_kind kind,
                        signet_outcome outcome, const char *reason);
/** Something that leaves open whether the request had its effect. A read has
 * none: its error is just what happened. */
void signet_outcome_set_open(signet_step *step, signet_error_kind kind,
                             const char *reason);
/** "updating signature 987654321": for messages; escaped. */
void signet_call_phrase(signet_verb verb, signet_kind kind, const char *id,
                        char *out, size_t size);
/** Whether it may change something. */
bool signet_step_writes(const signet_step *step);
bool signet_call_writes(const signet_call *call);

#endif
