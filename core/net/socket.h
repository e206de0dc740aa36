/* SPDX-License-Identifier: MIT */
#ifndef SIGNET_NET_SOCKET_H
#define SIGNET_NET_SOCKET_H

/*
 * The sockets of a loop. A socket that libcurl keeps open between two requests
 * stays registered with epoll: the server may close it, or say on it what
 * nobody asked for. That is only safe where the loop sees the socket being
 * closed.
 */

#include "signet/loop.h"

#include <curl/curl.h>
#include <stdint.h>

/** What epoll knows of a descriptor. */
typedef struct signet_socket {
  uint32_t events;  /* 0: not registered */
  uint32_t refused; /* what epoll had no room for, 0: nothing */
  bool ours;        /* opened and closed through the loop */
  bool idle;        /* libcurl does not look at it now */
} signet_socket;

/** Lets the loop open and close the sockets of @p easy, which saves two system
 * calls a request: it knows which descriptors stay open between requests. */
void signet_loop_adopt(signet_loop *loop, CURL *easy);
/** Whether a connection could not be made for want of memory, since this was
 * asked last. */
bool signet_loop_starved(signet_loop *loop);

/** What libcurl calls where a socket is to be looked at otherwise; @p user is
 * the loop. @return 0, always */
int signet_sockets_watch(CURL *easy, curl_socket_t descriptor, int what,
                         void *user, void *socket_user);
/** The entry of a descriptor; NULL: out of memory, or too many. */
signet_socket *signet_socket_of(signet_loop *loop, int descriptor);
/** Asks again for what epoll had no room for. */
void signet_sockets_watch_again(signet_loop *loop);
/** The server closed a connection that nobody uses, or says on it what nobody
 * asked for: a reply that came twice would be taken for the answer to the next
 * request. Once it is emptied and shut, libcurl sees that it is of no use. */
void signet_socket_drop_idle(signet_loop *loop, int descriptor,
                             signet_socket *entry);
/** Whatever the connections were good for before, the other side may have given
 * them up: nobody uses them again, and transfers end that are under way. A
 * reply that is here already is still read. */
void signet_sockets_give_up(signet_loop *loop);

#endif
