/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_RETRY_H
#define SIGNET_ACCOUNT_RETRY_H

/*
 * When a request is sent again: the one place that decides it, by what the last
 * attempt came to.
 *
 * - Throttled (429, or what amounts to it): it goes back into the queue, for as
 *   long as an outage may last; the whole account pauses (net/http.h). A pause
 *   that the service itself asks for is waited out, however long it is: it does
 *   not count as an outage.
 * - Failed (nothing was sent, no whole reply, 5xx): again after a pause of
 *   random length, up to so many attempts. A write only if nothing of it was
 *   sent; one of unknown outcome is settled first (settle.c), and what settling
 *   shows not to have worked comes back here as another attempt.
 * - Everything else is final.
 *
 * The budget keeps repetitions below a share of all requests. Without budget a
 * repetition waits until there is some, or until nothing else is under way:
 * none is given up for it.
 *
 * The breaker opens after so many failures in a row. While it is open nothing
 * is sent but a GET now and then; when that is answered, all goes on. Where the
 * last attempt of a request fails and nothing has succeeded since its first,
 * such a GET tells at once whether the request is what fails, or the service:
 * then the breaker opens, and the request waits for the service to return. One
 * that fails as often although the service has returned each time is given up.
 * A service that was never reached, or is away for too long, is given up: what
 * waits is sent once more, or not at all while there is a pause, and fails with
 * what is wrong: with what its last attempt came to, if there was one.
 */

#include "account/call.h"

/** Takes the settings over. @param resend, end  see signet_retry */
void signet_retry_init(signet_retry *retry, signet_account *account,
                       const signet_account_options *options,
                       void (*resend)(signet_step *step),
                       void (*end)(signet_step *step));
/** Ends what is under way; no step may be. */
void signet_retry_stop(signet_retry *retry);

/** A step is about to be sent for the first time.
 * @return false: it repeats a write of an earlier step, and waits as any other
 *         repetition does; `resend` will send it */
bool signet_retry_begin(signet_step *step);
/** An attempt of the step has ended, its error is decided.
 * @return true: it is sent again, now or later; the step goes on */
bool signet_retry_again(signet_step *step);
/** Whether the step waits to be sent again. */
bool signet_retry_is_waiting(const signet_step *step);
/** Whether it does, or the attempt that is queued is not its first. */
bool signet_retry_repeats(const signet_step *step);
/** The step ends before its time, wherever it is. */
void signet_retry_drop(signet_step *step);

/** Whether a write that failed so often may be sent once more. @param status
 * HTTP status of its last reply, 0: there was none */
bool signet_retry_allows(const signet_account *account, unsigned failed,
                         int status);

/** The longest pause before attempt @p failed + 1, in milliseconds. */
int64_t signet_retry_backoff(const signet_retry *retry, unsigned failed);

#endif
