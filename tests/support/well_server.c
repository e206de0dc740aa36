/* SPDX-License-Identifier: MIT */
#include "well_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 64, ROOM = 8192, TICK_MS = 20 };

struct well_server {
  int listener;
  uint16_t port;
  pthread_t thread;
  atomic_int status;
  atomic_int stop;
  atomic_size_t requests;
  struct pollfd polled[CONNECTIONS + 1];
  char data[CONNECTIONS + 1][ROOM];
  size_t length[CONNECTIONS + 1];
};

static void drop(well_server *server, int index)
{
  close(server->polled[index].fd);
  server->polled[index].fd = -1;
  server->length[index] = 0;
}

static void answer(const well_server *server, int descriptor)
{
  static const char body[] =
      "{\"sign_id\":\"1\",\"sign_name\":\"Company\",\"status\":2,"
      "\"related_template_count\":0,\"audit_remark\":\"\","
      "\"created_time\":1,\"updated_time\":1}";
  int status = atomic_load(&server->status);
  char text[512];
  int length = snprintf(text, sizeof text,
                        "HTTP/1.1 %d It\r\nContent-Type: application/json\r\n"
                        "Content-Length: %zu\r\n\r\n%s",
                        status > 1 ? status : 200, sizeof body - 1, body);
  (void)!send(descriptor, text, (size_t)length, MSG_NOSIGNAL);
}

static void take(well_server *server)
{
  int descriptor = accept(server->listener, NULL, NULL);
  if (descriptor < 0)
    return;
  if (atomic_load(&server->status) == 1) {
    atomic_fetch_add(&server->requests, 1);
    close(descriptor);
    return;
  }
  for (int i = 1; i <= CONNECTIONS; i++)
    if (server->polled[i].fd < 0) {
      server->polled[i].fd = descriptor;
      return;
    }
  close(descriptor);
}

/* The requests of these tests have no body. */
static void serve(well_server *server, int index)
{
  char *data = server->data[index];
  size_t *length = &server->length[index];
  ssize_t count = recv(server->polled[index].fd, data + *length,
                       ROOM - 1 - *length, MSG_DONTWAIT);
  if (count <= 0) {
    drop(server, index);
    return;
  }
  *length += (size_t)count;
  data[*length] = '\0';
  char *end = strstr(data, "\r\n\r\n");
  if (end == NULL)
    return;
  atomic_fetch_add(&server->requests, 1);
  *length = 0;
  if (atomic_load(&server->status) == 1)
    drop(server, index);
  else
    answer(server, server->polled[index].fd);
}

static void *run(void *user)
{
  well_server *server = user;
  while (!atomic_load(&server->stop)) {
    if (poll(server->polled, CONNECTIONS + 1, TICK_MS) <= 0)
      continue;
    for (int i = 1; i <= CONNECTIONS; i++)
      if (server->polled[i].fd >= 0 && server->polled[i].revents != 0)
        serve(server, i);
    if (server->polled[0].revents != 0)
      take(server);
  }
  return NULL;
}

well_server *well_server_start(void)
{
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  well_server *server = calloc(1, sizeof *server);
  if (server == NULL)
    return NULL;
  server->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  for (int i = 0; i <= CONNECTIONS; i++)
    server->polled[i] =
        (struct pollfd){i == 0 ? server->listener : -1, POLLIN, 0};
  if (bind(server->listener, (struct sockaddr *)&address, sizeof address) ==
          0 &&
      listen(server->listener, CONNECTIONS) == 0 &&
      getsockname(server->listener, (struct sockaddr *)&address, &size) == 0) {
    server->port = ntohs(address.sin_port);
    if (pthread_create(&server->thread, NULL, run, server) == 0)
      return server;
  }
  close(server->listener);
  free(server);
  return NULL;
}

uint16_t well_server_port(const well_server *server)
{
  return server->port;
}

void well_server_set(well_server *server, int status)
{
  atomic_store(&server->status, status);
}

size_t well_server_requests(well_server *server)
{
  return atomic_load(&server->requests);
}

void well_server_stop(well_server *server)
{
  atomic_store(&server->stop, 1);
  pthread_join(server->thread, NULL);
  for (int i = 0; i <= CONNECTIONS; i++)
    if (server->polled[i].fd >= 0)
      close(server->polled[i].fd);
  free(server);
}
