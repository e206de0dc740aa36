/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_POST_H
#define SIGNET_NET_POST_H

/* What a step of the loop is to do, as another asks for it. */

#include "signet/loop.h"

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

/** Calls those that are in the queue now: what they post comes in the next
 * step. */
void signet_posts_run(signet_loop *loop, signet_post_queue *queue);
/** Calls those that are early, and what they post early. */
void signet_posts_run_early(signet_loop *loop);

#endif
