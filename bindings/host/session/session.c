/* SPDX-License-Identifier: MIT */
#include "host/session/session.h"

#include "host/output/report_event.h"
#include "host/output/report_line.h"
#include "host/output/standard_error.h"
#include "host/session/advice.h"
#include "host/session/dry_run.h"
#include "host/session/job.h"
#include "host/session/learned.h"
#include "host/session/park.h"
#include "host/system/interrupt.h"
#include "host/system/keys.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* A pause parked it before the script ran. */
static int end_parked(struct session *session, const signet_error *error)
{
  const signet_counts none = {0};
  const signet_job_counts counts = {0};
  signet_error ignored = SIGNET_ERROR_INIT;

  signet_host_park_keep(session);
  if (session->job != NULL && !session->early) {
    (void)signet_job_end(session->job, SIGNET_JOB_PARKED, &counts, &ignored);
    session->report.job = signet_job_id(session->job);
  }
  signet_host_park_tell(session);
  signet_host_report_end(&session->report, &none, false);
  signet_host_session_close(session);
  return error->kind == SIGNET_ERROR_UNKNOWN_OUTCOME ? EXIT_UNKNOWN
                                                     : EXIT_PARKED;
}

int signet_host_session_give_up(struct session *session,
                                const signet_error *error)
{
  const signet_counts none = {0};

  if (signet_host_park_is(session))
    return end_parked(session, error);
  if (session->over) {
    signet_host_report_note(&session->report, error->message);
  } else {
    signet_host_report_error(
        &session->report, signet_error_kind_name(error->kind), error->message);
  }
  if (session->early) {
    signet_host_advise(&session->report, "to go on", COMMAND_RESUME,
                       session->report.job);
  }
  signet_host_report_end(&session->report, &none, false);
  signet_host_session_close(session);
  return session->over ? EXIT_DONE : signet_host_status(error->kind);
}

/* Keys are taken while a bar is shown. */
void signet_host_session_take_keys(struct session *session)
{
  if (session->report.progress.running && !session->report.interactive &&
      session->host->terminal.bar) {
    signet_host_keys_begin(signet_host_interrupt_change_pace);
    signet_host_keys_take();
  } else {
    signet_host_keys_end();
  }
}

/* For others that look at the jobs meanwhile. */
static void tell_job(struct session *session)
{
  signet_counts counts;
  signet_job_counts numbers;

  if (session->job == NULL || session->engine == NULL)
    return;
  counts = signet_engine_counts(session->engine);
  numbers = (signet_job_counts){
      (int64_t)counts.done, (int64_t)counts.failed, (int64_t)counts.skipped,
      (int64_t)counts.unknown, (int64_t)counts.waiting};
  signet_job_tell(session->job, &numbers);
}

/* What a script does outside of signet.each comes with no event. */
static void on_tell(void *user)
{
  enum { TELL_MS = 1000 };
  struct session *session = user;

  tell_job(session);
  session->tell = signet_timer_start(session->loop, TELL_MS, on_tell, session);
}

static void take_event(void *user, const signet_event *event)
{
  struct session *session = user;

  if (event->type == SIGNET_EVENT_PAUSED)
    signet_host_park_take(session, event->wait_ms, event->reason);
  signet_host_report_event(&session->report, event);
  tell_job(session);
  if (event->type == SIGNET_EVENT_CONNECT)
    signet_host_learned_begin(session, event->account);
  else if (event->type == SIGNET_EVENT_CLOSE)
    signet_host_learned_end(session, event->account);
  else if (event->type == SIGNET_EVENT_PROGRESS ||
           event->type == SIGNET_EVENT_PAUSED)
    signet_host_session_take_keys(session);
}

static bool open_engine(struct session *session, const struct script *script,
                        signet_error *error)
{
  signet_engine_options options = SIGNET_ENGINE_OPTIONS_INIT;
  signet_script_about about = {.shipped = false};
  char path[3 * PATH_MAX];

  if (script != NULL && script->application != NULL)
    return signet_host_job_account(session, error); /* a plan is no script */
  signet_scripts_lua_path(NULL, path, sizeof path);
  about.script_path = path;
  if (script != NULL)
    signet_script_describe(script->code, &about);
  if (about.shipped)
    (void)umask(S_IRWXG | S_IRWXO); /* what a job writes is account data */
  options.overlay = session->overlay;
  options.settings = session->settings;
  options.script_path = about.script_path;
  options.event = take_event;
  options.event_user = session;
  options.loop = session->loop;
  options.job = session->job;
  options.trace = signet_host_trace_function(&session->trace);
  options.trace_user = &session->trace;
  options.trace_bytes = signet_host_trace_bytes(&session->trace);
  session->engine = signet_engine_new(&options, error);
  if (session->engine != NULL && session->job != NULL)
    on_tell(session);
  return session->engine != NULL &&
         signet_host_redirect_errors(session->engine, &session->report, error);
}

static bool open_loop(struct session *session, signet_error *error)
{
  session->loop = signet_loop_new();
  if (session->loop == NULL) {
    error->kind = SIGNET_ERROR_MEMORY;
    (void)snprintf(error->message, sizeof error->message, "out of memory");
  }
  return session->loop != NULL;
}

/* A dry run writes to an overlay; every other one under a job, which that of a
 * REPL has from its beginning: it is what refuses writes. */
static bool open_target(struct session *session, const struct script *script,
                        signet_error *error)
{
  if (!signet_host_is_dry(session->host))
    return signet_host_job_open(session, script, error);
  if (signet_host_plan_can_save(session->host, error))
    session->overlay = signet_host_plan_overlay(session->host, error);
  return session->overlay != NULL;
}

int signet_host_session_open(struct session *session, struct host *host,
                             const struct script *script)
{
  signet_error error = SIGNET_ERROR_INIT;

  *session = (struct session){.host = host};
  session->writes = signet_host_flag(host, OPTION_WRITE);
  signet_host_interrupt_prepare();
  signet_host_report_begin(&session->report, host, script == NULL);
  session->settings = signet_host_settings(host, &error);
  if (!signet_host_trace_open(&session->trace, &session->report, &error) ||
      session->settings == NULL || !open_loop(session, &error) ||
      !open_target(session, script, &error) ||
      (script != NULL && script->resume != NULL &&
       !signet_host_job_settle(session, &error)) ||
      !open_engine(session, script, &error))
    return signet_host_session_give_up(session, &error);
  return EXIT_DONE;
}

/* What the engine counted. An outcome that is not known stays one where a
 * script caught the error: the journal has it. */
static signet_counts counts_of(const struct session *session)
{
  signet_counts counts = signet_engine_counts(session->engine);
  uint64_t unknown =
      session->job != NULL ? signet_job_unknown(session->job) : 0;

  counts.unknown = unknown > counts.unknown ? unknown : counts.unknown;
  if (counts.waiting < session->park.reviews)
    counts.waiting = session->park.reviews; /* outside signet.each too */
  return counts;
}

bool signet_host_session_lacks_output(const struct session *session)
{
  return session->report.broken &&
         (!session->report.left || session->interrupted);
}

/* The gravest thing that happened decides; what the script gave to os.exit
 * counts where nothing graver did. */
static int status_of(const struct session *session, bool good,
                     const signet_failure *failure)
{
  signet_counts counts = counts_of(session);
  int exited = signet_engine_exit_status(session->engine);

  if (counts.unknown > 0)
    return EXIT_UNKNOWN;
  if (signet_host_session_lacks_output(session) || session->failed)
    return EXIT_FAILED;
  if (signet_engine_interrupted(session->engine))
    return signet_host_park_is(session) ? EXIT_PARKED : EXIT_INTERRUPTED;
  if (exited > 0)
    return exited;
  if (!good)
    return signet_host_status(failure->error.kind);
  return counts.failed > 0 ? EXIT_FAILED : EXIT_DONE;
}

void signet_host_session_tell_deadline(struct session *session)
{
  char duration[32], sentence[128];

  if (!session->interrupted || !signet_host_interrupt_by_deadline())
    return;
  signet_host_duration(duration, sizeof duration,
                       signet_host_deadline(session->settings));
  (void)snprintf(sentence, sizeof sentence,
                 "the run did not come to its end within %s (deadline)",
                 duration);
  signet_host_report_error(
      &session->report, signet_error_kind_name(SIGNET_ERROR_TIMEOUT), sentence);
}

int signet_host_session_end(struct session *session, bool good,
                            const signet_failure *failure)
{
  bool stopped = signet_engine_interrupted(session->engine);
  bool interrupted = stopped && !session->report.broken;
  bool exited = signet_engine_exit_status(session->engine) >= 0;
  bool cancelled = (interrupted || session->report.left) &&
                   failure->error.kind == SIGNET_ERROR_CANCELLED;
  signet_counts counts = counts_of(session);
  int status, planned = EXIT_DONE;

  session->interrupted = stopped;
  session->report.ending.interrupted = stopped;
  if (!good && !exited) {
    signet_job_ending_raise(&session->report.ending, session->job,
                            &failure->error);
  }
  /* os.exit is no error to tell, nor that an interrupted script was cancelled.
   */
  if (!good && !exited && !cancelled)
    signet_host_report_failure(&session->report, failure);
  if (interrupted)
    signet_host_session_tell_deadline(session);
  if (session->overlay != NULL && !interrupted &&
      (good || signet_engine_exit_status(session->engine) == 0)) {
    planned = signet_host_plan_end(&session->report, session->overlay);
    session->failed = planned == EXIT_FAILED;
  }
  signet_host_report_flush(&session->report);
  signet_host_keys_end();
  status = status_of(session, good, failure);
  status = status == EXIT_DONE ? planned : status;
  if (!session->report.interactive) {
    status = signet_host_job_end(session, status, &counts);
    signet_host_report_end(&session->report, &counts, interrupted);
  }
  if (status == EXIT_DONE && signet_host_session_lacks_output(session))
    status = EXIT_FAILED;
  return status;
}

void signet_host_session_close(struct session *session)
{
  signet_timer_cancel(session->park.hold);
  session->park.hold = NULL;
  signet_timer_cancel(session->tell);
  session->tell = NULL;
  signet_host_park_end(session);
  signet_engine_free(session->engine);
  if (session->account != NULL)
    signet_host_learned_end(session, session->account);
  signet_account_close(session->account);
  if (session->loop != NULL) {
    /* The calls that closing has ended are given back by one more turn. */
    (void)signet_loop_step(session->loop, 0);
  }
  signet_overlay_free(session->overlay); /* its accounts come first */
  signet_job_free(session->job);
  signet_loop_free(session->loop);
  signet_settings_free(session->settings);
  signet_host_trace_close(&session->trace);
  session->overlay = NULL;
  session->engine = NULL;
  session->account = NULL;
  session->job = NULL;
  session->loop = NULL;
  session->settings = NULL;
}
