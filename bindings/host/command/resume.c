/* SPDX-License-Identifier: MIT */
/* signet resume. */

#include "host/command/apply.h"
#include "host/command/commands.h"
#include "host/command/jobs.h"
#include "host/command/run_script.h"
#include "host/output/json.h"
#include "host/output/report_event.h"
#include "host/session/kept.h"
#include "host/session/script.h"
#include "host/system/guard.h"
#include "model/text.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* --- which job --- */

static int status_of(const signet_error *error)
{
  switch (error->kind) {
  case SIGNET_ERROR_VALIDATION:
    return EXIT_USAGE;
  case SIGNET_ERROR_REFUSED:
    return EXIT_REFUSED;
  case SIGNET_ERROR_CONFIGURATION:
    return EXIT_CONFIGURATION;
  default:
    return EXIT_FAILED;
  }
}

static signet_jobs *choose(const struct host *host,
                           const signet_settings *settings, int *status,
                           signet_error *error)
{
  char identity[600], id[SIGNET_JOB_ID_ROOM];
  signet_jobs *jobs;
  const signet_job_view *job = NULL;

  if (host->arguments.count > 0) {
    return signet_host_jobs_find(host, settings, host->arguments.rest[0],
                                 status, error);
  }
  *status = EXIT_CONFIGURATION;
  if (!signet_host_jobs_identify(settings, identity, sizeof identity, error))
    return NULL;
  jobs = signet_host_jobs_read(settings, status, error);
  if (jobs != NULL) {
    job = signet_jobs_to_resume(jobs, identity, error);
    *status =
        error->kind == SIGNET_ERROR_VALIDATION ? EXIT_DONE : status_of(error);
  }
  if (job != NULL)
    (void)snprintf(id, sizeof id, "%s", job->id);
  signet_jobs_free(jobs);
  return job != NULL ? signet_host_jobs_find(host, settings, id, status, error)
                     : NULL;
}

/* Which job it is, from the settings of the command line alone. */
static signet_jobs *look_first(struct host *host, struct kept *kept,
                               int *status, signet_error *error)
{
  signet_settings *settings = signet_host_settings_first(host, error);
  signet_jobs *jobs =
      settings != NULL ? choose(host, settings, status, error) : NULL;

  if (jobs != NULL &&
      !signet_host_kept_read(kept, signet_settings_get(settings, "state_dir"),
                             signet_jobs_at(jobs, 0)->id, error)) {
    signet_jobs_free(jobs);
    jobs = NULL;
    *status = EXIT_FAILED;
  }
  signet_settings_free(settings);
  return jobs;
}

/* The settings with the job's own options. NULL: @p error says why not
 * @param own  of the account, where the job's script named its profile */
static signet_settings *settings_of(struct host *host, struct kept *kept,
                                    const signet_job_view *job,
                                    signet_settings **own, int *status,
                                    signet_error *error)
{
  bool named = signet_host_jobs_names_account(&host->arguments);
  signet_settings *settings;

  signet_host_kept_merge(kept, &host->arguments);
  settings = signet_host_settings_first(host, error);
  *status = EXIT_CONFIGURATION;
  if (settings != NULL && !signet_host_jobs_account(host, settings, job, named,
                                                    own, status, error)) {
    signet_settings_free(settings);
    settings = NULL;
  }
  return settings;
}

/* --- running it again --- */

static void tell_which(const struct host *host, const signet_job_view *job,
                       bool recorded)
{
  char name[200], began[32];

  if (signet_host_flag(host, OPTION_QUIET))
    return;
  signet_text_escape(name, sizeof name, job->name, strlen(job->name));
  signet_host_job_time(began, sizeof began, job->started_ms);
  (void)fprintf(stderr, "resuming job %s: %s, of %s\n", job->id, name, began);
  if (!recorded) {
    (void)fprintf(stderr, "its script was not recorded: what is open is "
                          "settled, and nothing is run\n");
  }
}

static int run_again(struct host *host, const signet_job_view *job)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_script *code = signet_script_of_job(
      signet_settings_get(host->settings, "state_dir"), job,
      signet_host_flag(host, OPTION_NEW_INPUT), &error);
  const struct script script = {
      .name = job->name, .code = code, .resume = job->id};
  signet_script_about about;
  int status;

  if (code == NULL) {
    return signet_host_report_refusal(
        host, signet_error_kind_name(error.kind), error.message,
        error.kind == SIGNET_ERROR_REFUSED ? EXIT_REFUSED : EXIT_FAILED);
  }
  signet_script_describe(code, &about);
  tell_which(host, job, about.length > 0);
  status = signet_host_run_script(host, &script);
  signet_script_free(code);
  return status;
}

/* @param job  NULL: there is none to resume */
static int nothing_to_do(struct host *host, const signet_job_view *job,
                         const char *sentence)
{
  signet_counts counts = {0};
  struct report report;

  if (job != NULL) {
    counts = (signet_counts){
        (uint64_t)job->counts.done, (uint64_t)job->counts.failed,
        (uint64_t)job->counts.skipped, (uint64_t)job->counts.unknown,
        (uint64_t)job->counts.waiting};
  }

  signet_host_report_begin(&report, host, false);
  signet_host_report_note(&report, sentence);
  report.job = job != NULL ? job->id : NULL;
  if (report.json != NULL)
    signet_host_report_end(&report, &counts, false);
  return EXIT_DONE;
}

static int resume(struct host *host, const signet_job_view *job)
{
  signet_error error = SIGNET_ERROR_INIT;

  switch (signet_job_how_to_resume(job, &error)) {
  case SIGNET_RESUMES_SCRIPT:
    return run_again(host, job);
  case SIGNET_RESUMES_NOTHING:
    return nothing_to_do(host, job, error.message);
  case SIGNET_RESUMES_NOT:
    return signet_host_report_refusal(host, "refused", error.message,
                                      EXIT_REFUSED);
  default:
    tell_which(host, job, true);
    return signet_host_apply_again(host, job);
  }
}

int signet_host_resume(struct host *host)
{
  struct kept kept = {0};
  signet_error error = SIGNET_ERROR_INIT;
  signet_settings *settings = NULL, *own = NULL;
  int status = EXIT_CONFIGURATION;
  signet_jobs *jobs = look_first(host, &kept, &status, &error);
  const signet_job_view *job = jobs != NULL ? signet_jobs_at(jobs, 0) : NULL;

  if (job != NULL && !signet_host_kept_enter(&kept, host, &error)) {
    job = NULL;
    status = EXIT_REFUSED;
  }
  if (job != NULL)
    settings = settings_of(host, &kept, job, &own, &status, &error);
  signet_host_wipe_environment();
  host->settings = settings;
  host->own = own;
  status =
      settings != NULL ? resume(host, job)
      : status == EXIT_DONE
          ? nothing_to_do(host, NULL, error.message)
          : signet_host_report_refusal(host,
                                       error.kind == SIGNET_ERROR_VALIDATION
                                           ? "usage"
                                           : signet_error_kind_name(error.kind),
                                       error.message, status);
  host->settings = NULL;
  host->own = NULL;
  signet_jobs_free(jobs);
  signet_settings_free(settings);
  signet_settings_free(own);
  signet_host_kept_free(&kept);
  return status;
}
