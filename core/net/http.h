/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_HTTP_H
#define SIGNET_NET_HTTP_H

/*
 * HTTP to one host with one set of credentials. An exchange is one request and
 * its reply. Exchanges wait here, in queues of our own, until net/pacer.h lets
 * them go: that costs no connection, and counts against no time limit.
 *
 * What libcurl does behind our back decides what we may believe:
 * - On a reused connection that the server closes after it has read the
 *   request, libcurl connects again and sends the request a second time, and
 *   reports success. It asks before each sending, and the second one is
 *   refused: an exchange is sent at most once, and what comes after it is
 *   decided by those who count attempts and record writes.
 * - Nothing limits the size of a decoded body but our own count.
 *
 * A reply of 429, and one of 503 that says when to come back, pauses all
 * exchanges: the service counts requests by account, not by call.
 */

#include "net/capture.h"
#include "net/connection.h"
#include "net/pause.h"
#include "signet/account.h"

typedef struct signet_http signet_http;

typedef struct signet_http_options {
  const char *base_url;
  const char *key;
  const char *secret;
  unsigned concurrency;
  double rate; /* requests per second: of all, of reads, of writes */
  double read_rate;
  double write_rate;
  signet_pace pace;
  int64_t connect_timeout_ms;
  int64_t timeout_ms;
  size_t low_speed; /* bytes per second; 0: no limit */
  int64_t low_speed_ms;
  size_t max_reply_bytes;  /* of a body, decoded */
  size_t max_header_bytes; /* of all heads of a reply: 1xx, trailers too */
  signet_connection_options connection;
} signet_http_options;

typedef enum signet_exchange_state {
  SIGNET_EXCHANGE_IDLE,
  SIGNET_EXCHANGE_QUEUED,
  SIGNET_EXCHANGE_ACTIVE
} signet_exchange_state;

/** How an exchange ended without a whole reply. */
typedef enum signet_exchange_failure {
  SIGNET_EXCHANGE_COMPLETE = 0, /* there is a whole reply */
  SIGNET_EXCHANGE_NETWORK,      /* resolve, connect, reset, cut */
  SIGNET_EXCHANGE_TLS,          /* no trust: it comes out the same each time */
  SIGNET_EXCHANGE_SETTINGS,     /* certificates of ours that can't be used */
  SIGNET_EXCHANGE_TIMED_OUT,
  SIGNET_EXCHANGE_TOO_LARGE,
  SIGNET_EXCHANGE_HEADERS_TOO_LARGE,
  SIGNET_EXCHANGE_SINK, /* the sink refused the body */
  SIGNET_EXCHANGE_CANCELLED,
  SIGNET_EXCHANGE_AWAY, /* not sent: there is a pause, and no patience left */
  SIGNET_EXCHANGE_UNREADY, /* not sent: `ready` said no */
  SIGNET_EXCHANGE_MEMORY
} signet_exchange_failure;

/**
 * One request and its reply. Embedded in its owner; zero it, set the request,
 * start it, and leave it alone until `done` is called.
 */
typedef struct signet_exchange {
  /* The request; borrowed until the exchange is done. */
  const char *method; /* GET, POST, PUT or DELETE */
  const char *path;   /* begins with a slash */
  const char *body;   /* NULL: none */
  size_t body_length;
  unsigned attempt; /* which one of the same request this is, from 0 */
  bool probe;       /* is sent even while everything is shut, and first */
  bool urgent;      /* goes before all others that wait */
  bool parting;     /* for some seconds nothing follows: unless others are under
                       way, its connection is closed, and those left idle */
  /* Asked when the exchange may leave, just before it does; false ends it with
   * SIGNET_EXCHANGE_UNREADY. NULL: it is ready. Called from the loop, as `done`
   * is. */
  bool (*ready)(void *user);
  /* Takes the decoded body in pieces; `status` is known by then. Returns false
   * to end the exchange with SIGNET_EXCHANGE_SINK. */
  bool (*sink)(void *user, const char *data, size_t length);
  /* Says which status a whole reply amounts to: the body may tell more than
   * its status does. Called before `done`; NULL: the status says it. */
  int (*judge)(void *user);
  /* Called before its first byte leaves, from within libcurl; NULL: nobody. */
  void (*leaves)(void *user);
  void (*done)(void *user); /* never called from within start or cancel */
  void *user;

  /* The reply. */
  signet_exchange_failure failure;
  int status;             /* 0: no status line came */
  int meaning;            /* the status that the reply amounts to */
  bool sent;              /* false: not one byte of the request left */
  bool slept;             /* the machine slept meanwhile */
  int64_t retry_after_ms; /* -1: not asked for */
  int64_t bytes;          /* decoded body */
  bool undecoded;         /* of which nothing could be decoded */
  int64_t began;          /* Unix seconds by the server's clock when the request
                             left, estimated; 0: the reply had no Date */
  int64_t date;     /* Unix seconds that the reply's Date says, if began */
  int64_t taken_ms; /* from the start of the transfer to its end */
  /* Text that lasts until `done` has returned, never NULL once started. */
  const char *problem;  /* one sentence on a failure, escaped */
  const char *redirect; /* where a 3xx points, escaped */

  /* The queue's own. */
  int64_t queued_us; /* Unix time, if somebody watches */
  signet_exchange_state state;
  uint64_t order; /* in which they came */
  struct signet_exchange *next;
  struct signet_exchange *previous;
  struct signet_transfer *transfer;
} signet_exchange;

/**
 * @return NULL: @p error says why: a URL that signet does not talk to, or
 *         memory. Credentials are copied, and wiped when freed.
 */
signet_http *signet_http_new(signet_loop *loop,
                             const signet_http_options *options,
                             signet_error *error);

/** Frees it; every exchange must have ended or been cancelled. */
void signet_http_free(signet_http *http);

/** The base URL without a slash at its end. */
const char *signet_http_url(const signet_http *http);
/** Requests handed to the network so far. */
uint64_t signet_http_requests(const signet_http *http);

/** @param learned  an earlier run found that out */
typedef void (*signet_rate_notice)(void *user, double per_second, bool learned);

/** Queues @p exchange. */
void signet_http_start(signet_http *http, signet_exchange *exchange);

/** Takes @p exchange back without calling `done`. What it tells about having
 * been sent is filled in. */
void signet_http_cancel(signet_http *http, signet_exchange *exchange);

#endif
