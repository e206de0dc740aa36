/* SPDX-License-Identifier: MIT */
#include "host/command/writes.h"

#include "host/output/report_event.h"
#include "host/session/advice.h"
#include "host/session/job.h"

#include <inttypes.h>

/* Puts a new job in the place of the present one. @return false: there can be
 * none, and the present one stays */
static bool replace_job(struct session *session)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_job *former = session->job;

  if (!signet_host_job_open(session, NULL, &error) ||
      !signet_engine_set_job(session->engine, session->job, &error)) {
    if (session->job != former)
      signet_job_free(session->job);
    session->job = former;
    signet_host_report_error(&session->report,
                             signet_error_kind_name(error.kind), error.message);
    return false;
  }
  signet_job_free(former);
  return true;
}

void signet_host_writes_open(struct session *session)
{
  if (session->writes) {
    signet_host_report_note(&session->report, "this REPL writes already");
    return;
  }
  session->writes = true;
  session->writes = replace_job(session);
  if (session->writes) {
    signet_host_report_note(
        &session->report,
        "this REPL writes from now on: in a journal, within the limits of a "
        "run, and after a question before deletes; :read ends that");
  }
}

static void tell_written(struct session *session)
{
  uint64_t written = signet_job_written(session->job);
  const char *id = session->report.job;
  char when[160];

  if (written == 0) { /* what is open is settled first */
    signet_host_advise(&session->report, "to find out what became of it",
                       COMMAND_RESUME, id);
    return;
  }
  (void)snprintf(when, sizeof when,
                 "%" PRIu64 " %s done, as job %s; to take %s back", written,
                 written == 1 ? "write" : "writes", id,
                 written == 1 ? "it" : "them");
  signet_host_advise(&session->report, when, COMMAND_UNDO, id);
}

int signet_host_writes_close(struct session *session, int status,
                             signet_counts *counts)
{
  /* What was refused at one prompt is no judgement on the whole session. */
  signet_job_ask_anew(session->job);
  status = signet_host_job_end(session, status, counts);
  if (session->report.job != NULL)
    tell_written(session);
  session->report.job = NULL;
  if (session->writes) {
    session->writes = false;
    (void)replace_job(session);
  }
  return status;
}

void signet_host_writes_mend(struct session *session, signet_error_kind kind)
{
  if (kind == SIGNET_ERROR_LOCKED && session->writes &&
      signet_job_id(session->job) == NULL)
    (void)replace_job(session);
}
