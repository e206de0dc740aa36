/* SPDX-License-Identifier: MIT */
/* signet undo: the inverse of a job, shown first, then carried out. */
#include "host/apply.h"
#include "host/job.h"
#include "host/plan.h"

#include <string.h>

static int refuse(struct session *session, const char *sentence)
{
  signet_host_report_error(&session->report, "refused", sentence);
  return EXIT_REFUSED;
}

int signet_host_undo_confirm(struct session *session,
                             const struct application *application)
{
  struct report *report = &session->report;
  char text[200];

  if (report->json != NULL) {
    signet_host_plan_json(report, application->plan);
  } else {
    signet_host_plan_show(report, application->plan);
  }
  if (application->irreversible > 0) {
    (void)snprintf(text, sizeof text,
                   "%zu write%s of the job can't be taken back: raw requests, "
                   "or changes of what nothing is known of",
                   application->irreversible,
                   application->irreversible == 1 ? "" : "s");
    signet_host_report_warning(report, text);
  }
  if (signet_plan_count(application->plan) == 0 ||
      signet_host_flag(session->host, OPTION_YES)) {
    return EXIT_DONE;
  }
  if (!signet_host_can_ask(session)) {
    return refuse(session, "without a terminal to confirm it nothing is "
                           "undone: --yes allows it");
  }
  return signet_host_ask(session, "This takes the job back, as shown. Go on?")
             ? EXIT_DONE
             : refuse(session, "the undo was not confirmed");
}

static int undo(struct host *host, const struct application_place *place,
                const struct job_entry *job)
{
  struct application application = {.type = "undo", .parent = job->id};
  signet_error error = SIGNET_ERROR_INIT;
  const struct job_entry *former =
      signet_host_apply_former(&place->jobs, "undo", job->id);
  signet_plan *plan;
  int status;

  if (former != NULL) {
    return signet_host_apply_refuse(host, "the job was undone", former);
  }
  plan = signet_undo_plan(signet_settings_get(place->settings, "state_dir"),
                          job->id, job->account, &application.irreversible,
                          &error);
  if (plan == NULL) {
    return signet_host_report_refusal(host, signet_error_kind_name(error.kind),
                                      error.message, EXIT_FAILED);
  }
  application.plan = plan;
  status = signet_host_apply_plan(host, job->id, NULL, &application);
  signet_plan_free(plan);
  return status;
}

static const struct job_entry *choose(const struct host *host,
                                      const struct application_place *place,
                                      struct job_list *list, int *status,
                                      signet_error *error)
{
  const struct job_entry *job = signet_host_jobs_find(
      host, place->settings, host->arguments.rest[0], list, status, error);

  if (job != NULL && strcmp(job->account, place->identity) != 0) {
    error->kind = SIGNET_ERROR_CONFIGURATION;
    *status = EXIT_CONFIGURATION;
    (void)snprintf(error->message, sizeof error->message,
                   "job %s works on %.150s, and these settings lead to %.150s: "
                   "name the other's --profile, --base-url or key",
                   job->id, job->account, place->identity);
    job = NULL;
  }
  return job;
}

int signet_host_undo(struct host *host)
{
  struct application_place place;
  signet_error error = SIGNET_ERROR_INIT;
  const struct job_entry *job = NULL;
  struct job_list list = {0};
  int status = signet_host_apply_place(host, &place, &error);

  if (status == EXIT_DONE) {
    job = choose(host, &place, &list, &status, &error);
  }
  status =
      job != NULL
          ? undo(host, &place, job)
          : signet_host_report_refusal(host,
                                       error.kind == SIGNET_ERROR_VALIDATION
                                           ? "usage"
                                           : signet_error_kind_name(error.kind),
                                       error.message, status);
  signet_host_jobs_free(&list);
  signet_host_apply_leave(host, &place);
  return status;
}
