/* SPDX-License-Identifier: MIT */
/* signet run, signet -e. */

#include "host/command/apply.h"
#include "host/repl/console.h"
#include "host/session/job.h"
#include "host/session/park.h"
#include "host/system/files.h"
#include "host/system/interrupt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SCRIPT_MAXIMUM = 64 << 20 };

/* -e: an expression may stand for a chunk, and its value is shown. @return
 * false: the mistake is reported */
static bool compile(struct session *session, struct console *console,
                    const struct script *script)
{
  char message[1024] = "out of memory";
  signet_script_about about;

  signet_script_describe(script->code, &about);
  if (signet_host_console_open(console, session->engine,
                               &session->host->terminal) &&
      signet_host_console_predefine(console) &&
      signet_host_console_compile(console, about.text, about.length, "=-e",
                                  false, about.argc, about.argv, message,
                                  sizeof message) == COMPILED_READY) {
    return true;
  }
  signet_host_report_error(&session->report, "script", message);
  return false;
}

int signet_host_end_unrun(struct session *session, int status)
{
  signet_counts none = {0};

  status = signet_host_job_end(session, status, &none);

  signet_host_report_end(&session->report, &none, false);
  return status;
}

static int run_in(struct session *session, const struct script *script)
{
  signet_failure failure = SIGNET_FAILURE_INIT;
  struct console console;
  bool good, chunk = strcmp(script->name, "-e") == 0;
  int status;

  if (script->application != NULL) {
    return script->application->carry_out(session, script);
  }
  if (chunk && !compile(session, &console, script)) {
    return signet_host_end_unrun(session, EXIT_FAILED);
  }
  signet_host_interrupt_begin(session->engine, &session->host->terminal,
                              !session->report.quiet);
  if (signet_host_deadline(session->settings) > 0) {
    signet_host_interrupt_after(signet_host_deadline(session->settings));
  }
  signet_host_park_begin(session);
  good = chunk ? signet_host_console_start(&console, &failure)
               : signet_engine_run(session->engine, script->code, &failure);
  signet_host_park_end(session);
  signet_host_interrupt_end();
  status = signet_host_session_end(session, good, &failure);
  signet_failure_clear(&failure);
  return status;
}

int signet_host_run_script(struct host *host, const struct script *script)
{
  struct session session;
  int status = signet_host_session_open(&session, host, script);

  if (status == EXIT_DONE && !session.over) {
    status = run_in(&session, script);
    signet_host_session_close(&session);
  }
  return status;
}

/* ---- which script ---- */

/* The shipped job whose name is nearest to a word. */
struct names {
  char names[64][68];
  size_t count;
};

static bool take_name(void *user, const char *name)
{
  struct names *names = user;

  (void)snprintf(names->names[names->count++], sizeof names->names[0], "%s",
                 name);
  return names->count < sizeof names->names / sizeof names->names[0];
}

static const char *next_name(size_t index, void *user)
{
  struct names *names = user;

  return index < names->count ? names->names[index] : NULL;
}

static int refuse(struct host *host, const char *name, signet_error *error)
{
  struct names names = {.count = 0};
  size_t length = strlen(error->message);
  const char *near;

  if (error->kind != SIGNET_ERROR_NOT_FOUND &&
      error->kind != SIGNET_ERROR_VALIDATION) {
    return signet_host_report_refusal(host, "script", error->message,
                                      EXIT_FAILED);
  }
  if (error->kind == SIGNET_ERROR_NOT_FOUND) {
    signet_scripts_each(take_name, &names);
    near = signet_host_suggest(name, next_name, &names);
    (void)snprintf(error->message + length, sizeof error->message - length,
                   "%s%s%s", near != NULL ? "; did you mean " : "",
                   near != NULL ? near : "", near != NULL ? "?" : "");
  }
  return signet_host_report_refusal(host, "usage", error->message, EXIT_USAGE);
}

/* Frees the code. @param code  NULL: @p error says why */
static int run_code(struct host *host, const char *name, signet_script *code,
                    signet_error *error)
{
  const struct script script = {.name = name, .code = code};
  int status = code != NULL ? signet_host_run_script(host, &script)
                            : refuse(host, name, error);

  signet_script_free(code);
  return status;
}

static signet_script *read_input(int argc, const char *const *argv,
                                 signet_error *error)
{
  size_t length;
  char *text = signet_host_read_whole(stdin, SCRIPT_MAXIMUM, &length);
  signet_script *code = NULL;

  if (text != NULL) {
    code = signet_script_new("-", NULL, text, length, argc, argv, error);
  } else {
    error->kind = SIGNET_ERROR_STORE;
    (void)snprintf(error->message, sizeof error->message,
                   "standard input can't be read: %s",
                   errno == EFBIG ? "it is too long for a script"
                                  : strerror(errno));
  }
  free(text);
  return code;
}

int signet_host_run(struct host *host)
{
  const struct arguments *arguments = &host->arguments;
  const char *name = arguments->rest[0];
  const char *const *argv = arguments->rest + 1;
  int argc = arguments->count - 1;
  signet_error error = SIGNET_ERROR_INIT;

  return run_code(host, name,
                  strcmp(name, "-") == 0
                      ? read_input(argc, argv, &error)
                      : signet_script_open(name, argc, argv, &error),
                  &error);
}

int signet_host_execute(struct host *host)
{
  const struct arguments *arguments = &host->arguments;
  const char *chunk = signet_host_skip_mark(arguments->values[OPTION_EXECUTE]);
  signet_error error = SIGNET_ERROR_INIT;

  return run_code(host, "-e",
                  signet_script_new("-e", NULL, chunk, strlen(chunk),
                                    arguments->count, arguments->rest, &error),
                  &error);
}
