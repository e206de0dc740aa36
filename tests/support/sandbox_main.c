/* SPDX-License-Identifier: MIT */
/*
 * The sandbox server as a program of its own, for tests:
 *   sandbox_main [--port N] [--seed-signs N] [--seed-templates N]
 *                [--latency MS] [--state FILE] [--until-eof]
 *                [--secret-from-env]
 * Prints its base URL as one line. Ends on SIGTERM and SIGINT, and with
 * --until-eof when its input ends, so that it can't outlive its test. The
 * secret is "secret", or with --secret-from-env $SIGNET_TEST_SECRET.
 */
#include "signet/sandbox.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static signet_sandbox *running;

static void on_signal(int number)
{
  (void)number;
  signet_sandbox_stop(running);
}

static void *wait_for_eof(void *user)
{
  char block[256];
  while (read(STDIN_FILENO, block, sizeof block) > 0)
    continue;
  signet_sandbox_stop(user);
  return NULL;
}

static int usage(const char *argument)
{
  fprintf(stderr, "sandbox_main: bad argument %s\n", argument);
  return 2;
}

static bool set_option(signet_sandbox_options *options, const char *name,
                       const char *value)
{
  unsigned long number = strtoul(value, NULL, 10);
  if (strcmp(name, "--port") == 0)
    options->port = (uint16_t)number;
  else if (strcmp(name, "--seed-signs") == 0)
    options->seed_signs = (unsigned)number;
  else if (strcmp(name, "--seed-templates") == 0)
    options->seed_templates = (unsigned)number;
  else if (strcmp(name, "--latency") == 0)
    options->latency_ms = (int64_t)number;
  else if (strcmp(name, "--state") == 0)
    options->state_file = value;
  else
    return false;
  return true;
}

static int serve(bool until_eof)
{
  signet_error error = SIGNET_ERROR_INIT;
  struct sigaction action = {.sa_handler = on_signal};
  pthread_t thread;
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  if (until_eof && pthread_create(&thread, NULL, wait_for_eof, running) != 0)
    return 1;
  printf("http://127.0.0.1:%u\n", signet_sandbox_port(running));
  fflush(stdout);
  bool done = signet_sandbox_run(running, &error);
  if (until_eof) {
    pthread_cancel(thread);
    pthread_join(thread, NULL);
  }
  if (!done)
    fprintf(stderr, "sandbox_main: %s\n", error.message);
  signet_sandbox_close(running);
  return done ? 0 : 1;
}

int main(int argc, char **argv)
{
  signet_sandbox_options options = SIGNET_SANDBOX_OPTIONS_INIT;
  signet_error error = SIGNET_ERROR_INIT;
  bool until_eof = false;
  for (int i = 1; i < argc; i++)
    if (strcmp(argv[i], "--until-eof") == 0)
      until_eof = true;
    else if (strcmp(argv[i], "--secret-from-env") == 0)
      options.secret = getenv("SIGNET_TEST_SECRET");
    else if (i + 1 >= argc || !set_option(&options, argv[i], argv[i + 1]))
      return usage(argv[i]);
    else
      i++;
  running = signet_sandbox_open(&options, &error);
  if (running == NULL) {
    fprintf(stderr, "sandbox_main: %s\n", error.message);
    return 1;
  }
  return serve(until_eof);
}
