/* SPDX-License-Identifier: MIT */
#include "host/command/run_script.h"

#include "host/command/carry_out.h"
#include "host/repl/console.h"
#include "host/session/job.h"
#include "host/session/park.h"
#include "host/system/interrupt.h"

#include <string.h>

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
                                  sizeof message) == COMPILED_READY)
    return true;
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

  if (script->application != NULL)
    return script->application->carry_out(session, script);
  if (chunk && !compile(session, &console, script))
    return signet_host_end_unrun(session, EXIT_FAILED);
  signet_host_interrupt_begin(session->engine, &session->host->terminal,
                              !session->report.quiet);
  if (signet_host_deadline(session->settings) > 0)
    signet_host_interrupt_after(signet_host_deadline(session->settings));
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
