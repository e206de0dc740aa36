/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_REPLY_H
#define SIGNET_NET_REPLY_H

/* What a reply's headers say about time. */

#include <curl/curl.h>
#include <stdint.h>

/** Milliseconds that Retry-After asks for, as seconds or as a date, at most 15
 * minutes; -1: it asks for nothing that can be read. */
int64_t signet_reply_retry_after(CURL *easy);

/** The server's clock by its Date: when the request left, in Unix seconds, and
 * how far it is ahead of ours. Without a Date nothing is set. */
void signet_reply_clock(CURL *easy, int64_t *began, int64_t *offset);

#endif
