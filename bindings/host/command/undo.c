/* SPDX-License-Identifier: MIT */
/* signet undo: the inverse of a job, shown first, then carried out. */
#include "host/command/apply.h"
#include "host/command/commands.h"
#include "host/command/jobs.h"
#include "host/command/run_script.h"
#include "host/output/plan_json.h"
#include "host/output/plan_show.h"
#include "host/output/report_event.h"
#include "host/session/confirm.h"
#include "host/session/job.h"
#include "host/session/loss.h"
#include "host/system/guard.h"

#include <string.h>

static int refuse(struct session *session, const char *sentence)
{
  signet_host_report_error(&session->report, "refused", sentence);
  return EXIT_REFUSED;
}

/* What a step makes again is not what was there: it has a new id, and waits for
 * a review. */
static void tell_made_anew(struct report *report, const signet_plan *plan)
{
  char text[300];
  size_t count = 0;

  for (size_t i = 0; i < signet_plan_count(plan); i++)
    count += signet_plan_at(plan, i)->verb == SIGNET_CREATE;
  if (count > 0) {
    (void)snprintf(text, sizeof text,
                   "%zu step%s can't restore what was there: an entry that is "
                   "made again gets a new id, which nothing else goes by, and "
                   "sends only once it is approved",
                   count, count == 1 ? "" : "s");
    signet_host_report_warning(report, text);
  }
}

/* Shows what is to be undone, and asks for it. @return EXIT_DONE: it may be;
 * else the exit status, which is told */
static int confirm(struct session *session,
                   const struct application *application)
{
  struct report *report = &session->report;
  char text[200];

  if (report->json != NULL)
    signet_host_plan_json(report, application->plan);
  else
    signet_host_plan_show(report, application->plan);
  tell_made_anew(report, application->plan);
  if (application->irreversible > 0) {
    (void)snprintf(text, sizeof text,
                   "%zu write%s of the job can't be taken back: raw requests, "
                   "or changes of what nothing is known of",
                   application->irreversible,
                   application->irreversible == 1 ? "" : "s");
    signet_host_report_warning(report, text);
  }
  if (signet_plan_count(application->plan) == 0 ||
      signet_host_flag(session->host, OPTION_YES))
    return EXIT_DONE;
  if (!signet_host_can_ask(session)) {
    return refuse(session, "an undo has to be confirmed, and there is no "
                           "terminal to ask on: --yes confirms it");
  }
  return signet_host_ask(session, "This takes the job back, as shown. Go on?")
             ? EXIT_DONE
             : refuse(session, "the undo was not confirmed");
}

/* An entry that the undo leaves alone; it counts as failed. */
static void take_conflict(void *user, const signet_undo_conflict *conflict)
{
  struct session *session = user;
  char entry[80];
  signet_error error = SIGNET_ERROR_INIT;
  signet_event event = {.type = SIGNET_EVENT_FAILED,
                        .label = "Undoing",
                        .text = entry,
                        .reason = conflict->finding,
                        .error = &error};

  (void)snprintf(entry, sizeof entry, "%s %s",
                 signet_kind_word_of(conflict->kind), conflict->id);
  event.length = strlen(entry);
  error.kind = SIGNET_ERROR_CONFLICT;
  (void)snprintf(error.message, sizeof error.message, "%s", conflict->finding);
  signet_host_report_event(&session->report, &event);
}

/* What is left to take back. @return EXIT_DONE: `application` has it; else the
 * exit status, which is told */
static int make_plan(struct session *session, struct application *application,
                     signet_plan **plan)
{
  signet_undo_findings findings;
  signet_error error = SIGNET_ERROR_INIT;
  char text[200];

  *plan =
      signet_job_undo(session->job, take_conflict, session, &findings, &error);
  if (*plan == NULL) {
    signet_host_report_error(&session->report,
                             signet_error_kind_name(error.kind), error.message);
    return signet_host_status(error.kind);
  }
  signet_host_job_tell_settled(session, &findings.settled);
  signet_host_loss_tell(session);
  application->plan = *plan;
  application->irreversible = findings.irreversible;
  application->left_alone = findings.left_alone;
  if (*findings.former == '\0')
    return EXIT_DONE;
  (void)snprintf(text, sizeof text,
                 "job %s took a part of job %s back: this is what is left",
                 findings.former, application->parent);
  signet_host_report_note(&session->report, text);
  return EXIT_DONE;
}

static int undo_in(struct session *session, const struct script *script)
{
  struct application application = *script->application;
  struct script rest = *script;
  signet_plan *plan = NULL;
  int status = make_plan(session, &application, &plan);

  rest.application = &application;
  status = status == EXIT_DONE ? confirm(session, &application) : status;
  status = status == EXIT_DONE ? signet_host_apply_in(session, &rest)
                               : signet_host_end_unrun(session, status);
  signet_plan_free(plan);
  return status;
}

/* ---- which job ---- */

/* @param settings  replaced by those of the job's account, where its script
 *                  named a profile */
static signet_jobs *choose(const struct host *host, signet_settings **settings,
                           int *status, signet_error *error)
{
  signet_settings *own;
  signet_jobs *jobs = signet_host_jobs_find(
      host, *settings, host->arguments.rest[0], status, error);

  if (jobs != NULL && !signet_host_jobs_account(
                          host, *settings, signet_jobs_at(jobs, 0),
                          signet_host_jobs_names_account(&host->arguments),
                          &own, status, error)) {
    signet_jobs_free(jobs);
    return NULL;
  }
  if (jobs != NULL && own != NULL) {
    signet_settings_free(*settings);
    *settings = own;
  }
  return jobs;
}

static int undo(struct host *host, const signet_job_view *job)
{
  const struct application application = {
      .carry_out = undo_in, .type = SIGNET_JOB_UNDO, .parent = job->id};

  return signet_host_apply_plan(host, job->id, NULL, &application);
}

int signet_host_undo(struct host *host)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_settings *settings = signet_host_settings_first(host, &error);
  signet_jobs *jobs = NULL;
  int status = EXIT_CONFIGURATION;

  if (settings != NULL)
    jobs = choose(host, &settings, &status, &error);
  signet_host_wipe_environment();
  host->settings = settings; /* the environment holds no secret any more */
  status =
      jobs != NULL
          ? undo(host, signet_jobs_at(jobs, 0))
          : signet_host_report_refusal(host,
                                       error.kind == SIGNET_ERROR_VALIDATION
                                           ? "usage"
                                           : signet_error_kind_name(error.kind),
                                       error.message, status);
  host->settings = NULL;
  signet_jobs_free(jobs);
  signet_settings_free(settings);
  return status;
}
