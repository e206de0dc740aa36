/* SPDX-License-Identifier: MIT */
/*
 * A small host of the engine: runs a script, shows what it says, and ends it
 * cleanly on Ctrl-C.
 *
 *   host SCRIPT [ARGUMENT…]
 *
 * The account comes from the environment (ENGAGELAB_SMS_KEY, …) or the profile.
 */
#define _POSIX_C_SOURCE 200809L /* signals, in strict C too */
#include <signet/engine.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static signet_engine *engine;

static void on_interrupt(int number)
{
  (void)number;
  signet_engine_interrupt(engine);
}

static void on_event(void *user, const signet_event *event)
{
  (void)user;
  switch (event->type) {
  case SIGNET_EVENT_PRINT:
    fwrite(event->text, 1, event->length, stdout);
    break;
  case SIGNET_EVENT_LOG:
    fprintf(stderr, "%s: %s\n", event->level, event->text);
    break;
  case SIGNET_EVENT_PROGRESS:
    fprintf(stderr, "%s: %" PRIu64 " of %" PRIu64 " done\n", event->label,
            event->counts.done, event->total);
    break;
  case SIGNET_EVENT_FAILED:
    fprintf(stderr, "failed: %s: %s\n", event->text, event->reason);
    break;
  case SIGNET_EVENT_SKIPPED:
    fprintf(stderr, "skipped: %s: %s\n", event->text, event->reason);
    break;
  case SIGNET_EVENT_PAUSED:
    fprintf(stderr, "waiting %" PRId64 " ms: %s\n", event->wait_ms,
            event->reason);
    break;
  default: /* accounts: connected, closed, at another pace */
    break;
  }
}

static void show(const signet_failure *failure)
{
  fprintf(stderr, "%s\n", signet_failure_text(failure));
  if (failure->traceback != NULL)
    fprintf(stderr, "%s\n", failure->traceback);
}

/* What the script gave to os.exit, else how it and its entries came out. */
static int run(int argc, char **argv)
{
  signet_failure failure = SIGNET_FAILURE_INIT;
  bool good = signet_engine_run_file(engine, argv[1], argc - 2,
                                     (const char *const *)argv + 2, &failure);
  int status = signet_engine_exit_status(engine);

  if (status < 0) {
    status = good && signet_engine_counts(engine).failed == 0 ? 0 : 1;
    if (!good)
      show(&failure);
  }
  signet_failure_clear(&failure);
  return signet_engine_interrupted(engine) ? 130 : status;
}

int main(int argc, char **argv)
{
  signet_engine_options options = SIGNET_ENGINE_OPTIONS_INIT;
  signet_error error = SIGNET_ERROR_INIT;
  struct sigaction action = {.sa_handler = on_interrupt};
  int status;

  if (argc < 2) {
    fprintf(stderr, "usage: host SCRIPT [ARGUMENT...]\n");
    return 2;
  }
  options.memory_limit = (size_t)256 << 20;
  options.event = on_event;
  engine = signet_engine_new(&options, &error);
  if (engine == NULL) {
    fprintf(stderr, "%s\n", error.message);
    return 1;
  }
  sigaction(SIGINT, &action, NULL);
  status = run(argc, argv);
  action.sa_handler = SIG_DFL;
  sigaction(SIGINT, &action, NULL);
  signet_engine_free(engine);
  return status;
}
