/* SPDX-License-Identifier: MIT */
/* signet run, signet -e. */

#include "host/console.h"
#include "host/interrupt.h"
#include "host/scripts.h"
#include "host/session.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { SCRIPT_MAXIMUM = 64 << 20 };

static int run_file(struct session *session, const char *path)
{
  const struct arguments *arguments = &session->host->arguments;
  signet_failure failure = SIGNET_FAILURE_INIT;
  int status;
  bool good;

  signet_host_interrupt_begin(session->engine, &session->host->terminal,
                              !session->report.quiet);
  good = signet_engine_run_file(session->engine, path, arguments->count - 1,
                                arguments->rest + 1, &failure);
  signet_host_interrupt_end();
  status = signet_host_session_end(session, good, &failure);
  signet_failure_clear(&failure);
  return status;
}

/* A chunk that comes from elsewhere than a file. */
static int run_text(struct session *session, const char *text, size_t length,
                    const char *name, bool values, int argc,
                    const char *const *argv)
{
  signet_failure failure = SIGNET_FAILURE_INIT;
  struct console console;
  char message[1024] = "out of memory";
  const signet_counts none = {0};
  bool good;
  int status;

  if (!signet_host_console_open(&console, session->engine,
                                &session->host->terminal) ||
      (values && !signet_host_console_predefine(&console)) ||
      signet_host_console_compile(&console, text, length, name, values, argc,
                                  argv, message,
                                  sizeof message) != COMPILED_READY) {
    signet_host_report_error(&session->report, "script", message);
    signet_host_report_end(&session->report, &none, false);
    return EXIT_FAILED;
  }
  signet_host_interrupt_begin(session->engine, &session->host->terminal,
                              !session->report.quiet);
  good = signet_host_console_start(&console, &failure);
  signet_host_interrupt_end();
  status = signet_host_session_end(session, good, &failure);
  signet_failure_clear(&failure);
  return status;
}

/* Standard input, whole. NULL: it can't be read, or is no script any more. */
static char *read_input(size_t *length)
{
  size_t room = 1 << 16, count;
  char *text = malloc(room), *larger;

  for (*length = 0; text != NULL; *length += count) {
    if (*length == room) {
      room *= 2;
      larger = room <= SCRIPT_MAXIMUM ? realloc(text, room) : NULL;
      if (larger == NULL) {
        break;
      }
      text = larger;
    }
    count = fread(text + *length, 1, room - *length, stdin);
    if (count == 0) {
      if (ferror(stdin)) {
        break;
      }
      return text;
    }
  }
  free(text);
  return NULL;
}

static int run_input(struct host *host)
{
  struct session session;
  size_t length;
  char *text = read_input(&length);
  int status;

  if (text == NULL) {
    return signet_host_report_refusal(
        host, "script", "standard input can't be read, or is too long",
        EXIT_FAILED);
  }
  status = signet_host_session_open(&session, host, NULL, false);
  if (status == EXIT_DONE) {
    status = run_text(&session, text, length, "=stdin", false,
                      host->arguments.count - 1, host->arguments.rest + 1);
    signet_host_session_close(&session);
  }
  free(text);
  return status;
}

int signet_host_run(struct host *host)
{
  struct session session;
  char path[PATH_MAX], sentence[1200];
  int status;

  if (strcmp(host->arguments.rest[0], "-") == 0) {
    return run_input(host);
  }
  if (!signet_host_scripts_find(host->arguments.rest[0], path, sizeof path,
                                sentence, sizeof sentence)) {
    return signet_host_report_refusal(host, "usage", sentence, EXIT_USAGE);
  }
  status = signet_host_session_open(&session, host, path, false);
  if (status == EXIT_DONE) {
    status = run_file(&session, path);
    signet_host_session_close(&session);
  }
  return status;
}

int signet_host_execute(struct host *host)
{
  const char *chunk = host->arguments.values[OPTION_EXECUTE];
  struct session session;
  int status = signet_host_session_open(&session, host, NULL, false);

  if (status == EXIT_DONE) {
    status = run_text(&session, chunk, strlen(chunk), "=-e", true,
                      host->arguments.count, host->arguments.rest);
    signet_host_session_close(&session);
  }
  return status;
}
