/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_ACCOUNT_ACCOUNT_H
#define SIGNET_ACCOUNT_ACCOUNT_H

/* The inside of an account. */

#include "account/alike.h"
#include "account/call.h"
#include "account/fresh.h"
#include "account/identity.h"
#include "account/images.h"
#include "account/made.h"
#include "account/namesake.h"
#include "account/own.h"
#include "account/service_clock.h"
#include "account/shrunk.h"
#include "account/watch.h"
#include "net/sleep.h"

enum { SIGNET_SPARE_CALLS = 64 };

/** Calls and steps are too large for malloc's fast ways: some are kept for
 * those that come next (pool.c). */
typedef struct signet_pool {
  signet_call *calls;
  size_t call_count;
  signet_step *steps;
  size_t step_count;
} signet_pool;

/** What its options say. */
typedef struct signet_account_settings {
  int64_t poll_interval_ms;
  size_t max_reply_bytes;
  size_t max_header_bytes;
  unsigned max_list;
  int64_t fresh_ms;         /* how long what was read is believed; -1: always */
  bool resubmit;            /* updates that change nothing are sent */
  bool list_may_shrink;     /* lists are taken, however short they are */
  int64_t settle_ms;        /* before an unknown outcome is read back */
  int64_t settle_create_ms; /* margin beyond a request's time limit … */
  int64_t timeout_ms;       /* … which is this */
  char *protect_id;         /* NULL: none */
  char *protect_name;
  signet_pace pace;
} signet_account_settings;

/** Its entries of one kind, and who waits for some. */
typedef struct signet_account_kind {
  signet_watch watch;
  signet_fresh fresh;
  signet_images images; /* what was read last, if recorded */
  signet_own own;       /* what was written a moment ago */
  signet_seen seen;
  signet_list *late; /* see signet_settle_look_late(); NULL: none */
  int64_t listed;    /* the most that a list showed; -1: none */
} signet_account_kind;

/** Who hears of what; NULL: nobody. */
typedef struct signet_account_hooks {
  signet_pause_fn pause;
  void *pause_user;
  signet_rate_fn rate;
  void *rate_user;
  signet_notice_fn notice;
  void *notice_user;
} signet_account_hooks;

/** What people were told. */
typedef struct signet_account_told {
  bool skew;           /* that this machine's date is wrong */
  signet_timer *timer; /* tells of windows that writes wait for */
  int pauses;          /* that it has made for those that come */
  int64_t window_ms;   /* the latest end that was told, boot time; 0: none */
} signet_account_told;

struct signet_account {
  /* A call may outlive its account, whose memory stays until the last one is
   * released: calls and steps go back to it. */
  size_t references;
  bool closed;
  signet_pool pool;

  signet_loop *loop;
  const signet_backend *backend;
  signet_overlay *overlay;    /* NULL: writes go to the service */
  const signet_backend *base; /* below the overlay */
  signet_dialect dialect;
  signet_http *http;
  signet_sleeper sleeper; /* if there is http */
  signet_retry retry;     /* so, too */
  signet_world *world;
  uint64_t world_requests;
  char identity[SIGNET_IDENTITY_SIZE]; /* of all spellings of the base URL */
  char spelled[SIGNET_IDENTITY_SIZE];  /* with the URL as it was given */
  signet_account_settings settings;

  bool held; /* after an interrupt */
  signet_call *first;
  signet_call *last;
  struct signet_recorder *recorder; /* NULL: writes are not recorded */

  signet_account_kind kinds[2];
  signet_holders holders;
  signet_alike alike;
  signet_made made;     /* the entries that its creates came to */
  bool made_incomplete; /* one did not fit into memory */
  unsigned forms;       /* signet_form: of what the service stores */
  uint64_t order;       /* of intents and of what is read, which comes first */
  int64_t distrust_ms;  /* what was read before is not believed */
  bool signs_unused;    /* no template used one when they were listed last */
  signet_service_clock clock;

  signet_account_hooks hooks;
  signet_account_told told;
};

#endif
