/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_WORLD_REFUSE_H
#define SIGNET_WORLD_REFUSE_H

#include "world/state.h"

/** @return false, always, so that a caller can return it */
bool signet_world_refuse(signet_attempt *attempt, signet_refusal refusal);
/** The same about the signature that a template names. */
bool signet_world_refuse_sign(signet_attempt *attempt, signet_refusal refusal);
bool signet_world_refuse_memory(signet_attempt *attempt);
/** Refuses with a sentence of the rules; the dialect decides what is shown. */
bool signet_world_refuse_text(signet_attempt *attempt, const char *text);

#endif
