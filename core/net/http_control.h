/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_HTTP_CONTROL_H
#define SIGNET_NET_HTTP_CONTROL_H

/* How the requests of a host are held back, and who hears of it. */

#include "net/http.h"

/** Starts no exchange before so many milliseconds have passed; what is in
 * flight goes on. A later call can only lengthen it. @param reason  why, for a
 * person: "the service asks for a pause"; copied */
void signet_http_pause(signet_http *http, int64_t milliseconds,
                       const char *reason);
/** Ends the pause before its time. */
void signet_http_unpause(signet_http *http);
/** Milliseconds that are left of the pause; 0: there is none. */
int64_t signet_http_paused(const signet_http *http);
/** Milliseconds of pauses that the service asked for (Retry-After) and that
 * have passed, and of the machine's sleep: no outage counts them. */
int64_t signet_http_asked(const signet_http *http);
/** Calls @p notice at the beginning of every pause, each second of it, and at
 * its end. NULL: nobody. It must not free @p http. */
void signet_http_on_pause(signet_http *http, signet_pause_notice notice,
                          void *user);
/** Calls @p notice when exchanges have to wait because the service seems to
 * allow no more of them, and when that has become another rate by a tenth.
 * NULL: nobody. It must not free @p http. */
void signet_http_on_rate(signet_http *http, signet_rate_notice notice,
                         void *user);
/** Tells @p function of every exchange that ends; see signet/trace.h.
 * @param bytes  of each body that it sees; 0: neither bodies nor headers.
 * NULL: nobody. */
void signet_http_on_trace(signet_http *http, signet_trace_fn function,
                          void *user, size_t bytes);
/** What must not be seen in anything that a server sends. Borrowed. */
const signet_redaction *signet_http_redaction(const signet_http *http);
/** While it is shut, no exchange is started but a probe. */
void signet_http_shut(signet_http *http, bool shut);
/** Without patience an exchange that a pause would hold ends at once with
 * SIGNET_EXCHANGE_AWAY. @param why  what the service answered last; copied.
 * NULL: there is patience again */
void signet_http_lose_patience(signet_http *http, const char *why);
/** The machine slept: what is under way has had its time, whatever comes of it,
 * and says nothing about the service. The time is no pause of its making. */
void signet_http_slept(signet_http *http, int64_t slept_ms);
/** Goes on at another pace. */
void signet_http_change_pace(signet_http *http, signet_pace pace);
/** What was found out about the service, and what an earlier run found out. */
void signet_http_learned(const signet_http *http, signet_learned *learned);
void signet_http_teach(signet_http *http, const signet_learned *learned);

#endif
