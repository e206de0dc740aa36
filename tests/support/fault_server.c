/* SPDX-License-Identifier: MIT */
#include "fault_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
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
  size_t place; /* of the next request */
  fault_gate gate;
  int stalled;
} connection;

struct fault_server {
  const fault_reply *replies;
  size_t reply_count;
  fault_script script;
  int listener;
  int stop;
  int wait;    /* somebody waits for it to be idle */
  sem_t idle;  /* posted then */
  int waiting; /* the server's thread knows */
  uint16_t port;
  pthread_t thread;
  int joined;
  connection connections[CONNECTIONS];
  size_t open;
  atomic_size_t bytes;
  atomic_size_t accepted;
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

static void close_connection(fault_server *server, connection *one, int reset)
{
  struct linger linger = {1, 0};
  server->open--;
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
    if (reply->pause_ms > 0 && sent == reply->pause_at)
      pause_ms(reply->pause_ms);
    if (reply->pause_ms > 0 && sent < reply->pause_at &&
        sent + next > reply->pause_at)
      next = reply->pause_at - sent;
    ssize_t done =
        send(one->descriptor, reply->data + sent, next, MSG_NOSIGNAL);
    if (done <= 0)
      break;
    sent += (size_t)done;
    if (reply->piece > 0)
      pause_ms(1);
  }
}

static void end_connection(fault_server *server, connection *one, fault_end end)
{
  if (end == FAULT_CLOSE || end == FAULT_RESET)
    close_connection(server, one, end == FAULT_RESET);
  else
    one->stalled = end == FAULT_STALL;
}

/* How much of the next request is to be read. */
static void ask_gate(const fault_server *server, connection *one)
{
  one->gate = (fault_gate){SIZE_MAX, FAULT_KEEP};
  if (server->script.gate != NULL)
    one->gate = server->script.gate(server->script.user, one->place);
}

static void keep_request(fault_server *server, size_t index,
                         const connection *one, size_t length)
{
  char *copy = malloc(length + 1);
  if (copy == NULL)
    abort();
  memcpy(copy, one->data, length);
  copy[length] = '\0';
  server->requests[index].data = copy;
  server->requests[index].length = length;
}

/* The reply to the next request in the list. */
static fault_reply next_reply(fault_server *server, const connection *one,
                              size_t length)
{
  fault_reply none = {.data = "", .end = FAULT_CLOSE};
  size_t index = atomic_load(&server->request_count);
  if (index >= REQUESTS) {
    none.end = FAULT_RESET;
    return none;
  }
  keep_request(server, index, one, length);
  return index < server->reply_count ? server->replies[index] : none;
}

static void answer(fault_server *server, connection *one, size_t length)
{
  const fault_script *script = &server->script;
  fault_request request = {one->data, length, one->place};
  fault_reply reply = script->answer != NULL
                          ? script->answer(script->user, &request)
                          : next_reply(server, one, length);
  atomic_fetch_add(&server->request_count, 1);
  memmove(one->data, one->data + length, one->length - length);
  one->length -= length;
  one->place++;
  send_reply(one, &reply);
  end_connection(server, one, reply.end);
  if (script->answered != NULL)
    script->answered(script->user);
  if (one->descriptor >= 0)
    ask_gate(server, one);
}

static void receive(fault_server *server, connection *one)
{
  size_t room = REQUEST_MAXIMUM - one->length;
  if (one->data == NULL)
    one->data = malloc(REQUEST_MAXIMUM);
  if (one->data == NULL)
    abort();
  if (one->gate.bytes < SIZE_MAX && one->gate.bytes - one->length < room)
    room = one->gate.bytes - one->length;
  ssize_t got = recv(one->descriptor, one->data + one->length, room, 0);
  if (got <= 0) {
    close_connection(server, one, 0);
    return;
  }
  atomic_fetch_add(&server->bytes, (size_t)got);
  one->length += (size_t)got;
  size_t length = whole_request(one);
  if (length > 0)
    answer(server, one, length);
  else if (one->length >= one->gate.bytes)
    end_connection(server, one, one->gate.end);
}

/* One that isn't listened to is still watched for being closed. */
static void serve_connection(fault_server *server, connection *one)
{
  if (one->stalled)
    close_connection(server, one, 0);
  else
    receive(server, one);
}

static void accept_one(fault_server *server)
{
  int on = 1;
  int descriptor = accept(server->listener, NULL, NULL);
  for (size_t i = 0; descriptor >= 0 && i < CONNECTIONS; i++) {
    connection *one = &server->connections[i];
    if (one->descriptor >= 0)
      continue;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    *one = (connection){.descriptor = descriptor};
    server->open++;
    atomic_fetch_add(&server->accepted, 1);
    ask_gate(server, one);
    if (one->gate.bytes == 0)
      end_connection(server, one, one->gate.end);
    return;
  }
  if (descriptor >= 0)
    close(descriptor);
}

/* Nobody is connected, and nobody waits to be. */
static void look_whether_idle(fault_server *server)
{
  struct pollfd listener = {server->listener, POLLIN, 0};
  if (!server->waiting || server->open > 0 || poll(&listener, 1, 0) != 0)
    return;
  server->waiting = 0;
  sem_post(&server->idle);
}

static void begin_waiting(fault_server *server)
{
  uint64_t count;
  if (read(server->wait, &count, sizeof count) == sizeof count)
    server->waiting = 1;
}

static void *serve(void *argument)
{
  fault_server *server = argument;
  struct pollfd polls[CONNECTIONS + 3];
  for (;;) {
    polls[0] = (struct pollfd){server->stop, POLLIN, 0};
    polls[1] = (struct pollfd){server->listener, POLLIN, 0};
    polls[2] = (struct pollfd){server->wait, POLLIN, 0};
    for (size_t i = 0; i < CONNECTIONS; i++) {
      const connection *one = &server->connections[i];
      short events = one->stalled ? POLLRDHUP : POLLIN;
      polls[i + 3] = (struct pollfd){one->descriptor, events, 0};
    }
    if (poll(polls, CONNECTIONS + 3, -1) < 0 && errno != EINTR)
      abort();
    if (polls[0].revents != 0)
      return NULL;
    for (size_t i = 0; i < CONNECTIONS; i++)
      if (polls[i + 3].fd >= 0 && polls[i + 3].revents != 0)
        serve_connection(server, &server->connections[i]);
    if (polls[1].revents != 0)
      accept_one(server);
    if (polls[2].revents != 0)
      begin_waiting(server);
    look_whether_idle(server);
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

static fault_server *start(const fault_reply *replies, size_t count,
                           const fault_script *script)
{
  fault_server *server = calloc(1, sizeof *server);
  if (server == NULL)
    return NULL;
  server->replies = replies;
  server->reply_count = count;
  if (script != NULL)
    server->script = *script;
  for (size_t i = 0; i < CONNECTIONS; i++)
    server->connections[i].descriptor = -1;
  server->stop = eventfd(0, EFD_CLOEXEC);
  server->wait = eventfd(0, EFD_CLOEXEC);
  if (server->stop < 0 || server->wait < 0 ||
      sem_init(&server->idle, 0, 0) != 0 || !open_listener(server) ||
      pthread_create(&server->thread, NULL, serve, server) != 0) {
    free(server);
    return NULL;
  }
  return server;
}

fault_server *fault_server_start(const fault_reply *replies, size_t count)
{
  return start(replies, count, NULL);
}

fault_server *fault_server_start_script(const fault_script *script)
{
  return start(NULL, 0, script);
}

uint16_t fault_server_port(const fault_server *server)
{
  return server->port;
}

size_t fault_server_requests(fault_server *server)
{
  return atomic_load(&server->request_count);
}

size_t fault_server_bytes(fault_server *server)
{
  return atomic_load(&server->bytes);
}

size_t fault_server_connections(fault_server *server)
{
  return atomic_load(&server->accepted);
}

int fault_server_wait_idle(fault_server *server)
{
  uint64_t one = 1;
  struct timespec end;
  if (write(server->wait, &one, sizeof one) != sizeof one ||
      clock_gettime(CLOCK_REALTIME, &end) != 0)
    abort();
  end.tv_sec += 10;
  while (sem_timedwait(&server->idle, &end) != 0)
    if (errno != EINTR)
      return 0;
  return 1;
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
      close_connection(server, &server->connections[i], 0);
  close(server->listener);
  close(server->stop);
  close(server->wait);
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
  sem_destroy(&server->idle);
  free(server);
}
