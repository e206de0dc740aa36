/* SPDX-License-Identifier: MIT */
/* signet apply, and what it shares with signet plan --from and signet undo. */
#include "host/command/apply.h"

#include "host/command/commands.h"
#include "host/command/run_script.h"
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

signet_plan *signet_host_plan_of(const struct host *host,
                                 const signet_job_view *job,
                                 signet_error *error)
{
  return signet_job_plan(signet_settings_get(host->settings, "state_dir"),
                         job->id, error);
}

signet_job_type signet_host_type_of(const char *name)
{
  return signet_job_type_number(name) == SIGNET_JOB_UNDO ? SIGNET_JOB_UNDO
                                                         : SIGNET_JOB_APPLY;
}

int signet_host_apply_again(struct host *host, const signet_job_view *job)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_plan *plan = signet_host_plan_of(host, job, &error);
  const struct application application = {.carry_out = signet_host_apply_in,
                                          .type =
                                              signet_host_type_of(job->type),
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

/* ---- the file ---- */

/* The whole file. NULL: errno says why. */
static char *read_file(const char *path, size_t *length)
{
  FILE *file = fopen(path, "re");
  char *text;

  if (file == NULL)
    return NULL;
  text = signet_host_read_whole(file, PLAN_MAXIMUM, length);
  (void)fclose(file);
  return text;
}

/* @param missing  set where there is no such file, which is a mistake in usage
 */
static signet_plan *load(const char *path, bool *missing, signet_error *error)
{
  size_t length;
  char *text = read_file(path, &length);
  const char *json;
  signet_plan *plan;

  if (text == NULL) {
    *missing = true;
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
    application.type = signet_host_type_of(options.type);
    application.parent = options.parent;
  }
  return application;
}

int signet_host_apply(struct host *host)
{
  const char *path = host->arguments.rest[0];
  signet_error error = SIGNET_ERROR_INIT;
  bool missing = false;
  signet_plan *plan = load(path, &missing, &error);
  const struct application application = application_of(plan);
  int status =
      plan != NULL
          ? signet_host_apply_plan(host, path, NULL, &application)
          : signet_host_report_refusal(
                host, missing ? "usage" : signet_error_kind_name(error.kind),
                error.message,
                missing                              ? EXIT_USAGE
                : error.kind == SIGNET_ERROR_REFUSED ? EXIT_REFUSED
                                                     : EXIT_FAILED);

  signet_plan_free(plan);
  return status;
}
