/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_LOOP_STATE_H
#define SIGNET_NET_LOOP_STATE_H

/* The inside of a loop. */

#include "net/alarm.h"
#include "net/notice.h"
#include "net/post.h"
#include "net/sleep.h"
#include "net/socket.h"
#include "net/timer.h"

/** How long it waits before it tries again what lacked memory. */
enum { SIGNET_LOOP_AGAIN_MS = 100 };

/** Posts by when they are called (post.c). */
typedef struct signet_posts {
  signet_post_queue usual;
  signet_post_queue early;
  signet_post_queue idle;
  uint64_t count; /* orders posts */
} signet_posts;

/** By descriptor (socket.c). */
typedef struct signet_sockets {
  signet_socket *entries;
  size_t count;
  bool starved; /* there was no memory for a new one */
} signet_sockets;

struct signet_loop {
  size_t holders; /* who keep it beside its owner */
  int epoll;
  int wake;
  CURLM *multi;
  int64_t transfers_due; /* when libcurl wants to be called, in time that it
                            counts: without sleep; -1: not at all */
  int64_t again_due;     /* when what failed is tried again, -1: nothing did */
  int running;           /* transfers, as libcurl counted them last */
  signet_sockets sockets;
  signet_timers timers;
  signet_posts posts;
  signet_notice *notices;
  signet_alarm *alarms;
  signet_sleep sleep;
  unsigned busy_steps; /* that something idle has waited for */
  atomic_bool awake;   /* in a step, and not about to wait */
  size_t callbacks;
  bool stepping;
};

#endif
