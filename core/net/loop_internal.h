/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_LOOP_INTERNAL_H
#define SIGNET_NET_LOOP_INTERNAL_H

#include "net/sleep.h"
#include "signet/loop.h"

#include <curl/curl.h>
#include <stdatomic.h>

/** The multi handle on which the loop moves transfers. */
CURLM *signet_loop_multi(signet_loop *loop);

/** Lets the loop open and close the sockets of @p easy, which saves two system
 * calls a request: it knows which descriptors stay open between requests. */
void signet_loop_adopt(signet_loop *loop, CURL *easy);

/** Whether a connection could not be made for want of memory, since this was
 * asked last. */
bool signet_loop_starved(signet_loop *loop);

/** Called when the transfer of @p easy has ended; @p easy is out of the multi
 * handle by then. The function and its argument stand in CURLOPT_PRIVATE. */
typedef struct signet_transfer_hook {
  void (*ended)(void *user, CURLcode code);
  void *user;
} signet_transfer_hook;

/** A function to be called once from the next step. Embedded in its owner. */
typedef struct signet_post {
  void (*function)(void *user);
  void *user;
  struct signet_post *next;
  struct signet_post *previous;
  struct signet_post_queue *queue;
  uint64_t order;
  bool queued;
} signet_post;

/** Posts in the order in which they came. */
typedef struct signet_post_queue {
  signet_post *first;
  signet_post *last;
} signet_post_queue;

/** Queues @p post, whose function and user are set; no-op if it is queued. */
void signet_loop_post(signet_loop *loop, signet_post *post);
/** The same, but before the loop waits for anything: for what sends requests.
 * What such a post posts early is called in the same step. */
void signet_loop_post_early(signet_loop *loop, signet_post *post);
/** The same, but once there is nothing else to do: before the loop would wait,
 * with no descriptor ready (or after some busy steps). What such a post posts
 * early is called in the same step. */
void signet_loop_post_idle(signet_loop *loop, signet_post *post);
/** Takes @p post out of the queue if it is in it. */
void signet_loop_unpost(signet_loop *loop, signet_post *post);

/** What another thread can tell the loop: a function to be called from a step,
 * once for any number of times that it was told. Embedded in its owner. */
typedef struct signet_notice {
  void (*function)(void *user);
  void *user;
  struct signet_notice *next;
  struct signet_notice *previous;
  atomic_bool told;
} signet_notice;

/** Lets @p notice, whose function and user are set, be told. */
void signet_loop_listen(signet_loop *loop, signet_notice *notice);
/** Ends that; no thread may tell it any more. */
void signet_loop_unlisten(signet_loop *loop, signet_notice *notice);
/** Tells the loop, from any thread. */
void signet_loop_tell(signet_loop *loop, signet_notice *notice);

/** A function to be called at a time that a timer's milliseconds are too coarse
 * for; a descriptor, so that who waits for the loop's own comes in time, too.
 * Embedded in its owner. */
typedef struct signet_alarm {
  void (*function)(void *user);
  void *user;
  int descriptor; /* 0: there is none yet */
  struct signet_alarm *next;
} signet_alarm;

/** Sets @p alarm, whose function and user are set, to @p delay_ns from now,
 * more than 0; it rings once. False: the system has no descriptor for it. */
bool signet_alarm_set(signet_loop *loop, signet_alarm *alarm, int64_t delay_ns);
/** Ends it, whether or not it was ever set. */
void signet_alarm_end(signet_loop *loop, signet_alarm *alarm);

/** Counts a callback, for the result of signet_loop_step(). */
void signet_loop_count(signet_loop *loop);

#endif
