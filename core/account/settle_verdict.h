/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_SETTLE_VERDICT_H
#define SIGNET_ACCOUNT_SETTLE_VERDICT_H

#include "account/settle.h"

/** It took effect. */
void signet_settle_done(signet_call *call);
/** The outcome is not known. */
void signet_settle_open(signet_call *call);
/** It had no effect, and never will. */
void signet_settle_absent(signet_call *call);
/** Somebody else changed the entry. */
void signet_settle_put_back(signet_call *call);
void signet_settle_changed(signet_call *call);
/** It shows no effect, and can be sent again without doing harm. */
void signet_settle_again(signet_call *call);
/** What the service said to the last attempt stands. */
void signet_settle_refused(signet_call *call);
/** Sends a write once more that settling has shown not to have worked. */
void signet_settle_send_again(signet_call *call);
/** Whether an interrupt leaves no time for the look that is to come. */
bool signet_settle_is_late(const signet_call *call);
/** Looks again after a pause. */
void signet_settle_soon(signet_call *call, int64_t delay_ms);
/** Whether the service said no to the last attempt, which may be due to an
 * effect of one before it. */
bool signet_settle_is_refused(const signet_call *call);
/** One more look of this run didn't show the effect, and another may: it is
 * taken after a pause. @return false: these were enough */
bool signet_settle_looks_again(signet_call *call);
/** The service's no to the last attempt says that one before it took effect,
 * which isn't shown yet: it looks again. @return false: that takes too long */
bool signet_settle_waits(signet_call *call);

#endif
