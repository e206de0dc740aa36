/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_LOOP_H
#define SIGNET_NET_LOOP_H

#include "signet/loop.h"

#include <curl/curl.h>

/** The multi handle on which the loop moves transfers. */
CURLM *signet_loop_multi(signet_loop *loop);

/** Called when the transfer of @p easy has ended; @p easy is out of the multi
 * handle by then. The function and its argument stand in CURLOPT_PRIVATE. */
typedef struct signet_transfer_hook {
  void (*ended)(void *user, CURLcode code);
  void *user;
} signet_transfer_hook;

/** Keeps the loop until another signet_loop_free() for it, whatever its owner
 * does. */
void signet_loop_hold(signet_loop *loop);

/** Counts a callback, for the result of signet_loop_step(). */
void signet_loop_count(signet_loop *loop);

#endif
