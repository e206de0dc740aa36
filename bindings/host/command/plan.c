/* SPDX-License-Identifier: MIT */
/* signet plan: a dry run of a script, or of what a job's plan has left. */
#include "host/command/apply.h"
#include "host/command/commands.h"
#include "host/command/jobs.h"
#include "host/session/advice.h"

/* How to come to what is left of such a job. */
static int refuse_rest(struct host *host, const signet_job_view *job,
                       signet_job_rest rest, const signet_error *error)
{
  char sentence[ADVICE_SIZE + 600], command[ADVICE_SIZE];

  signet_error ended = SIGNET_ERROR_INIT;

  signet_host_advice(host, COMMAND_RESUME, job->id, command, sizeof command);
  if (rest == SIGNET_REST_NO_PLAN &&
      signet_job_how_to_resume(job, &ended) != SIGNET_RESUMES_SCRIPT) {
    (void)snprintf(sentence, sizeof sentence, "%s", error->message);
  } else if (rest == SIGNET_REST_CONTINUED) {
    (void)snprintf(sentence, sizeof sentence,
                   "%s, which signet jobs lists: give that one",
                   error->message);
  } else {
    (void)snprintf(sentence, sizeof sentence, "%s; to %s: %s", error->message,
                   rest == SIGNET_REST_LOST ? "find it" : "go on with it",
                   command);
  }
  return rest == SIGNET_REST_NO_PLAN
             ? signet_host_report_refusal(host, "usage", sentence, EXIT_USAGE)
             : signet_host_report_refusal(host, "refused", sentence,
                                          EXIT_REFUSED);
}

static int plan_from(struct host *host, const signet_job_view *job)
{
  signet_error error = SIGNET_ERROR_INIT;
  struct application application = {.carry_out = signet_host_apply_in,
                                    .type = signet_host_type_of(job->type),
                                    .from = job->id};
  signet_job_rest rest = signet_job_what_is_left(job, &error);
  signet_plan *plan;
  int status;

  if (rest != SIGNET_REST_PLAN)
    return refuse_rest(host, job, rest, &error);
  plan = signet_host_plan_of(host, job, &error);
  application.plan = plan;
  status =
      plan != NULL
          ? signet_host_apply_plan(host, job->name, NULL, &application)
          : signet_host_report_refusal(host, signet_error_kind_name(error.kind),
                                       error.message, EXIT_FAILED);
  signet_plan_free(plan);
  return status;
}

static int plan_what_is_left(struct host *host)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_settings *settings = signet_host_settings(host, &error);
  signet_jobs *jobs = NULL;
  int status = EXIT_CONFIGURATION;

  if (settings != NULL) {
    jobs = signet_host_jobs_find(
        host, settings, host->arguments.values[OPTION_FROM], &status, &error);
  }
  host->settings = settings; /* the environment holds no secret any more */
  status =
      jobs != NULL
          ? plan_from(host, signet_jobs_at(jobs, 0))
          : signet_host_report_refusal(host, signet_error_kind_name(error.kind),
                                       error.message, status);
  host->settings = NULL;
  signet_jobs_free(jobs);
  signet_settings_free(settings);
  return status;
}

int signet_host_plan(struct host *host)
{
  return host->arguments.values[OPTION_FROM] != NULL ? plan_what_is_left(host)
                                                     : signet_host_run(host);
}
