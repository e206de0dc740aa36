/* SPDX-License-Identifier: MIT */
/* signet resume. */

#include "host/command/apply.h"
#include "host/output/json.h"
#include "host/output/report.h"
#include "host/session/kept.h"
#include "host/session/script.h"
#include "host/session/scripts.h"
#include "host/system/guard.h"
#include "model/text.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
  if (!signet_host_jobs_identify(settings, identity, sizeof identity, error)) {
    return NULL;
  }
  jobs = signet_host_jobs_read(settings, status, error);
  if (jobs != NULL) {
    job = signet_jobs_to_resume(jobs, identity, error);
    *status = status_of(error);
  }
  if (job != NULL) {
    (void)snprintf(id, sizeof id, "%s", job->id);
  }
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

/* The settings with the job's own options. NULL: @p error says why not */
static signet_settings *settings_of(struct host *host, struct kept *kept,
                                    const signet_job_view *job, int *status,
                                    signet_error *error)
{
  char identity[600];
  signet_settings *settings;

  signet_host_kept_merge(kept, &host->arguments);
  settings = signet_host_settings(host, error);
  *status = EXIT_CONFIGURATION;
  if (settings != NULL &&
      (!signet_host_jobs_identify(settings, identity, sizeof identity, error) ||
       !signet_host_jobs_is_of(job, identity, status, error))) {
    signet_settings_free(settings);
    settings = NULL;
  }
  return settings;
}

/* --- running it again --- */

static const char **read_arguments(const char *text, json_object **list,
                                   int *count)
{
  const char **argv;

  *list = json_tokener_parse(text);
  *count = json_object_is_type(*list, json_type_array)
               ? (int)json_object_array_length(*list)
               : 0;
  argv = calloc((size_t)*count + 1, sizeof *argv);
  for (int i = 0; argv != NULL && i < *count; i++) {
    argv[i] =
        json_object_get_string(json_object_array_get_idx(*list, (size_t)i));
  }
  return argv;
}

static void tell_which(const struct host *host, const signet_job_view *job,
                       bool recorded)
{
  char name[200], began[32];

  if (signet_host_flag(host, OPTION_QUIET)) {
    return;
  }
  signet_text_escape(name, sizeof name, job->name, strlen(job->name));
  signet_host_job_time(began, sizeof began, job->started_ms);
  (void)fprintf(stderr, "resuming job %s: %s, of %s\n", job->id, name, began);
  if (!recorded) {
    (void)fprintf(stderr, "its script was not recorded: what is open is "
                          "settled, and nothing is run\n");
  }
}

static int run_script(struct host *host, const signet_job_view *job,
                      const struct kept *kept, const char *text)
{
  char path[PATH_MAX], sentence[1200];
  json_object *list;
  struct script script = {.name = job->name,
                          .text = text,
                          .length = strlen(text),
                          .resume = job->id};
  const char **argv = read_arguments(job->arguments, &list, &script.argc);
  int status = EXIT_FAILED;

  script.argv = argv;
  /* Modules are still looked for beside the script's file. */
  script.path = kept->path;
  if (kept->folder == NULL &&
      signet_host_scripts_find(job->name, path, sizeof path, sentence,
                               sizeof sentence)) { /* of an older journal */
    script.path = path;
  }
  if (argv != NULL) {
    tell_which(host, job, *text != '\0');
    status = signet_host_run_script(host, &script);
  }
  free(argv);
  (void)json_object_put(list);
  return status;
}

/* What the script's file holds now; a pipe holds nothing a second time. NULL:
 * the job began with it, or it can't be read, and what the job has kept serves
 */
static char *changed_script(const struct kept *kept, const char *recorded)
{
  struct stat status;
  size_t length;
  char *text;

  if (kept->path == NULL || stat(kept->path, &status) != 0 ||
      !S_ISREG(status.st_mode)) {
    return NULL;
  }
  text = signet_host_scripts_read(kept->path, &length);
  if (text != NULL && strcmp(text, recorded) == 0) {
    free(text);
    return NULL;
  }
  return text;
}

static int refuse_changed(struct host *host, const signet_job_view *job,
                          const char *path)
{
  char shown[200], sentence[600];

  signet_text_escape(shown, sizeof shown, path, strlen(path));
  (void)snprintf(sentence, sizeof sentence,
                 "%s has changed since job %s ran it, and a job goes on with "
                 "what it began with: put it back, or give --new-input to take "
                 "it as it is now",
                 shown, job->id);
  return signet_host_report_refusal(host, "refused", sentence, EXIT_REFUSED);
}

static int run_recorded(struct host *host, const signet_job_view *job,
                        const struct kept *kept, const char *recorded)
{
  char *changed = changed_script(kept, recorded);
  int status;

  if (changed != NULL && !signet_host_flag(host, OPTION_NEW_INPUT)) {
    status = refuse_changed(host, job, kept->path);
  } else {
    status = run_script(host, job, kept, changed != NULL ? changed : recorded);
  }
  free(changed);
  return status;
}

static int run_again(struct host *host, const signet_job_view *job,
                     const struct kept *kept)
{
  char *text;
  signet_error error = SIGNET_ERROR_INIT;
  int status;

  if (!signet_job_read_script(signet_settings_get(host->settings, "state_dir"),
                              job->id, &text, &error)) {
    return signet_host_report_refusal(host, signet_error_kind_name(error.kind),
                                      error.message, EXIT_FAILED);
  }
  status = text != NULL ? run_recorded(host, job, kept, text)
                        : run_script(host, job, kept, "");
  signet_job_text_free(text);
  return status;
}

static int nothing_to_do(struct host *host, const signet_job_view *job,
                         const char *sentence)
{
  const signet_counts counts = {
      (uint64_t)job->counts.done, (uint64_t)job->counts.failed,
      (uint64_t)job->counts.skipped, (uint64_t)job->counts.unknown,
      (uint64_t)job->counts.waiting};
  struct report report;

  signet_host_report_begin(&report, host, false);
  signet_host_report_note(&report, sentence);
  report.job = job->id;
  if (report.json != NULL) {
    signet_host_report_end(&report, &counts, false);
  }
  return EXIT_DONE;
}

static int resume(struct host *host, const signet_job_view *job,
                  const struct kept *kept)
{
  signet_error error = SIGNET_ERROR_INIT;

  switch (signet_job_how_to_resume(job, &error)) {
  case SIGNET_RESUMES_SCRIPT:
    return run_again(host, job, kept);
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
  signet_settings *settings = NULL;
  int status = EXIT_CONFIGURATION;
  signet_jobs *jobs = look_first(host, &kept, &status, &error);
  const signet_job_view *job = jobs != NULL ? signet_jobs_at(jobs, 0) : NULL;

  if (job != NULL && !signet_host_kept_enter(&kept, host, &error)) {
    job = NULL;
    status = EXIT_REFUSED;
  }
  if (job != NULL) {
    settings = settings_of(host, &kept, job, &status, &error);
  }
  signet_host_wipe_environment();
  host->settings = settings;
  status =
      settings != NULL
          ? resume(host, job, &kept)
          : signet_host_report_refusal(host,
                                       error.kind == SIGNET_ERROR_VALIDATION
                                           ? "usage"
                                           : signet_error_kind_name(error.kind),
                                       error.message, status);
  host->settings = NULL;
  signet_jobs_free(jobs);
  signet_settings_free(settings);
  signet_host_kept_free(&kept);
  return status;
}
