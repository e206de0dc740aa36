/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_CAPTURE_H
#define SIGNET_NET_CAPTURE_H

/*
 * What one transfer sent and got, for a signet_trace_fn. It also counts how
 * often a request left: through a proxy, where libcurl's own count holds the
 * proxy's part too, nothing else tells.
 */

#include "model/buffer.h"
#include "net/redact.h"
#include "signet/trace.h"

#include <curl/curl.h>

struct signet_exchange;

/** Who watches, and what it may see. Borrowed by the captures. */
typedef struct signet_watcher {
  signet_trace_fn function; /* NULL: nobody */
  void *user;
  size_t bytes; /* of each body; 0: neither bodies nor headers */
  const signet_redaction *redaction;
  const char *base_url;
} signet_watcher;

/** Zero it, then let it begin with each request. */
typedef struct signet_capture {
  const struct signet_exchange *exchange;
  uint64_t number;
  int64_t began_us; /* Unix time */
  bool keeps;       /* heads and bodies */
  size_t body_maximum;
  signet_buffer request_head;
  signet_buffer reply_head;
  signet_buffer reply_body;
} signet_capture;

/** Begins with request @p number of the account on @p easy, a new handle.
 */
void signet_capture_begin(signet_capture *capture,
                          const signet_watcher *watcher, CURL *easy,
                          const struct signet_exchange *exchange,
                          uint64_t number);

/** Takes a piece of the decoded reply. */
void signet_capture_body(signet_capture *capture, const char *data,
                         size_t length);

/** Tells the watcher about the exchange, which has ended. */
void signet_capture_report(signet_capture *capture,
                           const signet_watcher *watcher, CURL *easy);

void signet_capture_free(signet_capture *capture);

/** Unix time in microseconds. */
int64_t signet_capture_now(void);

#endif
