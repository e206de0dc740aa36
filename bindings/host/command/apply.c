/* SPDX-License-Identifier: MIT */
/* signet apply, signet plan --from, and what they share with signet undo. */
#include "host/command/apply.h"

#include "host/session/advice.h"
#include "host/session/job.h"
#include "host/system/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const size_t PLAN_MAXIMUM = (size_t)1 << 30;

/* ---- carrying it out ---- */

int signet_host_apply_plan(struct host *host, const char *name,
                           const char *resume,
                           const struct application *application)
{
  const struct script script = {
      .name = name, .resume = resume, .application = application};

  return signet_host_run_script(host, &script);
}

static signet_plan *plan_of(const struct host *host, const signet_job_view *job,
                            signet_error *error)
{
  return signet_job_plan(signet_settings_get(host->settings, "state_dir"),
                         job->id, error);
}

static signet_job_type type_of(const char *name)
{
  return signet_job_type_number(name) == SIGNET_JOB_UNDO ? SIGNET_JOB_UNDO
                                                         : SIGNET_JOB_APPLY;
}

int signet_host_apply_again(struct host *host, const signet_job_view *job)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_plan *plan = plan_of(host, job, &error);
  const struct application application = {.carry_out = signet_host_apply_in,
                                          .type = type_of(job->type),
                                          .parent = job->parent,
                                          .plan = plan};
  int status;

  if (plan == NULL) {
    return signet_host_report_refusal(host, signet_error_kind_name(error.kind),
                                      error.message, EXIT_FAILED);
  }
  signet_plan_drop_text(plan); /* the journal has it */
  status = signet_host_apply_plan(host, job->name, job->id, &application);
  signet_plan_free(plan);
  return status;
}

/* ---- what is left of it ---- */

/* How to come to what is left of such a job. */
static int refuse_rest(struct host *host, const signet_job_view *job,
                       signet_job_rest rest, const signet_error *error)
{
  char sentence[ADVICE_SIZE + 600], command[ADVICE_SIZE];

  signet_host_advice(host, COMMAND_RESUME, job->id, command, sizeof command);
  if (rest == SIGNET_REST_CONTINUED) {
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
                                    .type = type_of(job->type),
                                    .from = job->id};
  signet_job_rest rest = signet_job_what_is_left(job, &error);
  signet_plan *plan;
  int status;

  if (rest != SIGNET_REST_PLAN) {
    return refuse_rest(host, job, rest, &error);
  }
  plan = plan_of(host, job, &error);
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

/* ---- the file ---- */

/* The whole file. NULL: errno says why. */
static char *read_file(const char *path, size_t *length)
{
  FILE *file = fopen(path, "re");
  char *text;

  if (file == NULL) {
    return NULL;
  }
  text = signet_host_read_whole(file, PLAN_MAXIMUM, length);
  (void)fclose(file);
  return text;
}

static signet_plan *load(const char *path, signet_error *error)
{
  size_t length;
  char *text = read_file(path, &length);
  const char *json;
  signet_plan *plan;

  if (text == NULL) {
    error->kind = SIGNET_ERROR_VALIDATION;
    (void)snprintf(error->message, sizeof error->message,
                   "%.300s can't be read: %s", path, strerror(errno));
    return NULL;
  }
  json = signet_host_skip_mark(text);
  plan = signet_plan_load(json, length - (size_t)(json - text), error);
  free(text);
  return plan;
}

static struct application application_of(signet_plan *plan)
{
  struct application application = {.carry_out = signet_host_apply_in,
                                    .plan = plan};
  signet_job_options options = SIGNET_JOB_OPTIONS_INIT;

  if (plan != NULL) {
    signet_plan_job_options(plan, &options);
    application.type = type_of(options.type);
    application.parent = options.parent;
  }
  return application;
}

int signet_host_apply(struct host *host)
{
  const char *path = host->arguments.rest[0];
  signet_error error = SIGNET_ERROR_INIT;
  signet_plan *plan = load(path, &error);
  const struct application application = application_of(plan);
  int status =
      plan != NULL
          ? signet_host_apply_plan(host, path, NULL, &application)
          : signet_host_report_refusal(
                host, signet_error_kind_name(error.kind), error.message,
                error.kind == SIGNET_ERROR_REFUSED ? EXIT_REFUSED
                                                   : EXIT_FAILED);

  signet_plan_free(plan);
  return status;
}
