/* SPDX-License-Identifier: MIT */
#include "net/socket.h"

#include "model/clock.h"
#include "model/memory.h"
#include "net/loop_state.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DESCRIPTORS_MAXIMUM = 1 << 20, PIECES_DROPPED = 64 };

signet_socket *signet_socket_of(signet_loop *loop, int descriptor)
{
  size_t index = (size_t)descriptor; /* of a negative one beyond all */
  if (index >= DESCRIPTORS_MAXIMUM)
    return NULL;
  if (index >= loop->sockets.count) {
    size_t count = loop->sockets.count > 0 ? loop->sockets.count : 64;
    while (count <= index)
      count *= 2;
    signet_socket *watches =
        signet_memory_resize(loop->sockets.entries, count, sizeof watches[0]);
    if (watches == NULL)
      return NULL;
    memset(watches + loop->sockets.count, 0,
           (count - loop->sockets.count) * sizeof watches[0]);
    loop->sockets.entries = watches;
    loop->sockets.count = count;
  }
  return &loop->sockets.entries[index];
}

/* Makes epoll look for `events` on a descriptor; 0: not at all. */
static bool set_events(signet_loop *loop, int descriptor, signet_socket *entry,
                       uint32_t events)
{
  if (entry->events == events)
    return true;
  struct epoll_event event = {.events = events, .data.fd = descriptor};
  int action = EPOLL_CTL_MOD;
  if (entry->events == 0)
    action = EPOLL_CTL_ADD;
  else if (events == 0)
    action = EPOLL_CTL_DEL;
  bool done = epoll_ctl(loop->epoll, action, descriptor, &event) == 0;
  /* A descriptor on its way out may be closed already: that is no failure. */
  if (done || events == 0)
    entry->events = events;
  return done;
}

/* The kernel had no room for it: the transfer goes on as soon as it has, or
 * comes to its own time limit. */
static void watch_later(signet_loop *loop, signet_socket *entry,
                        uint32_t events)
{
  entry->refused = events;
  loop->again_due = signet_clock_boot_ms() + SIGNET_LOOP_AGAIN_MS;
}

void signet_sockets_watch_again(signet_loop *loop)
{
  for (size_t i = 0; i < loop->sockets.count; i++) {
    signet_socket *entry = &loop->sockets.entries[i];
    uint32_t events = entry->refused;
    entry->refused = 0;
    if (events != 0 && !set_events(loop, (int)i, entry, events))
      watch_later(loop, entry, events);
  }
}

/* A failure that it told would be the end of every transfer, now and later. */
int signet_sockets_watch(CURL *easy, curl_socket_t descriptor, int what,
                         void *user, void *socket_user)
{
  (void)easy;
  (void)socket_user;
  signet_loop *loop = user;
  signet_socket *entry = signet_socket_of(loop, descriptor);
  if (entry == NULL)
    return 0; /* a resolver's, which libcurl looks at by itself too */
  entry->refused = 0;
  entry->idle = what == CURL_POLL_REMOVE;
  /* A reply may come before libcurl has asked to read: that one can write to a
   * connection nobody uses must not look like news from the server. */
  if (entry->idle && entry->ours) {
    set_events(loop, descriptor, entry, EPOLLIN);
    return 0;
  }
  uint32_t events = 0;
  if (what & CURL_POLL_IN) /* CURL_POLL_INOUT is both bits */
    events |= EPOLLIN;
  if (what & CURL_POLL_OUT)
    events |= EPOLLOUT;
  if (!set_events(loop, descriptor, entry, events) && events != 0)
    watch_later(loop, entry, events);
  return 0;
}

static curl_socket_t open_socket(void *user, curlsocktype purpose,
                                 struct curl_sockaddr *address)
{
  signet_loop *loop = user;
  (void)purpose; /* of HTTP there is one */
  int descriptor = socket(address->family, address->socktype | SOCK_CLOEXEC,
                          address->protocol);
  if (descriptor < 0)
    return CURL_SOCKET_BAD;
  signet_socket *entry = signet_socket_of(loop, descriptor);
  if (entry == NULL) {
    /* libcurl knows only that there is no connection */
    loop->sockets.starved = true;
    close(descriptor);
    return CURL_SOCKET_BAD;
  }
  *entry = (signet_socket){.ours = true};
  return descriptor;
}

static int close_socket(void *user, curl_socket_t descriptor)
{
  signet_loop *loop = user;
  signet_socket *entry = signet_socket_of(loop, descriptor);
  if (entry != NULL)
    *entry = (signet_socket){0}; /* closing takes it out of epoll */
  return close(descriptor);
}

void signet_loop_adopt(signet_loop *loop, CURL *easy)
{
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, loop);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, loop);
}

bool signet_loop_starved(signet_loop *loop)
{
  bool starved = loop->sockets.starved;
  loop->sockets.starved = false;
  return starved;
}

void signet_socket_drop_idle(signet_loop *loop, int descriptor,
                             signet_socket *entry)
{
  char rest[4096];
  set_events(loop, descriptor, entry, 0);
  for (int i = 0; i < PIECES_DROPPED; i++)
    if (recv(descriptor, rest, sizeof rest, MSG_DONTWAIT) <= 0)
      break;
  shutdown(descriptor, SHUT_RDWR);
}

void signet_sockets_give_up(signet_loop *loop)
{
  for (size_t i = 0; i < loop->sockets.count; i++) {
    signet_socket *entry = &loop->sockets.entries[i];
    if (entry->ours && entry->idle)
      signet_socket_drop_idle(loop, (int)i, entry);
    else if (entry->ours)
      shutdown((int)i, SHUT_RDWR);
  }
}
