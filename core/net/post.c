/* SPDX-License-Identifier: MIT */
#include "net/post.h"

#include "net/loop_state.h"

static void enqueue(signet_loop *loop, signet_post_queue *queue,
                    signet_post *post)
{
  if (post->queued)
    return;
  post->queued = true;
  post->queue = queue;
  post->order = loop->posts.count++;
  post->next = NULL;
  post->previous = queue->last;
  if (queue->last != NULL)
    queue->last->next = post;
  else
    queue->first = post;
  queue->last = post;
}

void signet_loop_post(signet_loop *loop, signet_post *post)
{
  enqueue(loop, &loop->posts.usual, post);
}

void signet_loop_post_early(signet_loop *loop, signet_post *post)
{
  enqueue(loop, &loop->posts.early, post);
}

void signet_loop_post_idle(signet_loop *loop, signet_post *post)
{
  enqueue(loop, &loop->posts.idle, post);
}

void signet_loop_unpost(signet_loop *loop, signet_post *post)
{
  (void)loop;
  if (!post->queued)
    return;
  signet_post_queue *queue = post->queue;
  post->queued = false;
  if (post->previous != NULL)
    post->previous->next = post->next;
  else
    queue->first = post->next;
  if (post->next != NULL)
    post->next->previous = post->previous;
  else
    queue->last = post->previous;
}

void signet_posts_run(signet_loop *loop, signet_post_queue *queue)
{
  uint64_t end = loop->posts.count;
  while (queue->first != NULL && queue->first->order < end) {
    signet_post *post = queue->first;
    signet_loop_unpost(loop, post);
    post->function(post->user);
  }
}

/* These may lead to each other: a commit to requests to be sent. */
void signet_posts_run_early(signet_loop *loop)
{
  while (loop->posts.early.first != NULL)
    signet_posts_run(loop, &loop->posts.early);
}
