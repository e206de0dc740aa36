/* SPDX-License-Identifier: MIT */
/* signet jobs, and which job show, resume and undo are about. */

#include "host/command/jobs.h"

#include "host/command/commands.h"
#include "host/command/jobs_table.h"
#include "host/output/json.h"
#include "host/session/advice.h"
#include "host/session/kept.h"
#include "host/session/loss.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- reading --- */

static const char *state_dir(const signet_settings *settings, int *status,
                             signet_error *error)
{
  const char *folder = signet_settings_get(settings, "state_dir");

  if (folder == NULL) {
    error->kind = SIGNET_ERROR_CONFIGURATION;
    *status = EXIT_CONFIGURATION;
    (void)snprintf(error->message, sizeof error->message,
                   "there is no state directory: set HOME, or give "
                   "--state-dir DIRECTORY");
  }
  return folder;
}

signet_jobs *signet_host_jobs_read(const signet_settings *settings, int *status,
                                   signet_error *error)
{
  const char *folder = state_dir(settings, status, error);
  signet_jobs *jobs =
      folder != NULL ? signet_jobs_read(folder, NULL, error) : NULL;

  if (folder != NULL)
    *status = jobs != NULL ? EXIT_DONE : signet_host_status(error->kind);
  return jobs;
}

bool signet_host_jobs_identify(const signet_settings *settings, char *identity,
                               size_t size, signet_error *error)
{
  signet_account_options options;
  signet_loop *loop = signet_loop_new();
  signet_account *account =
      loop != NULL && signet_settings_options(settings, &options, error)
          ? signet_account_open(loop, &options, error)
          : NULL;

  signet_settings_locate(settings, error);
  if (account != NULL)
    (void)snprintf(identity, size, "%s", signet_account_identity(account));
  signet_account_close(account);
  signet_loop_free(loop);
  return account != NULL;
}

signet_jobs *signet_host_jobs_find(const struct host *host,
                                   const signet_settings *settings,
                                   const char *word, int *status,
                                   signet_error *error)
{
  const char *folder = state_dir(settings, status, error);
  signet_jobs *jobs =
      folder != NULL ? signet_jobs_read_one(folder, word, error) : NULL;
  size_t length = strlen(error->message);
  char command[ADVICE_SIZE];

  if (jobs != NULL || folder == NULL)
    return jobs;
  *status = signet_host_status(error->kind);
  if (error->kind == SIGNET_ERROR_VALIDATION) {
    *status = EXIT_USAGE;
    signet_host_advice(host, COMMAND_JOBS, NULL, command, sizeof command);
    (void)snprintf(error->message + length, sizeof error->message - length,
                   "; %s lists them", command);
  }
  return NULL;
}

bool signet_host_jobs_is_of(const signet_job_view *job, const char *identity,
                            int *status, signet_error *error)
{
  size_t length;

  if (signet_job_is_of(job, identity, error))
    return true;
  *status = EXIT_CONFIGURATION;
  length = strlen(error->message);
  (void)snprintf(error->message + length, sizeof error->message - length,
                 ": name the other's --profile, --base-url or key");
  return false;
}

/* The profile that the script of a job named for the job's account, or that of
 * the job which this one takes back. NULL: none */
static char *profile_of(const char *folder, const signet_job_view *job)
{
  signet_error ignored = SIGNET_ERROR_INIT;
  char type[640], *profile = NULL;

  (void)snprintf(type, sizeof type, "profile:%s", job->account);
  if (!signet_job_read_input(folder, job->id, type, &profile, &ignored) ||
      profile != NULL || job->parent == NULL)
    return profile;
  (void)signet_job_read_input(folder, job->parent, type, &profile, &ignored);
  return profile;
}

static signet_settings *settings_with(struct host *other, char *profile,
                                      signet_error *error)
{
  other->arguments.times[OPTION_BASE_URL] = 0;
  other->arguments.times[OPTION_API] = 0;
  other->arguments.times[OPTION_PROFILE] = 1;
  other->arguments.values[OPTION_PROFILE] = profile;
  return signet_host_settings_first(other, error);
}

/* With the profile that the job's script named, else with the options that the
 * job was begun with. */
static signet_settings *settings_of_job(const struct host *host,
                                        const char *folder,
                                        const signet_job_view *job,
                                        signet_error *error)
{
  struct host other = *host;
  struct kept kept = {0};
  char *profile = profile_of(folder, job);
  signet_settings *settings = NULL;

  other.settings = NULL;
  if (profile != NULL) {
    settings = settings_with(&other, profile, error);
  } else if (signet_host_kept_read(&kept, folder, job->id, error)) {
    signet_host_kept_merge(&kept, &other.arguments);
    settings = signet_host_settings_first(&other, error);
  }
  signet_host_kept_free(&kept);
  signet_job_text_free(profile);
  return settings;
}

static bool lead_to(const signet_settings *settings, const signet_job_view *job,
                    int *status, signet_error *error)
{
  char identity[600];

  *status = EXIT_CONFIGURATION;
  return signet_host_jobs_identify(settings, identity, sizeof identity,
                                   error) &&
         signet_host_jobs_is_of(job, identity, status, error);
}

bool signet_host_jobs_account(const struct host *host,
                              const signet_settings *settings,
                              const signet_job_view *job, bool named,
                              signet_settings **own, int *status,
                              signet_error *error)
{
  signet_error other = SIGNET_ERROR_INIT;
  int ignored;

  *own = NULL;
  if (lead_to(settings, job, status, error))
    return true;
  if (!named) {
    *own = settings_of_job(host, signet_settings_get(settings, "state_dir"),
                           job, &other);
  }
  if (*own != NULL && !lead_to(*own, job, &ignored, &other)) {
    signet_settings_free(*own);
    *own = NULL;
  }
  return *own != NULL;
}

bool signet_host_jobs_names_account(const struct arguments *arguments)
{
  return arguments->times[OPTION_PROFILE] > 0 ||
         arguments->times[OPTION_BASE_URL] > 0 ||
         arguments->times[OPTION_API] > 0;
}

/* --- showing --- */

static void add_text(json_object *object, const char *name, const char *text)
{
  signet_host_json_text(object, name, text, strlen(text));
}

static void print_losses(const signet_jobs *jobs)
{
  char clause[LOSS_SIZE];

  for (size_t i = 0; i < signet_jobs_count(jobs); i++) {
    const signet_job_view *job = signet_jobs_at(jobs, i);

    if (job->loss.lost) {
      signet_host_loss_clause(&job->loss, clause, sizeof clause);
      (void)printf("the journal of job %s is damaged: %s\n", job->id, clause);
    }
  }
}

static void add_number(json_object *object, const char *name, int64_t number)
{
  (void)json_object_object_add(object, name, json_object_new_int64(number));
}

static void add_counts(json_object *object, const signet_job_counts *counts)
{
  signet_host_json_counts(object, &(signet_counts){(uint64_t)counts->done,
                                                   (uint64_t)counts->failed,
                                                   (uint64_t)counts->skipped,
                                                   (uint64_t)counts->unknown,
                                                   (uint64_t)counts->waiting});
}

/* What is known of a job that runs beside what stands in the journal. */
static void add_running(json_object *object, const signet_job_view *job)
{
  const signet_job_running *running = job->running;

  if (*running->host != '\0') {
    add_text(object, "host", running->host);
    add_number(object, "process", running->process);
    add_number(object, "since_ms", running->since_ms);
    add_text(object, "waits_for", running->waits);
  }
  add_text(object, "journal", job->journal);
}

static void print_busy_json(const char *journal)
{
  json_object *object = signet_host_json_event("job");

  (void)json_object_object_add(object, "job", NULL);
  add_text(object, "state", signet_job_state_name(SIGNET_JOB_RUNNING));
  add_text(object, "journal", journal);
  (void)signet_host_json_write(stdout, object);
}

static void print_busy(const char *journal)
{
  (void)fputs("a job is running and holds ", stdout);
  signet_host_write_safe(stdout, journal, strlen(journal));
  (void)putchar('\n');
}

static void print_running(const signet_job_view *job)
{
  char process[400];

  if (!signet_job_process(job, process, sizeof process))
    return;
  (void)printf("job %s is %s", job->id, process);
  if (*job->running->waits != '\0') {
    (void)fputs(", and waits for ", stdout);
    signet_host_write_safe(stdout, job->running->waits,
                           strlen(job->running->waits));
  }
  (void)putchar('\n');
}

static void print_json(const signet_job_view *job)
{
  json_object *object = signet_host_json_event("job");
  json_object *arguments = json_tokener_parse(job->arguments);

  add_text(object, "job", job->id);
  add_text(object, "type", job->type);
  add_text(object, "name", job->name);
  add_text(object, "state", job->state);
  add_text(object, "account", job->account);
  if (*job->parent != '\0')
    add_text(object, "parent", job->parent);
  (void)json_object_object_add(object, "arguments", arguments);
  (void)json_object_object_add(object, "started_ms",
                               json_object_new_int64(job->started_ms));
  (void)json_object_object_add(object, "ended_ms",
                               json_object_new_int64(job->ended_ms));
  (void)json_object_object_add(object, "writes",
                               json_object_new_int64(job->writes));
  add_counts(object, &job->counts);
  if (job->running != NULL)
    add_running(object, job);
  signet_host_loss_json(object, &job->loss);
  (void)signet_host_json_write(stdout, object);
}

static void print_all_json(const signet_jobs *jobs)
{
  const char *journal;

  for (size_t i = 0; (journal = signet_jobs_busy_at(jobs, i)) != NULL; i++)
    print_busy_json(journal);
  for (size_t i = 0; i < signet_jobs_count(jobs); i++)
    print_json(signet_jobs_at(jobs, i));
}

static bool print_jobs(const struct host *host, const signet_jobs *jobs)
{
  const char *journal;

  if (signet_host_flag(host, OPTION_JSON)) {
    print_all_json(jobs);
    return true;
  }
  if (!signet_host_jobs_table(host, jobs))
    return false;
  for (size_t i = 0; i < signet_jobs_count(jobs); i++)
    print_running(signet_jobs_at(jobs, i));
  for (size_t i = 0; (journal = signet_jobs_busy_at(jobs, i)) != NULL; i++)
    print_busy(journal);
  print_losses(jobs);
  return true;
}

int signet_host_jobs(struct host *host)
{
  signet_error error = SIGNET_ERROR_INIT;
  signet_settings *settings = signet_host_settings(host, &error);
  signet_jobs *jobs = NULL;
  int status = EXIT_CONFIGURATION;

  if (settings != NULL)
    jobs = signet_host_jobs_read(settings, &status, &error);
  if (status != EXIT_DONE) {
    signet_host_error(host, error.message);
  } else if ((!print_jobs(host, jobs) || fflush(stdout) != 0) &&
             !signet_host_output_left(stdout)) {
    signet_host_error(host, "the list could not be written");
    status = EXIT_FAILED;
  }
  signet_jobs_free(jobs);
  signet_settings_free(settings);
  return status;
}
