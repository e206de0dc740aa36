/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_TRACE_H
#define SIGNET_TRACE_H

/**
 * @file signet/trace.h
 * What goes over the network, as a caller can watch it: one call of a function
 * for each request, when it has ended. It is given to
 * signet_account_on_trace(), and costs nothing where it is not.
 *
 * No secret is in what it gets: the API secret and a proxy's password are
 * overwritten with stars wherever they stand, raw, in base64 or hex, and
 * however URLs, JSON and HTML escape these; what authenticates is left out of
 * the headers. The bytes are otherwise as they came, so escape them before you
 * show them.
 */

#include "signet/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * How long each part of a request took, in microseconds; -1: there was no such
 * part, as where a connection was there already.
 */
typedef struct signet_trace_times {
  int64_t queued;  /**< waited for a slot and for its turn */
  int64_t resolve; /**< the host's address */
  int64_t connect; /**< TCP, and TLS where there is any */
  int64_t tls;     /**< of that, TLS */
  int64_t send;    /**< until the request was out */
  int64_t wait;    /**< from there to the reply's first byte */
  int64_t receive; /**< from there to its last */
  int64_t total;   /**< all of it but `queued` */
} signet_trace_times;

/**
 * One request and its reply. Everything is borrowed for the call. Texts end
 * with NUL and may hold more of them: see their lengths.
 */
typedef struct signet_trace {
  uint32_t version;         /**< SIGNET_TRACE_VERSION of the library */
  uint64_t number;          /**< of the account's requests, from 1 */
  unsigned attempt;         /**< of the same request, from 1 */
  unsigned sends;           /**< how often it left this machine: 0 or 1; what
                                 is sent again is a request of its own */
  const char *method;       /**< "GET", "POST", "PUT", "DELETE" */
  const char *url;          /**< the whole URL */
  const char *path;         /**< the part of it behind the base URL */
  int status;               /**< of HTTP; 0: there was no reply */
  const char *problem;      /**< why there is no whole reply, escaped; "" */
  int64_t began_us;         /**< Unix time in microseconds at its start */
  signet_trace_times times; /**< how long it took */
  int64_t bytes;            /**< of the reply's body, after decoding */
  int64_t encoded_bytes;    /**< of it as it came: compressed, where it was */
  const char *protocol;     /**< "HTTP/1.1", "HTTP/2"; "" without a reply */
  const char *address;      /**< of the server, or of the proxy; "" */
  int port;                 /**< there; 0: unknown */

  /* What follows is empty unless signet_account_on_trace() was given more than
   * 0 bytes. */
  const char *request_head;   /**< request line and headers, as sent */
  size_t request_head_length; /**< bytes in request_head */
  const char *request_body;   /**< as sent, up to the bytes asked for */
  size_t request_body_length; /**< bytes in request_body */
  size_t request_bytes;       /**< of the whole body */
  const char *reply_head;     /**< status line and headers, 1xx and trailers
                                   too */
  size_t reply_head_length;   /**< bytes in reply_head */
  const char *reply_body;     /**< decoded, up to the bytes asked for */
  size_t reply_body_length;   /**< bytes in reply_body */
} signet_trace;

/** The version of signet_trace that this header describes. */
#define SIGNET_TRACE_VERSION 1

/** Called from signet_loop_step(), or from what ends a call early, when a
 * request has ended. It may not call any function of signet's. */
typedef void (*signet_trace_fn)(void *user, const signet_trace *trace);

#ifdef __cplusplus
}
#endif
#endif
