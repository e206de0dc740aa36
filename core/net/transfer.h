/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_TRANSFER_H
#define SIGNET_NET_TRANSFER_H

/*
 * One transfer of libcurl's: an exchange on its way. http.c decides which
 * exchange gets a slot, and when; here stands what libcurl is told of it, and
 * what can be known of how it ended.
 */

#include "net/alarm.h"
#include "net/backlog.h"
#include "net/http.h"
#include "net/loop.h"
#include "net/pacer.h"
#include "net/post.h"
#include "net/timeouts.h"

/* A slot. */
typedef struct signet_transfer {
  signet_http *http;
  CURL *easy;
  signet_exchange *exchange; /* NULL: free */
  signet_transfer_hook hook;
  const char *method; /* what the handle is set to, NULL: nothing yet */
  bool body;          /* whether that is with a body */
  bool parting;       /* whether it closes its connection */
  bool begun;         /* the first line of a head is behind us */
  bool headed;        /* the head of the reply has come to its end */
  bool has_header;    /* a header of this reply is behind us */
  bool folded;        /* the first one was folded: given up */
  bool sending;       /* the request has been handed to a connection */
  bool stopped;       /* libcurl was about to do so again */
  int64_t began_ns;
  signet_speed speed;
  size_t header_bytes; /* of the reply so far */
  signet_capture capture;
  char problem[CURL_ERROR_SIZE];
  char sentence[384];           /* the exchange's problem */
  char redirect[160];           /* the exchange's */
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
  bool shut;         /* to all but probes */
  char away[160];    /* why nobody waits for pauses any more; "": they do */
  bool checks_heads; /* see signet_transfer_must_check_heads() */
  size_t max_reply_bytes;
  size_t max_header_bytes;
  signet_pacer pacer;
  signet_timer *pacer_timer;
  signet_alarm alarm;             /* for the same, finer */
  signet_timer *speed_timer;      /* while something is under way */
  signet_rate_notice rate_notice; /* NULL: nobody listens */
  void *rate_user;
  double rate_told;
  signet_pause pause;
  signet_post start_post;
  signet_transfer *transfers;
  size_t transfer_count;
  signet_transfer *free_transfers;
  signet_backlog backlog;
  uint64_t requests;
};

/** Whether the heads of replies have to be looked at before libcurl does:
 * before 8.1.1 it keeps a pointer to the last header of a handle's former
 * reply, which it has freed, and follows it where the next reply's first header
 * is a folded one (curl issue 11101). */
bool signet_transfer_must_check_heads(void);
/** Sets the handle up that is to carry out the transfer's exchange; its hook is
 * set. @return false: out of memory, or the URL is too long */
bool signet_transfer_prepare(signet_transfer *transfer);
/** Fills what the exchange tells of the reply, and of having been sent. */
void signet_transfer_read(signet_transfer *transfer);
/** Fills why there is no whole reply. */
void signet_transfer_fail(signet_transfer *transfer, CURLcode code);
/** Looks at what libcurl calls a success: it takes a head that the end of the
 * connection cuts for a whole one. */
void signet_transfer_check(signet_transfer *transfer);
/** Fills that the reply came too slowly. */
void signet_transfer_fail_slow(signet_transfer *transfer);
/** Lets go of the exchange's handle. It is kept for the next one only after a
 * whole reply, and not with a proxy, whose replies it holds too. */
void signet_transfer_end(signet_transfer *transfer, bool whole);
/** Tells who watches, if somebody does. */
void signet_transfer_report(signet_transfer *transfer);

#endif
