/* SPDX-License-Identifier: MIT */
#include "fault_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 128, REQUESTS = 20000, REQUEST_MAXIMUM = 1 << 20 };

typedef struct connection {
  int descriptor; /* -1: free */
  char *data;
  size_t length;
  int stalled;
} connection;

struct fault_server {
  const fault_reply *replies;
  size_t reply_count;
  int listener;
  int stop;
  uint16_t port;
  pthread_t thread;
  int joined;
  connection connections[CONNECTIONS];
  atomic_size_t request_count;
  struct {
    char *data;
    size_t length;
  } requests[REQUESTS];
};

static void pause_ms(int milliseconds)
{
  struct timespec time = {milliseconds / 1000,
                          (long)(milliseconds % 1000) * 1000000};
  nanosleep(&time, NULL);
}

static void close_connection(connection *one, int reset)
{
  struct linger linger = {1, 0};
  if (reset)
    setsockopt(one->descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  close(one->descriptor);
  free(one->data);
  *one = (connection){.descriptor = -1};
}

/* The length of the whole request at the beginning of the data, 0: not yet. */
static size_t whole_request(const connection *one)
{
  const char *end = memmem(one->data, one->length, "\r\n\r\n", 4);
  if (end == NULL)
    return 0;
  size_t head = (size_t)(end - one->data) + 4;
  size_t body = 0;
  for (const char *line = one->data; line < end;) {
    if (strncasecmp(line, "Content-Length:", 15) == 0)
      body = strtoul(line + 15, NULL, 10);
    const char *next = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
    if (next == NULL)
      break;
    line = next + 2;
  }
  return one->length >= head + body ? head + body : 0;
}

static void send_reply(connection *one, const fault_reply *reply)
{
  if (reply->delay_ms > 0)
    pause_ms(reply->delay_ms);
  size_t piece = reply->piece > 0 ? reply->piece : reply->length;
  for (size_t sent = 0; sent < reply->length;) {
    size_t next = reply->length - sent < piece ? reply->length - sent : piece;
    ssize_t done =
        send(one->descriptor, reply->data + sent, next, MSG_NOSIGNAL);
    if (done <= 0)
      break;
    sent += (size_t)done;
    if (reply->piece > 0)
      pause_ms(1);
  }
}

static void answer(fault_server *server, connection *one, size_t length)
{
  size_t index = atomic_load(&server->request_count);
  fault_reply none = {"", 0, FAULT_CLOSE, 0, 0};
  if (index >= REQUESTS) {
    close_connection(one, 1);
    return;
  }
  char *copy = malloc(length + 1);
  if (copy == NULL)
    abort();
  memcpy(copy, one->data, length);
  copy[length] = '\0';
  server->requests[index].data = copy;
  server->requests[index].length = length;
  atomic_store(&server->request_count, index + 1);
  memmove(one->data, one->data + length, one->length - length);
  one->length -= length;
  const fault_reply *reply =
      index < server->reply_count ? &server->replies[index] : &none;
  send_reply(one, reply);
  if (reply->end == FAULT_CLOSE || reply->end == FAULT_RESET)
    close_connection(one, reply->end == FAULT_RESET);
  one->stalled = reply->end == FAULT_STALL;
}

static void receive(fault_server *server, connection *one)
{
  if (one->data == NULL)
    one->data = malloc(REQUEST_MAXIMUM);
  if (one->data == NULL)
    abort();
  ssize_t got = recv(one->descriptor, one->data + one->length,
                     REQUEST_MAXIMUM - one->length, 0);
  if (got <= 0) {
    close_connection(one, 0);
    return;
  }
  one->length += (size_t)got;
  size_t length = whole_request(one);
  if (length > 0)
    answer(server, one, length);
}

static void accept_one(fault_server *server)
{
  int descriptor = accept(server->listener, NULL, NULL);
  for (size_t i = 0; descriptor >= 0 && i < CONNECTIONS; i++) {
    if (server->connections[i].descriptor < 0) {
      server->connections[i].descriptor = descriptor;
      return;
    }
  }
  if (descriptor >= 0)
    close(descriptor);
}

static void *serve(void *argument)
{
  fault_server *server = argument;
  struct pollfd polls[CONNECTIONS + 2];
  for (;;) {
    polls[0] = (struct pollfd){server->stop, POLLIN, 0};
    polls[1] = (struct pollfd){server->listener, POLLIN, 0};
    for (size_t i = 0; i < CONNECTIONS; i++) {
      const connection *one = &server->connections[i];
      polls[i + 2] =
          (struct pollfd){one->stalled ? -1 : one->descriptor, POLLIN, 0};
    }
    if (poll(polls, CONNECTIONS + 2, -1) < 0 && errno != EINTR)
      abort();
    if (polls[0].revents != 0)
      return NULL;
    if (polls[1].revents != 0)
      accept_one(server);
    for (size_t i = 0; i < CONNECTIONS; i++)
      if (polls[i + 2].fd >= 0 && polls[i + 2].revents != 0)
        receive(server, &server->connections[i]);
  }
}

static int open_listener(fault_server *server)
{
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t size = sizeof address;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (server->listener < 0 ||
      bind(server->listener, (struct sockaddr *)&address, size) != 0 ||
      listen(server->listener, CONNECTIONS) != 0 ||
      getsockname(server->listener, (struct sockaddr *)&address, &size) != 0)
    return 0;
  server->port = ntohs(address.sin_port);
  return 1;
}

fault_server *fault_server_start(const fault_reply *replies, size_t count)
{
  fault_server *server = calloc(1, sizeof *server);
  if (server == NULL)
    return NULL;
  server->replies = replies;
  server->reply_count = count;
  for (size_t i = 0; i < CONNECTIONS; i++)
    server->connections[i].descriptor = -1;
  server->stop = eventfd(0, EFD_CLOEXEC);
  if (server->stop < 0 || !open_listener(server) ||
      pthread_create(&server->thread, NULL, serve, server) != 0) {
    free(server);
    return NULL;
  }
  return server;
}

uint16_t fault_server_port(const fault_server *server)
{
  return server->port;
}

size_t fault_server_requests(fault_server *server)
{
  return atomic_load(&server->request_count);
}

void fault_server_stop(fault_server *server)
{
  if (server->joined)
    return;
  uint64_t one = 1;
  if (write(server->stop, &one, sizeof one) != sizeof one)
    abort();
  pthread_join(server->thread, NULL);
  server->joined = 1;
  for (size_t i = 0; i < CONNECTIONS; i++)
    if (server->connections[i].descriptor >= 0)
      close_connection(&server->connections[i], 0);
  close(server->listener);
  close(server->stop);
}

const char *fault_server_request(const fault_server *server, size_t index,
                                 size_t *length)
{
  *length = server->requests[index].length;
  return server->requests[index].data;
}

void fault_server_free(fault_server *server)
{
  if (server == NULL)
    return;
  fault_server_stop(server);
  for (size_t i = 0; i < REQUESTS; i++)
    free(server->requests[i].data);
  free(server);
}
