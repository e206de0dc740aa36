/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_READING_H
#define SIGNET_ACCOUNT_READING_H

/* The steps of a call that read. */

#include "account/call.h"

/** Reads an entry, a list, or what a raw GET asks for. Where that works,
 * @p after finds it in the call's step; else the call ends. A list that is far
 * too short is asked for again first (shrunk.h). */
void signet_call_read(signet_call *call, signet_verb verb,
                      void (*after)(signet_call *call));
/** Does so once more, after a pause: what was read lags behind. */
void signet_call_read_again(signet_call *call);

#endif
