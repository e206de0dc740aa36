/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_TRANSFER_H
#define SIGNET_NET_TRANSFER_H

/*
 * One transfer of libcurl's: an exchange on its way. http.c decides which
 * exchange gets a slot, and when; here stands what libcurl is told of it, and
 * what can be known of how it ended.
 */

#include "net/backlog.h"
#include "net/http.h"
#include "net/pacer.h"
#include "net/timeouts.h"

/* A slot. */
typedef struct signet_transfer {
  signet_http *http;
  CURL *easy;
  signet_exchange *exchange; /* NULL: free */
  signet_transfer_hook hook;
  size_t body_read; /* of a POST */
  int64_t began_ns;
  size_t header_bytes; /* of the reply so far */
  signet_capture capture;
  char problem[CURL_ERROR_SIZE];
  struct signet_transfer *next; /* in the list of free slots */
} signet_transfer;

struct signet_http {
  signet_loop *loop;
  signet_base_url base;
  char *authorization; /* the whole header line */
  struct curl_slist *headers;
  struct curl_slist *body_headers;
  signet_connection connection;
  signet_redaction *redaction;
  signet_watcher watcher;
  signet_timeouts timeouts;
  bool shut; /* to all but probes */
  size_t max_reply_bytes;
  size_t max_header_bytes;
  size_t fixed_bytes; /* of a request's headers that never change */
  signet_pacer pacer;
  signet_timer *pacer_timer;
  signet_pause pause;
  signet_post start_post;
  signet_transfer *transfers;
  size_t transfer_count;
  signet_transfer *free_transfers;
  signet_backlog backlog;
  uint64_t requests;
};

/** Makes the handle that is to carry out the transfer's exchange; its hook is
 * set. @return false: out of memory, or the URL is too long */
bool signet_transfer_prepare(signet_transfer *transfer);
/** Fills what the exchange tells of the reply, and of having been sent. */
void signet_transfer_read(signet_transfer *transfer);
/** Fills why there is no whole reply. */
void signet_transfer_fail(signet_transfer *transfer, CURLcode code);
/** Tells who watches, if somebody does. */
void signet_transfer_report(signet_transfer *transfer);

#endif
