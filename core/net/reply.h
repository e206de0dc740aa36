/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_REPLY_H
#define SIGNET_NET_REPLY_H

/* What a reply's headers say about time, and of its body. */

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

/** Unix seconds of a date as HTTP writes it, to the end of the year 9999; -1:
 * it is none. */
int64_t signet_date_read(const char *text);

/** Milliseconds that the value of a Retry-After asks for, 0 to 15 minutes; -1:
 * it is neither seconds nor a date. @param now  Unix seconds by the clock that
 * such a date goes by */
int64_t signet_retry_after_read(const char *text, int64_t now);

/** The same of the reply's own header, by its Date if it has one; -1: there is
 * none that can be read. */
int64_t signet_reply_retry_after(CURL *easy);

/** What the server's clock said, in Unix seconds, and when the request left by
 * it. Without a Date nothing is set. @param taken_ms  the transfer has taken */
void signet_reply_clock(CURL *easy, int64_t taken_ms, int64_t *began,
                        int64_t *date);

/** Whether there was a body of which libcurl decoded nothing, without a word
 * about it: what came is not what its Content-Encoding says, or ends too early.
 * @param decoded  bytes that were */
bool signet_reply_is_undecoded(CURL *easy, int64_t decoded);

#endif
