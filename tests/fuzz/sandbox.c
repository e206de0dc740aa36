/* SPDX-License-Identifier: MIT */
/* Requests to the sandbox, its control API included: each is answered, and the
 * server goes on. The first line is method and target, the rest the body; where
 * it begins with "!", the rest goes out as it is. */
#include "signet/sandbox.h"
#include "fuzz.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT_MAXIMUM = 20000, PATIENCE_S = 20, RAW_US = 5000 };

static signet_sandbox *sandbox;
static const struct timeval patience = {PATIENCE_S, 0};
/* What is no request may well get no answer. */
static const struct timeval impatience = {0, RAW_US};

static void *serve(void *user)
{
  signet_error error;
  FUZZ_REQUIRE(signet_sandbox_run(user, &error));
  return NULL;
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
  pthread_t thread;
  signet_error error;
  signet_sandbox_options options = SIGNET_SANDBOX_OPTIONS_INIT;
  (void)count, (void)arguments;
  options.seed_signs = 4;
  options.seed_templates = 6;
  sandbox = signet_sandbox_open(&options, &error);
  FUZZ_REQUIRE(sandbox != NULL);
  FUZZ_REQUIRE(pthread_create(&thread, NULL, serve, sandbox) == 0);
  pthread_detach(thread);
  return 0;
}

/* Each from another address, since closed ones are not free for a minute. */
static void bind_somewhere(int made)
{
  static uint32_t number;
  struct sockaddr_in address = {.sin_family = AF_INET};
  int later = 1;
  number++;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + number % 60000);
  setsockopt(made, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &later, sizeof later);
  FUZZ_REQUIRE(bind(made, (struct sockaddr *)&address, sizeof address) == 0);
}

static int connect_to_it(struct timeval limit)
{
  struct sockaddr_in address = {.sin_family = AF_INET};
  int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(signet_sandbox_port(sandbox));
  FUZZ_REQUIRE(made >= 0);
  bind_somewhere(made);
  FUZZ_REQUIRE(connect(made, (struct sockaddr *)&address, sizeof address) == 0);
  setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  return made;
}

/* Sends everything and reads to the end. @param ends  says that there is no
 * more to come; the server may find that out first, and then answer nothing
 * @return how much was answered; the beginning of it is in @p reply */
static size_t ask(const char *text, size_t length, char *reply, size_t size,
                  struct timeval limit, bool ends)
{
  char rest[4096];
  size_t got = 0;
  ssize_t more = 0;
  int made = connect_to_it(limit);
  for (size_t sent = 0; sent < length && more >= 0; sent += (size_t)more)
    more = send(made, text + sent, length - sent, MSG_NOSIGNAL);
  if (ends)
    shutdown(made, SHUT_WR);
  while ((more = recv(made, rest, sizeof rest, 0)) > 0)
    for (ssize_t i = 0; i < more && got + 1 < size; i++)
      reply[got++] = rest[i];
  reply[got] = '\0';
  close(made);
  return got;
}

/* Clears what the input left. Connections that it left half open may take all
 * the places for a moment, so this tries again. */
static void reset(void)
{
  enum { TRIES = 5, PAUSE_US = 100000 };
  char reply[200] = "";
  static const char text[] =
      "POST /__sandbox/reset HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
      "Connection: close\r\n\r\n";
  for (int i = 0; i < TRIES; i++) {
    ask(text, sizeof text - 1, reply, sizeof reply, patience, false);
    if (reply[0] != '\0')
      break;
    usleep(PAUSE_US);
  }
  if (strncmp(reply, "HTTP/1.1 200 ", 13) != 0)
    fprintf(stderr, "the reset was answered: \"%s\"\n", reply);
  FUZZ_REQUIRE(strncmp(reply, "HTTP/1.1 200 ", 13) == 0);
}

/* What would end the server, or make it wait, is left out. */
static bool is_harmless(const char *text, size_t length)
{
  static const char *const words[] = {"stop", "delay", "latency", "%", "close"};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
    if (memmem(text, length, words[i], strlen(words[i])) != NULL)
      return false;
  return true;
}

static size_t make_request(char *out, const char *text, size_t length)
{
  const char *end = memchr(text, '\n', length);
  size_t line = end != NULL ? (size_t)(end - text) : length;
  size_t body = end != NULL ? length - line - 1 : 0;
  size_t used = (size_t)sprintf(
      out,
      "%.*s HTTP/1.1\r\nHost: x\r\nAuthorization: Basic a2V5OnNlY3JldA==\r\n"
      "Connection: close\r\nContent-Length: %zu\r\n\r\n",
      (int)line, text, body);
  if (body > 0)
    memcpy(out + used, end + 1, body);
  return used + body;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static char out[TEXT_MAXIMUM + 400];
  static char reply[TEXT_MAXIMUM];
  const char *text = (const char *)data;
  if (size < 1 || size > TEXT_MAXIMUM || !is_harmless(text, size))
    return 0;
  if (text[0] == '!') {
    ask(text + 1, size - 1, reply, sizeof reply, impatience, false);
  } else {
    size_t length = make_request(out, text, size);
    size_t got = ask(out, length, reply, sizeof reply, patience, true);
    FUZZ_REQUIRE(got == 0 || strncmp(reply, "HTTP/1.", 7) == 0);
  }
  reset();
  return 0;
}
