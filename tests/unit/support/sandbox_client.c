/* SPDX-License-Identifier: MIT */
#include "sandbox_client.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CREDENTIALS "Authorization: Basic a2V5OnNlY3JldA==\r\n"

signet_sandbox *sandbox;

static pthread_t thread;
static bool run_result;
static reply last;

static void *run(void *user)
{
  signet_error error = SIGNET_ERROR_INIT;
  (void)user;
  run_result = signet_sandbox_run(sandbox, &error);
  return NULL;
}

void sandbox_begin_with(const signet_sandbox_options *options)
{
  signet_error error = SIGNET_ERROR_INIT;
  sandbox = signet_sandbox_open(options, &error);
  cr_assert_not_null(sandbox, "%s", error.message);
  cr_assert_eq(pthread_create(&thread, NULL, run, NULL), 0);
}

void sandbox_begin(void)
{
  signet_sandbox_options options = SIGNET_SANDBOX_OPTIONS_INIT;
  sandbox_begin_with(&options);
}

bool sandbox_finish(void)
{
  signet_sandbox_stop(sandbox);
  pthread_join(thread, NULL);
  signet_sandbox_close(sandbox);
  sandbox = NULL;
  return run_result;
}

void sandbox_end(void)
{
  if (sandbox != NULL)
    cr_expect(sandbox_finish());
}

int64_t now_ms(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int connect_to_sandbox(void)
{
  struct sockaddr_in address = {.sin_family = AF_INET};
  struct timeval patience = {10, 0};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(signet_sandbox_port(sandbox));
  int file = socket(AF_INET, SOCK_STREAM, 0);
  cr_assert_geq(file, 0);
  setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  cr_assert_eq(connect(file, (struct sockaddr *)&address, sizeof address), 0);
  return file;
}

static void send_all(int file, const char *bytes, size_t length)
{
  while (length > 0) {
    ssize_t size = send(file, bytes, length, MSG_NOSIGNAL);
    if (size <= 0)
      return; /* closed early: the reply tells */
    bytes += size;
    length -= (size_t)size;
  }
}

static char *read_all(int file, size_t *length)
{
  size_t room = 1 << 16;
  char *text = malloc(room);
  ssize_t size;
  *length = 0;
  while ((size = recv(file, text + *length, room - *length - 1, 0)) > 0) {
    *length += (size_t)size;
    if (room - *length < 1024)
      text = realloc(text, room *= 2);
  }
  text[*length] = '\0';
  return text;
}

static void keep(char *to, size_t room, const char *from, size_t length)
{
  size_t size = length < room ? length : room - 1;
  memcpy(to, from, size);
  to[size] = '\0';
}

static const reply *understand(const char *text, size_t length)
{
  memset(&last, 0, sizeof last);
  const char *end = strstr(text, "\r\n\r\n");
  if (end == NULL)
    return &last;
  size_t head = (size_t)(end - text) + 4;
  keep(last.head, sizeof last.head, text, head);
  keep(last.body, sizeof last.body, text + head, length - head);
  last.length = length - head;
  if (last.length > 0 && last.length < sizeof last.body &&
      last.body[last.length - 1] == '\n')
    last.body[last.length - 1] = '\0';
  sscanf(text, "HTTP/1.1 %d", &last.status);
  const char *announced = strstr(last.head, "Content-Length: ");
  last.whole =
      announced != NULL && strtoul(announced + 16, NULL, 10) == last.length;
  return &last;
}

const reply *call_raw(const char *bytes, size_t length)
{
  int file = connect_to_sandbox();
  send_all(file, bytes, length);
  char *text = read_all(file, &length);
  close(file);
  understand(text, length);
  free(text);
  return &last;
}

const reply *call_with(const char *header, const char *method, const char *path,
                       const char *body)
{
  size_t size = strlen(path) + 512 + (body != NULL ? strlen(body) : 0);
  char *text = malloc(size);
  int length =
      snprintf(text, size,
               "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s"
               "Connection: close\r\nContent-Length: %zu\r\n\r\n%s",
               method, path, header, body != NULL ? strlen(body) : (size_t)0,
               body != NULL ? body : "");
  call_raw(text, (size_t)length);
  free(text);
  return &last;
}

const reply *call(const char *method, const char *path, const char *body)
{
  return call_with(CREDENTIALS, method, path, body);
}

const reply *call_bare(const char *method, const char *path, const char *body)
{
  return call_with("", method, path, body);
}
