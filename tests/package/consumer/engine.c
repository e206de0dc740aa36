/* SPDX-License-Identifier: MIT */
/* The engine in a program of its own: runs a chunk that uses the module. */
#include <signet/engine.h>
#include <stdio.h>
#include <string.h>

static void print_event(void *user, const signet_event *event)
{
  (void)user;
  if (event->type == SIGNET_EVENT_PRINT)
    printf("%.*s", (int)event->length, event->text);
}

int main(void)
{
  static const char chunk[] = "local signet = require 'signet'\n"
                              "print('status ' .. signet.status.approved)\n";
  signet_engine_options options = SIGNET_ENGINE_OPTIONS_INIT;
  options.event = print_event;
  signet_error error = SIGNET_ERROR_INIT;
  signet_engine *engine = signet_engine_new(&options, &error);
  if (engine == NULL) {
    fprintf(stderr, "%s\n", error.message);
    return 1;
  }
  signet_failure failure = SIGNET_FAILURE_INIT;
  bool worked = signet_engine_run_string(engine, chunk, strlen(chunk), "=chunk",
                                         &failure);
  if (!worked)
    fprintf(stderr, "%s\n", signet_failure_text(&failure));
  signet_failure_clear(&failure);
  signet_engine_free(engine);
  return !worked;
}
