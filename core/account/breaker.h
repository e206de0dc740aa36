/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_BREAKER_H
#define SIGNET_ACCOUNT_BREAKER_H

/* The breaker: when a service seems to be down, nothing is sent but a probe now
 * and then (see retry.h). */

#include "account/call.h"

/** @param told  is called with the answer to signet_breaker_ask(). */
void signet_breaker_init(signet_retry *retry,
                         void (*told)(signet_retry *retry, bool there));
/** Ends what is under way, without a word. */
void signet_breaker_stop(signet_retry *retry);

/** Waits no longer for a service that is away: what is held is sent. */
void signet_breaker_give_up(signet_retry *retry);

/** Looks at how an exchange ended, and opens after too many failures. */
void signet_breaker_note(signet_retry *retry, const signet_exchange *exchange);
/** Asks whether the service is there: opens if it isn't. `told` is called with
 * the answer, in any case later.
 * @return false: there is no breaker, or nothing to ask */
bool signet_breaker_ask(signet_retry *retry);

/** Milliseconds since @p since, less the pauses that the service asked for
 * meanwhile. @param asked_ms  signet_http_asked() then */
int64_t signet_breaker_waited(const signet_retry *retry, int64_t since,
                              int64_t asked_ms);

#endif
