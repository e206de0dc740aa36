/* SPDX-License-Identifier: MIT */
#include "host/session.h"

#include "host/interrupt.h"
#include "host/plan.h"
#include "host/scripts.h"

#include <limits.h>

int signet_host_status(signet_error_kind kind)
{
  switch (kind) {
  case SIGNET_OK:
    return EXIT_DONE;
  case SIGNET_ERROR_AUTH:
  case SIGNET_ERROR_CONFIGURATION:
    return EXIT_CONFIGURATION;
  case SIGNET_ERROR_REFUSED:
    return EXIT_REFUSED;
  default:
    return EXIT_FAILED;
  }
}

static int give_up(struct session *session, const signet_error *error)
{
  const signet_counts none = {0};

  signet_host_report_error(&session->report,
                           signet_error_kind_name(error->kind), error->message);
  signet_host_report_end(&session->report, &none, false);
  signet_host_session_close(session);
  return signet_host_status(error->kind);
}

int signet_host_session_open(struct session *session, struct host *host,
                             const char *script, bool interactive)
{
  signet_engine_options options = SIGNET_ENGINE_OPTIONS_INIT;
  signet_error error = SIGNET_ERROR_INIT;
  char path[3 * PATH_MAX];

  *session = (struct session){.host = host};
  signet_host_report_begin(&session->report, host, interactive);
  session->settings = signet_host_settings(host, &error);
  if (session->settings == NULL) {
    return give_up(session, &error);
  }
  if (signet_host_is_dry(host)) {
    session->overlay = signet_host_plan_overlay(host, &error);
    if (session->overlay == NULL) {
      return give_up(session, &error);
    }
  }
  options.overlay = session->overlay;
  signet_host_scripts_lua_path(script, path, sizeof path);
  options.settings = session->settings;
  options.script_path = path;
  options.event = signet_host_report_event;
  options.event_user = &session->report;
  session->engine = signet_engine_new(&options, &error);
  if (session->engine == NULL) {
    return give_up(session, &error);
  }
  return EXIT_DONE;
}

/* The gravest thing that happened decides; what the script gave to os.exit
 * counts where nothing graver did. */
static int status_of(const struct session *session, bool good,
                     const signet_failure *failure)
{
  signet_counts counts = signet_engine_counts(session->engine);
  int exited = signet_engine_exit_status(session->engine);

  if (counts.unknown > 0) {
    return EXIT_UNKNOWN;
  }
  if (session->report.broken || session->failed) {
    return EXIT_FAILED;
  }
  if (signet_engine_interrupted(session->engine)) {
    return EXIT_INTERRUPTED;
  }
  if (exited > 0) {
    return exited;
  }
  if (!good) {
    int status = signet_host_status(failure->error.kind);

    return status != EXIT_DONE ? status : EXIT_FAILED;
  }
  return counts.failed > 0 ? EXIT_FAILED : EXIT_DONE;
}

int signet_host_session_end(struct session *session, bool good,
                            const signet_failure *failure)
{
  bool interrupted =
      signet_engine_interrupted(session->engine) && !session->report.broken;
  bool exited = signet_engine_exit_status(session->engine) >= 0;
  bool cancelled = interrupted && failure->error.kind == SIGNET_ERROR_CANCELLED;
  signet_counts counts = signet_engine_counts(session->engine);

  /* os.exit is no error to tell, nor that an interrupted script was cancelled.
   */
  if (!good && !exited && !cancelled) {
    signet_host_report_failure(&session->report, failure);
  }
  if (session->overlay != NULL && !interrupted &&
      (good || signet_engine_exit_status(session->engine) == 0)) {
    session->failed = !signet_host_plan_end(&session->report, session->overlay);
  }
  if (!session->report.interactive) {
    signet_host_report_end(&session->report, &counts, interrupted);
  }
  return status_of(session, good, failure);
}

void signet_host_session_close(struct session *session)
{
  signet_engine_free(session->engine);
  signet_overlay_free(session->overlay);
  signet_settings_free(session->settings);
  session->overlay = NULL;
  session->engine = NULL;
  session->settings = NULL;
}
